"""
The documents of multipart uploads.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pachgw.s3.checksums import ALGORITHMS
from pachgw.s3.dates import iso_date
from pachgw.s3.documents_listing import common_prefixes, encoding, namer
from pachgw.s3.documents_rows import PartRow, UploadPage, UploadRow
from pachgw.s3.errors import InvalidArgument, InvalidPartOrder, MalformedXML
from pachgw.s3.metadata import Checksum
from pachgw.s3.parameters import MAX_PART
from pachgw.s3.xml_reading import Node, parse
from pachgw.s3.xml_writing import OWNER, checksums, document, element, etag, optional, owner, part_checksums

_TAGS = 14 * MAX_PART
_CHECKSUM = "Checksum"
_KNOWN = frozenset({"PartNumber", "ETag", *(_CHECKSUM + algorithm for algorithm in ALGORITHMS)})


@dataclass(frozen=True)
class CompletedPart:
    """
    A part as CompleteMultipartUpload names it.

    @ivar etag: without quotes.
    """

    number: int
    etag: str
    checksums: tuple[Checksum, ...] = ()


@dataclass(frozen=True)
class UploadsQuery:
    """
    What ListMultipartUploads asks for.
    """

    prefix: str = ""
    delimiter: str = ""
    key_marker: str = ""
    id_marker: str = ""
    limit: int = 1000


def parse_complete(body: bytes) -> Sequence[CompletedPart]:
    """
    Read C{CompleteMultipartUpload}. Clients that sent a part again may name it again: the last time counts.

    @raise MalformedXML: it is none, or names no part.
    @raise InvalidPartOrder: the parts' numbers do not ascend.
    @raise InvalidArgument: a number is none that a part can have.
    """
    if not body:
        raise MalformedXML
    parts = [_completed(child) for child in parse(body, "CompleteMultipartUpload", _TAGS).children()]
    if not parts:
        raise MalformedXML("The document must name at least one Part.")
    if any(part.number > after.number for part, after in pairwise(parts)):
        raise InvalidPartOrder
    return list({part.number: part for part in parts}.values())


def initiate_result(bucket: str, key: str, upload: str) -> bytes:
    """
    C{InitiateMultipartUploadResult}.

    @param upload: the upload's id.
    """
    return document("InitiateMultipartUploadResult", [element("Bucket", bucket), element("Key", key), element("UploadId", upload)])


def complete_result(location: str, bucket: str, key: str, tag: str, sums: Iterable[Checksum] = ()) -> bytes:
    """
    C{CompleteMultipartUploadResult}.

    @param location: the object's URL.
    @param tag: its ETag, without quotes.
    """
    inner = [element("Location", location), element("Bucket", bucket), element("Key", key), etag(tag), checksums(sums)]
    return document("CompleteMultipartUploadResult", inner)


def list_parts(
    bucket: str, upload: UploadRow, parts: Sequence[PartRow], truncated: bool, after: int = 0, limit: int = 1000, encoded: bool = False
) -> bytes:
    """
    C{ListPartsResult}.

    @param after: the C{part-number-marker} that was asked for.
    @param limit: the C{max-parts} that was asked for.
    """
    following = parts[-1].number if parts else 0
    inner = [
        element("Bucket", bucket),
        element("Key", namer(encoded)(upload.key)),
        encoding(encoded),
        element("UploadId", upload.id),
        owner("Initiator"),
        OWNER,
        element("StorageClass", "STANDARD"),
        optional("ChecksumAlgorithm", upload.algorithm),
        optional("ChecksumType", upload.checksum_type and upload.checksum_type.value),
        element("PartNumberMarker", after),
        element("NextPartNumberMarker", following),
        element("MaxParts", limit),
        element("IsTruncated", truncated),
        *(_part(part) for part in parts),
    ]
    return document("ListPartsResult", inner)


def list_uploads(bucket: str, query: UploadsQuery, page: UploadPage, encoded: bool = False) -> bytes:
    """
    C{ListMultipartUploadsResult}.

    @param encoded: whether C{encoding-type=url} was asked for.
    """
    name = namer(encoded)
    inner = [
        element("Bucket", bucket),
        element("KeyMarker", name(query.key_marker)),
        element("UploadIdMarker", query.id_marker),
        optional("NextKeyMarker", name(page.next_key) if page.truncated else ""),
        optional("NextUploadIdMarker", page.next_id if page.truncated else ""),
        element("Prefix", name(query.prefix)),
        optional("Delimiter", name(query.delimiter)),
        encoding(encoded),
        element("MaxUploads", query.limit),
        element("IsTruncated", page.truncated),
        *(_upload(row, name(row.key)) for row in page.uploads),
        *common_prefixes(page.prefixes, name),
    ]
    return document("ListMultipartUploadsResult", inner)


def _completed(node: Node) -> CompletedPart:
    if node.name != "Part":
        raise MalformedXML(f"CompleteMultipartUpload must not hold {node.name[:64]!r}.")
    values = node.values(_KNOWN)
    number, tag = values.get("PartNumber", "").strip(), values.get("ETag", "").strip().strip('"')
    if not (number.isascii() and number.isdigit() and len(number) < 10) or not tag:
        raise MalformedXML("Each Part must have a PartNumber and an ETag.")
    if not 1 <= int(number) <= MAX_PART:
        raise InvalidArgument(f"A part's number must be from 1 to {MAX_PART}.", ArgumentName="PartNumber", ArgumentValue=number)
    sums = (Checksum(algorithm, values.get(_CHECKSUM + algorithm, "").strip()) for algorithm in ALGORITHMS)
    return CompletedPart(int(number), tag, tuple(checksum for checksum in sums if checksum.value))


def _part(part: PartRow) -> str:
    sums = part_checksums(part.checksums)
    when = element("LastModified", iso_date(part.modified))
    return f"<Part>{element('PartNumber', part.number)}{when}{etag(part.etag)}{element('Size', part.size)}{sums}</Part>"


def _upload(row: UploadRow, key: str) -> str:
    sums = optional("ChecksumAlgorithm", row.algorithm) + optional("ChecksumType", row.checksum_type and row.checksum_type.value)
    who = owner("Initiator") + OWNER + element("StorageClass", "STANDARD")
    return f"<Upload>{element('Key', key)}{element('UploadId', row.id)}{who}{element('Initiated', iso_date(row.started))}{sums}</Upload>"
