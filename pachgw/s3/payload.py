"""
The body of a request: framing taken off, hashed, and checked against everything that the request says of it.

L{PayloadCheck} is what a server uses::

    check = PayloadCheck(head, verified)      # may refuse the request by its headers alone
    for data in body:
        for piece in check.feed(data):        # content, which is not to be believed yet
            write(piece)
    check.finish()                            # now it is: length, signatures and checksums have held

Source: U{https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html}, C{x-amz-content-sha256}.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Optional

from pachgw.s3 import errors
from pachgw.s3.aws_chunked import AwsChunked, ChunkSignatures
from pachgw.s3.checksum_headers import Declared, parse_declared
from pachgw.s3.checksums import PREFIX, Hasher, Piece, from_base64, hasher, parse_value, to_base64
from pachgw.s3.credentials import Verified
from pachgw.s3.errors import (
    BadDigest,
    IncompleteBody,
    InvalidArgument,
    InvalidDigest,
    InvalidRequest,
    MalformedTrailerError,
    XAmzContentSHA256Mismatch,
)
from pachgw.s3.metadata import Checksum
from pachgw.s3.request_head import RequestHead
from pachgw.s3.signature_v4 import UNSIGNED_PAYLOAD

_SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
_SIGNED_CHUNKS_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
_CHUNKS_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
_FRAMED = (_SIGNED_CHUNKS, _SIGNED_CHUNKS_TRAILER, _CHUNKS_TRAILER)
_HEX = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
_LENGTH = re.compile(r"\d{1,18}", re.ASCII)


class PayloadCheck:
    """
    One body. Its methods may be called in any thread, by one at a time.

    @ivar length: how many bytes of content there will be, if the request says.
    @ivar received: how many came so far.
    """

    def __init__(self, head: RequestHead, verified: Optional[Verified] = None) -> None:
        """
        @param verified: the request's signature, or C{None} when nobody looks at signatures; then those in the body are
            not looked at either, but checksums are.
        @raise S3Error: the headers say something that no body can fulfil.
        """
        mode = head.header("x-amz-content-sha256") or head.parameter("X-Amz-Content-Sha256")
        self.received = 0
        self._sha256 = _parse_mode(mode)
        self._md5 = _parse_md5(head.header("content-md5"))
        self._declared = parse_declared(head)
        self._chunked: Optional[AwsChunked] = None
        if mode in _FRAMED or _framed_unsigned(head, mode):
            self.length = _parse_length(head, "x-amz-decoded-content-length")
            signatures = ChunkSignatures(verified.chunks) if mode in _FRAMED[:2] and verified and verified.chunks else None
            self._chunked = AwsChunked(signatures, mode != _SIGNED_CHUNKS, self.length)
        else:
            self.length = _parse_length(head, "content-length")
        if self._declared and self._declared.trailer and (self._chunked is None or mode == _SIGNED_CHUNKS):
            raise InvalidRequest("x-amz-trailer needs a value of x-amz-content-sha256 that ends in -TRAILER")
        self._hashers = self._make_hashers()

    def feed(self, data: bytes) -> Sequence[Piece]:
        """
        Take what has arrived.

        @return: the content in it, in order; views of C{data}, which must not change. None of it is to be believed before L{finish}.
        @raise S3Error: the body is wrong already.
        """
        pieces: Sequence[Piece] = [data] if self._chunked is None else self._chunked.feed(data)
        for piece in pieces:
            self.received += len(piece)
            for each in self._hashers.values():
                each.update(piece)
        return pieces

    def finish(self) -> None:
        """
        Say that the body has ended.

        @raise S3Error: it is not what the request promised.
        """
        if self._chunked is not None:
            self._chunked.finish()
        if self.length is not None and self.received != self.length:
            raise IncompleteBody("You did not provide the number of bytes specified by the Content-Length HTTP header")
        self._check_trailer()
        self._check_sha256()
        self._check_md5()
        self._check_declared()

    def checksums(self) -> tuple[Checksum, ...]:
        """
        The checksums of the content that the request gave or asked for; to be called after L{finish}.
        """
        if self._declared is None:
            return ()
        algorithm = self._declared.algorithm
        return (Checksum(algorithm, to_base64(self._hashers[algorithm].digest())),)

    def _make_hashers(self) -> dict[str, Hasher]:
        names = {self._declared.algorithm} if self._declared else set()
        if self._sha256:
            names.add("SHA256")
        if self._md5:
            names.add("MD5")
        return {name: hasher(name) for name in names}

    def _check_trailer(self) -> None:
        """
        Take the declared checksum from the trailer, which must hold it and nothing else.
        """
        trailer = dict(self._chunked.trailer) if self._chunked else {}
        if self._declared and self._declared.trailer:
            algorithm = self._declared.algorithm
            text = trailer.pop(f"{PREFIX}{algorithm.lower()}", None)
            if text is None:
                raise MalformedTrailerError("The trailer that x-amz-trailer declares did not come")
            self._declared = Declared(algorithm, parse_value(algorithm, text))
        if trailer:
            raise MalformedTrailerError("The trailer holds what x-amz-trailer does not declare")

    def _check_sha256(self) -> None:
        if self._sha256 is None:
            return
        found = self._hashers["SHA256"].digest().hex()
        if found != self._sha256:
            raise XAmzContentSHA256Mismatch(ClientComputedContentSHA256=self._sha256, S3ComputedContentSHA256=found)

    def _check_md5(self) -> None:
        if self._md5 is None:
            return
        found = self._hashers["MD5"].digest()
        if found != self._md5:
            raise BadDigest(
                "The Content-MD5 you specified did not match what we received.",
                ExpectedDigest=to_base64(self._md5),
                CalculatedDigest=to_base64(found),
            )

    def _check_declared(self) -> None:
        declared = self._declared
        if declared is None or declared.value is None:
            return
        if self._hashers[declared.algorithm].digest() != declared.value:
            raise BadDigest(f"The {declared.algorithm} you specified did not match the calculated checksum.")


def _parse_mode(mode: Optional[str]) -> Optional[str]:
    """
    @return: the hash of the body in lower-case hex, if the header is one.
    @raise InvalidArgument: it is nothing that we know.
    """
    if mode is None or mode == UNSIGNED_PAYLOAD or mode in _FRAMED:
        return None
    if _HEX.fullmatch(mode):
        return mode.lower()
    if mode.startswith("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"):
        raise errors.NotImplemented("Signature version 4A is not implemented; sign with AWS4-HMAC-SHA256")
    raise InvalidArgument(
        f"x-amz-content-sha256 must be {UNSIGNED_PAYLOAD}, {', '.join(_FRAMED)} or a valid sha256 value.",
        ArgumentName="x-amz-content-sha256",
        ArgumentValue=mode,
    )


def _framed_unsigned(head: RequestHead, mode: Optional[str]) -> bool:
    """
    Whether a body has chunks and a trailer although its mode does not say so: an SDK that does not sign, or signs with version 2,
    sends no mode.
    """
    codings = [coding.strip().lower() for coding in (head.header("content-encoding") or "").split(",")]
    framing = "x-amz-trailer" in head.headers or "x-amz-decoded-content-length" in head.headers
    return mode in (None, UNSIGNED_PAYLOAD) and framing and "aws-chunked" in codings


def _parse_md5(text: Optional[str]) -> Optional[bytes]:
    if text is None:
        return None
    digest = from_base64("MD5", text)
    if digest is None:
        raise InvalidDigest()
    return digest


def _parse_length(head: RequestHead, name: str) -> Optional[int]:
    text = head.header(name)
    if text is None:
        return None
    if not _LENGTH.fullmatch(text):
        raise InvalidArgument(f"{name} is not a number of bytes", ArgumentName=name, ArgumentValue=text)
    return int(text)
