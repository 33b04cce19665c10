"""
Reading credentials: no request may break it, and none is accepted with a secret that did not sign it.
"""

from __future__ import annotations

from botocore.auth import HmacV1Auth, HmacV1QueryAuth, S3SigV4Auth, S3SigV4QueryAuth

from pachgw.s3.authorization import read_credentials
from pachgw.s3.errors import S3Error, SignatureDoesNotMatch
from tests.fuzz.heads import format_head, parse_head
from tests.s3.botocore_signer import NOW, TOKEN, sign, url_of

_URL = url_of("a key", {"acl": "", "prefix": "ä+b"})
_HEADERS = {"x-amz-meta-a": "b", "content-type": "text/plain"}
_V4 = {"service_name": "s3", "region_name": "us-east-1"}

SEEDS = tuple(
    format_head(head)
    for head in (
        sign(S3SigV4Auth, "PUT", _URL, _HEADERS, **_V4),
        sign(S3SigV4QueryAuth, "GET", _URL, {}, expires=60, **_V4),
        sign(HmacV1Auth, "PUT", _URL, _HEADERS),
        sign(HmacV1QueryAuth, "GET", _URL, {}, expires=60),
    )
)


def fuzz_one(data: bytes) -> None:
    """
    Read and check the credentials of a request.
    """
    try:
        credentials = read_credentials(parse_head(data), NOW)
    except S3Error as error:
        assert error.status < 500 or error.code == "NotImplemented", error.code
        return
    if credentials.access_key is None:
        return
    try:
        credentials.verify("another" + TOKEN)
    except SignatureDoesNotMatch as error:
        assert error.elements["StringToSign"]
        return
    raise AssertionError("accepted with a secret that did not sign it")
