"""
Which kind of credentials a request carries.
"""

from __future__ import annotations

from pachgw.s3 import signature_v4
from pachgw.s3.credentials import Anonymous, Credentials
from pachgw.s3.errors import InvalidArgument
from pachgw.s3.request_head import RequestHead

_V4_QUERY = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature")


def read_credentials(head: RequestHead, now: float) -> Credentials:
    """
    Read who a request says it comes from, and check the form and the time of that claim. The signature is left to
    L{Credentials.verify}, since the secret is not known yet.

    @param now: seconds since the epoch.
    @raise S3Error: for a claim that cannot be true, whatever the secret.
    """
    authorization = head.header("authorization") or ""
    presigned_v4 = any(head.parameter(name) is not None for name in _V4_QUERY)
    if authorization and presigned_v4:
        raise InvalidArgument(
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter "
            "or the Authorization header should be specified",
            ArgumentName="Authorization",
        )
    if presigned_v4:
        return signature_v4.read_query(head, now)
    if not authorization:
        return Anonymous()
    scheme = authorization.partition(" ")[0]
    if scheme == signature_v4.ALGORITHM:
        return signature_v4.read_header(head, now)
    raise InvalidArgument("Unsupported Authorization Type", ArgumentName="Authorization", ArgumentValue=scheme)
