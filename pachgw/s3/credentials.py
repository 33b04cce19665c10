"""
Who a request says it comes from, and what that claim is worth.

The way of a request through here::

    head = RequestHead(method, target, headers)
    credentials = read_credentials(head, now)        # pachgw.s3.authorization: form and time, no secret needed
    if credentials.access_key is None: ...           # anonymous
    verified = credentials.verify(secret)            # raises SignatureDoesNotMatch
    check = PayloadCheck(head, verified)             # pachgw.s3.payload: the body
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Protocol

from pachgw.s3.chunk_signature import ChunkSigner
from pachgw.s3.errors import AccessDenied, SignatureDoesNotMatch


@dataclass(frozen=True)
class Verified:
    """
    A signature that has been found to hold.

    @ivar chunks: checks the signatures in the body; C{None} when the request's signature has none to follow it (version 2).
    """

    access_key: str
    chunks: Optional[ChunkSigner] = None


class Credentials(Protocol):
    """
    A claim to be somebody. It has been looked at for form and time; nothing yet proves it.
    """

    @property
    def access_key(self) -> Optional[str]:
        """
        Who it claims to be, or C{None} for nobody.
        """

    @property
    def presigned(self) -> bool:
        """
        Whether the claim is in the URL, not in the headers.
        """

    def verify(self, secret: str) -> Verified:
        """
        Check the signature, in constant time.

        @param secret: the secret key that belongs to L{access_key}.
        @raise SignatureDoesNotMatch: the signature was made with another key or of another request.
        """


@dataclass(frozen=True)
class Anonymous:
    """
    A request without credentials.
    """

    access_key: None = None
    presigned: bool = False

    def verify(self, secret: str) -> Verified:
        """
        @raise AccessDenied: always.
        """
        raise AccessDenied()


def mismatch(given: str, string_to_sign: bytes, canonical_request: bytes = b"") -> SignatureDoesNotMatch:
    """
    The refusal of a signature. It shows what we signed, as AWS does, so that the author of a client can compare.

    @param given: the client's signature.
    """
    elements = {"StringToSign": readable(string_to_sign), "SignatureProvided": given}
    if canonical_request:
        elements["CanonicalRequest"] = readable(canonical_request)
    return SignatureDoesNotMatch(**elements)


def readable(data: bytes) -> str:
    """
    What a client sent, for a person to read.
    """
    return data.decode("utf-8", "replace")
