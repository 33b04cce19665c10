"""
Who asks.
"""

from __future__ import annotations

from typing import Optional

from pachgw.objects.interfaces import IObjects
from pachgw.objects.values import Caller
from pachgw.s3.authorization import read_credentials
from pachgw.s3.credentials import Verified
from pachgw.s3.errors import AccessDenied
from pachgw.s3.request_head import RequestHead

NOBODY = Caller()


async def identify(objects: IObjects, head: RequestHead, now: float) -> tuple[Caller, Optional[Verified]]:
    """
    Find out who a request comes from. With auth off in PFS credentials are not looked at. With auth on, access key and secret key are both
    the Pachyderm token.

    @param now: seconds since the epoch.
    @return: the caller, and the signature if one was checked.
    @raise S3Error: C{AccessDenied} without credentials, and whatever is wrong with those that there are.
    """
    if not await objects.auth_required():
        _check_origin(head)
        return NOBODY, None
    credentials = read_credentials(head, now)
    token = credentials.access_key
    if token is None:
        raise AccessDenied("Anonymous access is not allowed. Sign the request; access key and secret key are both your Pachyderm token.")
    verified = credentials.verify(token)
    return await objects.authenticate(token), verified


def _check_origin(head: RequestHead) -> None:
    """
    Refuse what a page of another site has a browser do. Without auth the gateway is open to all who reach it, and a browser reaches what
    is on its own machine for any page. A browser asks first (a preflight, which is refused) for all but reads, which the page cannot
    see, and POST, which would delete objects.

    @raise AccessDenied: it is a POST, and its C{Origin} (RFC 6454, section 7) is another host.
    """
    origin = head.header("origin")
    if head.method == "POST" and origin is not None and origin.partition("://")[2] != head.header("host"):
        raise AccessDenied("Pages of other sites may not do this. Sign requests with auth switched on, or leave out the Origin header.")
