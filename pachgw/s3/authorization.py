"""
Which kind of credentials a request carries.
"""

from __future__ import annotations

from pachgw.s3 import errors, signature_v2, signature_v4
from pachgw.s3.credentials import Anonymous, Credentials
from pachgw.s3.errors import InvalidArgument
from pachgw.s3.request_head import RequestHead

_V4_QUERY = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature")
_V2_QUERY = ("Signature", "AWSAccessKeyId")


def read_credentials(head: RequestHead, now: float) -> Credentials:
    """
    Read who a request says it comes from, and check the form and the time of that claim. The signature is left to
    L{Credentials.verify}, since the secret is not known yet.

    @param now: seconds since the epoch.
    @raise S3Error: for a claim that cannot be true, whatever the secret.
    """
    authorization = head.header("authorization") or ""
    in_v4_query = any(head.parameter(name) is not None for name in _V4_QUERY)
    in_v2_query = any(head.parameter(name) is not None for name in _V2_QUERY)
    if bool(authorization) + in_v4_query + in_v2_query > 1:
        raise InvalidArgument(
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter "
            "or the Authorization header should be specified",
            ArgumentName="Authorization",
        )
    if in_v4_query:
        return signature_v4.read_query(head, now)
    if in_v2_query:
        return signature_v2.read_query(head, now)
    return _read_header(head, authorization, now) if authorization else Anonymous()


def _read_header(head: RequestHead, authorization: str, now: float) -> Credentials:
    scheme = authorization.partition(" ")[0]
    if scheme == signature_v4.ALGORITHM:
        return signature_v4.read_header(head, now)
    if scheme == signature_v2.SCHEME:
        return signature_v2.read_header(head, now)
    if scheme == "AWS4-ECDSA-P256-SHA256":
        raise errors.NotImplemented("Signature version 4A is not implemented; sign with AWS4-HMAC-SHA256")
    raise InvalidArgument("Unsupported Authorization Type", ArgumentName="Authorization", ArgumentValue=scheme)
