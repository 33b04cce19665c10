"""
Whether the parts that a Complete names are those that are there.

Source: U{https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html}.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Optional

from pachgw.objects.upload_records import PartRecord, UploadRecord
from pachgw.objects.values import CompletedPart
from pachgw.s3.checksum_parts import combine, composite
from pachgw.s3.checksums import from_base64
from pachgw.s3.errors import BadDigest, EntityTooSmall, InvalidPart, InvalidPartOrder, InvalidRequest
from pachgw.s3.metadata import Checksum, ChecksumType

SMALLEST = 5 * 1024 * 1024
"""
Bytes that every part but the last must have.
"""


def check_parts(named: Sequence[CompletedPart], kept: Mapping[int, PartRecord], size: Optional[int]) -> Sequence[PartRecord]:
    """
    The parts of an object, in order.

    @param named: as the client names them.
    @param kept: by number, those that are there.
    @param size: what the client says of the whole, in bytes.
    @raise InvalidPartOrder: they are not named in ascending order.
    @raise InvalidPart: one is not there, or is not the one that is meant.
    @raise EntityTooSmall: one that is not the last is too small.
    @raise InvalidRequest: they have not the size that the client says.
    """
    if any(left.number >= right.number for left, right in pairwise(named)):
        raise InvalidPartOrder
    chosen = [_kept(part, kept) for part in named]
    for part in chosen[:-1]:
        if part.size < SMALLEST:
            raise EntityTooSmall(
                ProposedSize=str(part.size), MinSizeAllowed=str(SMALLEST), PartNumber=str(part.number), ETag=part.part.etag
            )
    total = sum(part.size for part in chosen)
    if size is not None and size != total:
        raise InvalidRequest(f"x-amz-mp-object-size is {size}, but the parts have {total} bytes.")
    return chosen


def _kept(named: CompletedPart, kept: Mapping[int, PartRecord]) -> PartRecord:
    part = kept.get(named.number)
    if part is None or part.part.etag != named.etag.strip('"'):
        raise InvalidPart(PartNumber=str(named.number), ETag=named.etag)
    sums = {sum.algorithm: sum.value for sum in part.checksums}
    if any(sums.get(sum.algorithm, sum.value) != sum.value for sum in named.checksums):
        raise InvalidPart(f"The checksum of part {named.number} is not the one with which it was uploaded.", PartNumber=str(named.number))
    return part


def checksum_of_whole(upload: UploadRecord, parts: Sequence[PartRecord], given: Optional[Checksum]) -> Optional[Checksum]:
    """
    The checksum of the whole object from those of its parts, as far as they are known.

    @param given: what the client says it is.
    @raise BadDigest: it is another.
    @raise InvalidRequest: it cannot be checked, for it is of another algorithm than the upload, or than its parts.
    """
    algorithm = upload.algorithm or (given.algorithm if given is not None else None)
    if algorithm is None:
        return None
    if given is not None and given.algorithm != algorithm:
        raise InvalidRequest(f"The upload was begun with {algorithm} as its checksum's algorithm, not with {given.algorithm}.")
    type = upload.checksum_type or (given.type if given is not None else ChecksumType.COMPOSITE)
    digests = [_digest(part, algorithm) for part in parts]
    known = [(digest, part.size) for digest, part in zip(digests, parts, strict=True) if digest is not None]
    if len(known) < len(parts):
        if given is not None:
            raise InvalidRequest(f"The {algorithm} of the whole object cannot be checked: not all parts were uploaded with one.")
        return None
    total = combine(algorithm, known) if type is ChecksumType.FULL_OBJECT else composite(algorithm, [digest for digest, _ in known])
    if given is not None and given.value not in (total.value, total.value.rpartition("-")[0]):
        raise BadDigest(f"The {algorithm} that was given for the whole object is not that of its parts.")
    return total


def _digest(part: PartRecord, algorithm: str) -> Optional[bytes]:
    return next((from_base64(algorithm, sum.value) for sum in part.checksums if sum.algorithm == algorithm), None)
