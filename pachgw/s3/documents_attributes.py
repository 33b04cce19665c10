"""
GetObjectAttributes: what is asked for, and the document.
"""

from __future__ import annotations

from collections.abc import Mapping

from pachgw.s3.documents_rows import ObjectRow
from pachgw.s3.errors import InvalidArgument
from pachgw.s3.xml_writing import checksums, document, element

HEADER = "x-amz-object-attributes"

ATTRIBUTES = frozenset({"ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"})
"""
What can be asked for. There are never C{ObjectParts}: a completed upload is one file.
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


def object_attributes(info: ObjectRow, wanted: frozenset[str]) -> bytes:
    """
    C{GetObjectAttributesResponse}. Here the ETag has no quotes, as AWS has it.
    """
    sums = checksums(info.checksums)
    parts = {
        "ETag": element("ETag", info.etag),
        "Checksum": f"<Checksum>{sums}</Checksum>" if sums else "",
        "StorageClass": element("StorageClass", "STANDARD"),
        "ObjectSize": element("ObjectSize", info.size),
    }
    return document("GetObjectAttributesResponse", (xml for name, xml in parts.items() if name in wanted))
