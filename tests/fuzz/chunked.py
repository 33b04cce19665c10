"""
The framing C{aws-chunked}: no body may break it, the cuts in which it comes change nothing, and nothing piles up.

The first byte chooses the form, the second the size of the pieces.
"""

from __future__ import annotations

from typing import Union

from pachgw.s3.errors import S3Error
from pachgw.s3.payload import PayloadCheck
from tests.s3.chunk_encoder import SIGNED, SIGNED_TRAILER, SIGNER, UNSIGNED_TRAILER, VERIFIED, decode, encode, put

_CRC = ("x-amz-checksum-crc32", "NSRBwg==")
_FORMS = (
    (put(SIGNED), VERIFIED),
    (put(SIGNED_TRAILER, x_amz_trailer=_CRC[0]), VERIFIED),
    (put(SIGNED_TRAILER, x_amz_trailer=_CRC[0]), None),
    (put(UNSIGNED_TRAILER, x_amz_trailer=_CRC[0]), None),
    (put(UNSIGNED_TRAILER, x_amz_decoded_content_length="3"), None),
)

SEEDS = (
    b"\x00\x07" + encode([b"a", b"bc"], SIGNER),
    b"\x01\x03" + encode([b"abc"], SIGNER, [_CRC], like_minio=True),
    b"\x02\x05" + encode([b"abc"], SIGNER, [_CRC]),
    b"\x03\x01" + encode([b"abc"], None, [_CRC]),
    b"\x04\x02" + encode([b"abc"]),
)


def _outcome(form: int, body: bytes, size: int) -> Union[bytes, str]:
    head, verified = _FORMS[form]
    try:
        return decode(PayloadCheck(head, verified), body, [size] * (len(body) // size))
    except S3Error as error:
        assert error.status < 500, error.code
        return error.code


def fuzz_one(data: bytes) -> None:
    """
    Decode a body at once and in pieces.
    """
    if len(data) < 2:
        return
    form, size, body = data[0] % len(_FORMS), data[1] + 1, data[2:]
    whole = _outcome(form, body, len(body) + 1)
    assert whole == _outcome(form, body, size), "the cuts matter"
    assert len(whole) <= max(len(body), 30), "more came out than went in"
