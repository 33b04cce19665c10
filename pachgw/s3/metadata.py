"""
What S3 remembers of an object beside its bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Optional


class ChecksumType(Enum):
    """
    Whether a checksum is of the object's bytes or, for a multipart upload, of its parts' checksums.
    """

    FULL_OBJECT = "FULL_OBJECT"
    COMPOSITE = "COMPOSITE"


@dataclass(frozen=True)
class Checksum:
    """
    One checksum as S3 shows it.

    @ivar algorithm: C{CRC32}, C{CRC32C}, C{CRC64NVME}, C{SHA1} or C{SHA256}.
    @ivar value: base64, followed by C{-N} for a composite of N parts.
    """

    algorithm: str
    value: str
    type: ChecksumType = ChecksumType.FULL_OBJECT


@dataclass(frozen=True)
class Metadata:
    """
    The headers that come back as they were given at the PUT.

    @ivar headers: by lower-case name, of C{content-type}, C{cache-control}, C{content-disposition}, C{content-encoding}
        (without C{aws-chunked}), C{content-language} and C{expires}; only those that were given.
    @ivar user: the C{x-amz-meta-} headers by lower-case name without the prefix.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    user: Mapping[str, str] = field(default_factory=dict)

    @property
    def content_type(self) -> Optional[str]:
        """
        The content type that was given, if one was.
        """
        return self.headers.get("content-type")
