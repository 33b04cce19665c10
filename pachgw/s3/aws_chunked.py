"""
The framing C{aws-chunked}: a body in chunks, each perhaps signed, with a trailer behind the last.

Source: U{https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html} and C{sigv4-streaming-trailers.html}.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Optional

from pachgw.s3.checksums import Piece
from pachgw.s3.chunk_signature import ChunkSigner
from pachgw.s3.errors import IncompleteBody, InvalidChunkSizeError, MalformedTrailerError, SignatureDoesNotMatch

MAX_LINE = 4096
"""
The most bytes of a line of the framing, its end included.
"""

SMALL = 4096
"""
Pieces up to this size are copied together. A view of each would cost many times its bytes, were a body made of chunks of one byte.
"""

MAX_TRAILER = 16
"""
The most lines of a trailer, empty ones included.
"""

_CHUNK = re.compile(rb"([0-9a-fA-F]{1,16})[ \t]*((?:;[^\r\n]*)?)", re.ASCII)
_SIGNATURE = re.compile(rb";[ \t]*chunk-signature=([^;\s]*)")
_TRAILER_SIGNATURE = "x-amz-trailer-signature"


class ChunkSignatures:
    """
    Checks the chain of signatures of a body, chunk by chunk.
    """

    def __init__(self, signer: ChunkSigner) -> None:
        self._signer = signer
        self._previous = signer.seed
        self._digest = sha256()

    def update(self, data: memoryview) -> None:
        """
        @param data: the next bytes of the chunk.
        """
        self._digest.update(data)

    def end_chunk(self, given: bytes) -> None:
        """
        @param given: the signature in the chunk's header.
        @raise SignatureDoesNotMatch: it is not that of the chunk's data.
        """
        self._expect(given, self._signer.chunk(self._previous, self._digest.hexdigest()))
        self._digest = sha256()

    def end_trailer(self, lines: bytes, given: bytes) -> None:
        """
        @param lines: the trailer in its canonical form.
        @param given: the value of C{x-amz-trailer-signature}.
        @raise SignatureDoesNotMatch: it is not that of the trailer.
        """
        self._expect(given, self._signer.trailer(self._previous, sha256(lines).hexdigest()))

    def _expect(self, given: bytes, right: str) -> None:
        if not hmac.compare_digest(given, right.encode("ascii")):
            raise SignatureDoesNotMatch(SignatureProvided=given.decode("utf-8", "replace"))
        self._previous = right


class AwsChunked:
    """
    Takes the framing off a body as it arrives. It holds no more than one line of the framing, whatever a chunk's size.

    @ivar length: how many bytes of content came so far.
    @ivar trailer: values by lower-case name; complete after L{finish}.
    """

    def __init__(self, signatures: Optional[ChunkSignatures], with_trailer: bool, limit: Optional[int]) -> None:
        """
        @param signatures: checks those of the chunks, or C{None} when there are none or no secret is known.
        @param with_trailer: whether a trailer may follow.
        @param limit: how many bytes of content were promised; more is refused.
        """
        self.length = 0
        self.trailer: dict[str, str] = {}
        self._signatures = signatures
        self._with_trailer = with_trailer
        self._limit = limit
        self._line = bytearray()
        self._take = self._chunk_header
        self._left = 0
        self._signature = b""
        self._last = False
        self._trailer_lines = 0
        self._trailer_signature: Optional[bytes] = None

    def feed(self, data: bytes) -> Sequence[Piece]:
        """
        @return: the content in C{data}, as views of it where it is large.
        @raise S3Error: the framing or a chunk's signature is wrong.
        """
        content: list[Piece] = []
        view = memoryview(data)
        position = 0
        while position < len(data):
            if self._left:
                piece = view[position : position + self._left]
                position += len(piece)
                self._content(piece)
                _gather(content, piece)
            else:
                position = self._framing(data, position)
        return content

    def finish(self) -> None:
        """
        The body has ended.

        @raise IncompleteBody: before its last chunk.
        @raise SignatureDoesNotMatch: the trailer is not signed as it should be.
        """
        if self._line and self._last:
            line = bytes(self._line)
            self._line.clear()
            self._take(line)
        if not self._last:
            raise IncompleteBody()
        if self._signatures is not None and self._with_trailer:
            if self._trailer_signature is None:
                raise MalformedTrailerError("The trailer is not signed")
            lines = "".join(f"{name}:{value}\n" for name, value in self.trailer.items())
            self._signatures.end_trailer(lines.encode("latin-1"), self._trailer_signature)

    def _content(self, piece: memoryview) -> None:
        self._left -= len(piece)
        self.length += len(piece)
        if self._signatures is not None:
            self._signatures.update(piece)
            if not self._left:
                self._signatures.end_chunk(self._signature)

    def _framing(self, data: bytes, position: int) -> int:
        """
        Take a line, or what there is of it.

        @return: the position behind it.
        """
        room = MAX_LINE - len(self._line)
        end = data.find(b"\n", position, position + room)
        if end < 0:
            rest = data[position : position + room]
            self._line += rest
            if len(self._line) >= MAX_LINE:
                raise self._malformed("A line of the framing is too long")
            return position + len(rest)
        line = bytes(self._line) + data[position:end]
        self._line.clear()
        self._take(line.removesuffix(b"\r"))
        return end + 1

    def _malformed(self, why: str) -> InvalidChunkSizeError | MalformedTrailerError:
        return MalformedTrailerError(why) if self._last else InvalidChunkSizeError(why)

    def _chunk_header(self, line: bytes) -> None:
        match = _CHUNK.fullmatch(line)
        if match is None:
            raise InvalidChunkSizeError("The header of a chunk is malformed")
        self._left = int(match[1], 16)
        if self._limit is not None and self.length + self._left > self._limit:
            raise IncompleteBody("The body holds more than x-amz-decoded-content-length says")
        signature = _SIGNATURE.search(match[2])
        self._signature = signature[1] if signature else b""
        if self._left:
            self._take = self._chunk_end
            return
        self._last = True
        self._take = self._trailer
        if self._signatures is not None:
            self._signatures.end_chunk(self._signature)

    def _chunk_end(self, line: bytes) -> None:
        if line:
            raise InvalidChunkSizeError("A chunk is longer than its header says")
        self._take = self._chunk_header

    def _trailer(self, line: bytes) -> None:
        """
        A line of the trailer. minio-go puts an empty one before the signature, so that empty lines mean nothing and the body's
        end is the end.
        """
        self._trailer_lines += 1
        if self._trailer_lines > MAX_TRAILER:
            raise MalformedTrailerError("The trailer is too long")
        if not line:
            return
        name, colon, value = line.partition(b":")
        key = name.strip().lower().decode("latin-1")
        if not self._with_trailer or not colon or key in self.trailer or self._trailer_signature is not None:
            raise MalformedTrailerError()
        if key == _TRAILER_SIGNATURE:
            self._trailer_signature = value.strip()
        else:
            self.trailer[key] = value.strip().decode("latin-1")


def _gather(content: list[Piece], piece: memoryview) -> None:
    if len(piece) > SMALL:
        content.append(piece)
    elif content and isinstance(content[-1], bytearray):
        content[-1] += piece
    else:
        content.append(bytearray(piece))
