"""
Signatures of the pieces of a body.

Source: U{https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html} and C{sigv4-streaming-trailers.html}.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from hashlib import sha256

EMPTY_SHA256 = sha256(b"").hexdigest()


@dataclass(frozen=True)
class ChunkSigner:
    """
    Makes the signatures that a body signed in chunks must carry. Each is built on the one before it, the first on the request's.

    @ivar key: the signing key of the request's scope.
    @ivar timestamp: of the request, C{20130524T000000Z}.
    @ivar scope: C{20130524/us-east-1/s3/aws4_request}.
    @ivar seed: the request's own signature, in hex.
    """

    key: bytes = field(repr=False)
    timestamp: str
    scope: str
    seed: str

    def chunk(self, previous: str, digest: str) -> str:
        """
        The signature of a chunk.

        @param previous: the signature of the chunk before it.
        @param digest: the SHA-256 of the chunk's data, in hex.
        """
        return self._sign("AWS4-HMAC-SHA256-PAYLOAD", previous, EMPTY_SHA256, digest)

    def trailer(self, previous: str, digest: str) -> str:
        """
        The signature of the trailer.

        @param digest: the SHA-256 of its canonical lines C{name:value\\n}, in hex.
        """
        return self._sign("AWS4-HMAC-SHA256-TRAILER", previous, digest)

    def _sign(self, algorithm: str, *rest: str) -> str:
        text = "\n".join((algorithm, self.timestamp, self.scope, *rest))
        return hmac.digest(self.key, text.encode("latin-1"), "sha256").hex()
