"""
The documents of copies.
"""

from __future__ import annotations

from collections.abc import Iterable

from pachgw.s3.dates import iso_date
from pachgw.s3.metadata import Checksum
from pachgw.s3.xml_writing import checksums, document, element, etag, part_checksums


def copy_object_result(tag: str, modified: float, sums: Iterable[Checksum] = ()) -> bytes:
    """
    C{CopyObjectResult}.

    @param tag: the new object's ETag, without quotes.
    @param modified: in seconds since the epoch.
    """
    return document("CopyObjectResult", [element("LastModified", iso_date(modified)), etag(tag), checksums(sums)])


def copy_part_result(tag: str, modified: float, sums: Iterable[Checksum] = ()) -> bytes:
    """
    C{CopyPartResult}, as L{copy_object_result} but for a part.
    """
    return document("CopyPartResult", [element("LastModified", iso_date(modified)), etag(tag), part_checksums(sums)])
