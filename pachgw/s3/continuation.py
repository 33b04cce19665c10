"""
The continuation tokens of ListObjectsV2.

A token carries all that is needed to go on: the commit of the first page and the last entry of the page before. So any gateway can go on
with it, and the listing stays on its commit. It is bound to the bucket, the prefix and the delimiter by a digest, which finds mistakes:
a token that was cut, or that is used for another listing. It is no proof of anything. Whoever makes up a token reads nothing that they may
not read, for the rights are checked with each page, and the commit is looked for in the bucket's own repo.

The form is URL-safe base64, without padding, of: one byte 1, the version; the digest, 16 bytes; the commit's id, 16 bytes; the entry in
UTF-8.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import blake2b

from pachgw.s3.errors import InvalidArgument

_VERSION = b"\x01"
_DIGEST = 16
_COMMIT = 16
_LONGEST = 8192
_PERSON = b"pachgw-list-v2"


@dataclass(frozen=True)
class Continuation:
    """
    Where a listing goes on.

    @ivar commit: the id of the commit that is listed, in hex.
    @ivar last: the last key or common prefix that was given.
    """

    commit: str
    last: str

    def token(self, bucket: str, prefix: str, delimiter: str) -> str:
        """
        The token for a client.

        @param bucket: the bucket's full name.
        """
        commit, last = bytes.fromhex(self.commit), self.last.encode()
        digest = _digest(commit, last, bucket, prefix, delimiter)
        return urlsafe_b64encode(_VERSION + digest + commit + last).rstrip(b"=").decode()


def parse_token(token: str, bucket: str, prefix: str, delimiter: str) -> Continuation:
    """
    Read a token.

    @raise InvalidArgument: it is none, or it is another listing's.
    """
    try:
        if len(token) > _LONGEST:
            raise ValueError
        packed = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))[len(_VERSION) + _DIGEST :]
        found = Continuation(packed[:_COMMIT].hex(), packed[_COMMIT:].decode())
        if len(packed) < _COMMIT or found.token(bucket, prefix, delimiter) != token:
            raise ValueError
        return found
    except ValueError:
        raise InvalidArgument(
            "The continuation token is not one of this bucket, prefix and delimiter. List again from the start.",
            ArgumentName="continuation-token",
            ArgumentValue=token[:256],
        ) from None


def _digest(commit: bytes, last: bytes, bucket: str, prefix: str, delimiter: str) -> bytes:
    digest = blake2b(digest_size=_DIGEST, person=_PERSON)
    for part in (commit, last, *(text.encode("utf-8", "surrogatepass") for text in (bucket, prefix, delimiter))):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()
