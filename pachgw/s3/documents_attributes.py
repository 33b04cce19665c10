"""
GetObjectAttributes: what is asked for, and the document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pachgw.s3.documents_rows import ObjectPartRow, ObjectRow
from pachgw.s3.errors import InvalidArgument
from pachgw.s3.parameters import MAX_LIMIT
from pachgw.s3.xml_writing import checksums, document, element, part_checksums

HEADER = "x-amz-object-attributes"

ATTRIBUTES = frozenset({"ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"})
"""
What can be asked for.
"""


def parse_attributes(headers: Mapping[str, str]) -> frozenset[str]:
    """
    Which attributes are asked for.

    @param headers: by lower-case name.
    @raise InvalidArgument: none, or one that there is not.
    """
    wanted = frozenset(name.strip() for name in headers.get(HEADER, "").split(",")) - {""}
    if not wanted or not wanted <= ATTRIBUTES:
        raise InvalidArgument(
            f"{HEADER} must name some of {', '.join(sorted(ATTRIBUTES))}.", ArgumentName=HEADER, ArgumentValue=headers.get(HEADER, "")[:256]
        )
    return wanted


def object_attributes(
    info: ObjectRow, wanted: frozenset[str], parts: Sequence[ObjectPartRow] = (), after: int = 0, limit: int = MAX_LIMIT
) -> bytes:
    """
    C{GetObjectAttributesResponse}. Here the ETag has no quotes, as AWS has it.

    @param parts: all parts in which the object was uploaded, of which a page is shown. Without any there are no C{ObjectParts}.
    @param after: the number of the part behind which the page begins.
    @param limit: the most parts that it has.
    """
    sums = checksums(info.checksums)
    attributes = {
        "ETag": element("ETag", info.etag),
        "Checksum": f"<Checksum>{sums}</Checksum>" if sums else "",
        "ObjectParts": _parts(parts, after, limit) if parts else "",
        "StorageClass": element("StorageClass", "STANDARD"),
        "ObjectSize": element("ObjectSize", info.size),
    }
    return document("GetObjectAttributesResponse", (xml for name, xml in attributes.items() if name in wanted))


def _parts(parts: Sequence[ObjectPartRow], after: int, limit: int) -> str:
    page = parts[after : after + limit]
    inner = [
        element("IsTruncated", after + len(page) < len(parts)),
        element("MaxParts", limit),
        element("NextPartNumberMarker", page[-1].number if page else after),
        element("PartNumberMarker", after),
        *map(_part, page),
        element("PartsCount", len(parts)),
    ]
    return f"<ObjectParts>{''.join(inner)}</ObjectParts>"


def _part(part: ObjectPartRow) -> str:
    return f"<Part>{element('PartNumber', part.number)}{element('Size', part.size)}{part_checksums(part.checksums)}</Part>"
