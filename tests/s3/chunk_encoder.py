"""
Bodies in the framing C{aws-chunked}, as clients make them.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Optional

from pachgw.s3.chunk_signature import ChunkSigner
from pachgw.s3.credentials import Verified
from pachgw.s3.payload import PayloadCheck
from pachgw.s3.request_head import RequestHead
from pachgw.s3.signature_v4 import Scope

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

TIMESTAMP = "20251126T113640Z"
SCOPE = Scope("20251126", "us-east-1")
SIGNER = ChunkSigner(SCOPE.key("secret"), TIMESTAMP, str(SCOPE), "5eed" * 16)
VERIFIED = Verified("secret", SIGNER)


def encode(
    chunks: Iterable[bytes], signer: Optional[ChunkSigner] = None, trailer: Iterable[tuple[str, str]] = (), like_minio: bool = False
) -> bytes:
    """
    A body in chunks.

    @param chunks: none of them empty.
    @param signer: signs each chunk and the trailer.
    @param like_minio: end the lines of the trailer as minio-go does.
    """
    body = bytearray()
    previous = signer.seed if signer else ""
    for chunk in (*chunks, b""):
        extension = ""
        if signer:
            previous = signer.chunk(previous, sha256(chunk).hexdigest())
            extension = f";chunk-signature={previous}"
        body += f"{len(chunk):x}{extension}\r\n".encode() + chunk + (b"\r\n" if chunk else b"")
    lines = "".join(f"{name}:{value}\n" for name, value in trailer)
    body += lines.encode() + b"\r\n" if like_minio else lines.replace("\n", "\r\n").encode()
    if signer and lines:
        signature = signer.trailer(previous, sha256(lines.encode()).hexdigest())
        body += f"x-amz-trailer-signature:{signature}\r\n".encode()
    return bytes(body + b"\r\n")


def put(mode: Optional[str], method: str = "PUT", target: str = "/bucket/key", **headers: str) -> RequestHead:
    """
    An upload.

    @param mode: C{x-amz-content-sha256}.
    @param headers: by name with C{_} for C{-}.
    """
    values = {name.replace("_", "-"): [value] for name, value in headers.items()}
    if mode is not None:
        values["x-amz-content-sha256"] = [mode]
    return RequestHead(method, target, values)


def decode(check: PayloadCheck, body: bytes, sizes: Iterable[int] = ()) -> bytes:
    """
    Feed a body to a check, cut into pieces.

    @param sizes: of the pieces; what is left comes in one.
    @return: the content, all of which has been found right.
    """
    content = bytearray()
    position = 0
    for size in (*sizes, len(body)):
        for piece in check.feed(body[position : position + size]):
            content += piece
        position += size
    check.finish()
    return bytes(content)
