"""
Of which parts an object was made: what C{partNumber} and GetObjectAttributes tell of a completed upload.

The object is one file, and remembers them for the sake of clients that read it as it was written. How many they are is in its record
(L{pachgw.objects.records}); the rest is read only by who asks for it. It is at C{/parts/PATH/HASH/NNNNN}, PATH and HASH as of the object's
record, in blocks of L{BLOCK} parts, each a record that says to which object it belongs, how many parts that has in all, and from which on
these are. A part is its size in bytes and, where the object has a checksum, its own::

    {"pachgw": 1, "kind": "parts", "path": "/dir/a.bin", "hash": "…", "of": 2, "first": 1,
     "algorithm": "CRC32", "parts": [[5242880, "q83vEg=="], [7, "AAAAAA=="]]}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Optional

from pachgw.objects.changes import Put
from pachgw.objects.records import ObjectRecord, line, name_of_path, records
from pachgw.objects.upload_records import PartRecord
from pachgw.objects.values import ObjectPart
from pachgw.pfs.messages import literal
from pachgw.s3.metadata import Checksum

PARTS = "/parts"
"""
Where the parts of objects are.
"""

BLOCK = 1000
"""
The most parts in a record, so that it is small enough to travel within a commit's stream.
"""


def directory_of_parts(path: str, hash: bytes) -> str:
    """
    Where the parts of a content are.

    @param path: of the file, with its leading slash.
    @param hash: PFS's hash of the content.
    """
    return f"{PARTS}/{name_of_path(path)}/{hash.hex()}"


def pattern_of_parts(record: ObjectRecord) -> str:
    """
    A glob that matches what keeps the parts of an object.
    """
    return f"{literal(directory_of_parts(record.path, record.hash))}/*"


def parts_made_of(uploaded: Sequence[PartRecord], checksums: Sequence[Checksum]) -> Sequence[ObjectPart]:
    """
    The parts of an object, numbered from 1 without gaps, so that a client finds all of them by their count.

    @param uploaded: as they were uploaded, in order.
    @param checksums: of the object: a part keeps that of the same algorithm.
    """
    algorithms = {checksum.algorithm for checksum in checksums}
    return [
        ObjectPart(number, part.size, tuple(sum for sum in part.checksums if sum.algorithm in algorithms)[:1])
        for number, part in enumerate(uploaded, 1)
    ]


def part_puts(record: ObjectRecord, parts: Sequence[ObjectPart]) -> Iterator[Put]:
    """
    What keeps the parts of an object.
    """
    where = directory_of_parts(record.path, record.hash)
    algorithm = next((sum.algorithm for part in parts for sum in part.checksums), None)
    for start in range(0, len(parts), BLOCK):
        block = parts[start : start + BLOCK]
        values: dict[str, Any] = {"path": record.path, "hash": record.hash.hex(), "of": len(parts), "first": start + 1}
        if algorithm is not None:
            values["algorithm"] = algorithm
        values["parts"] = [[part.size, *(sum.value for sum in part.checksums)] for part in block]
        yield Put.of(f"{where}/{start + 1:05}", line("parts", values))


def read_parts(content: bytes, record: ObjectRecord) -> Sequence[ObjectPart]:
    """
    The parts of an object among some lines; none if they are not all there.
    """
    parts: list[ObjectPart] = []
    found = [values for values in records(content, "parts") if _belongs(values, record)]
    for values in sorted(found, key=lambda values: int(values["first"])):
        if values["first"] == len(parts) + 1:
            parts.extend(_part(number, part, values.get("algorithm")) for number, part in enumerate(values["parts"], len(parts) + 1))
    return parts if len(parts) == record.parts and sum(part.size for part in parts) == record.size else []


def _belongs(values: dict[str, Any], record: ObjectRecord) -> bool:
    """
    Whether a block is of this object, and not left over from another upload of the same bytes.
    """
    return (values["path"], values["hash"], values["of"]) == (record.path, record.hash.hex(), record.parts)


def _part(number: int, values: Sequence[Any], algorithm: Optional[str]) -> ObjectPart:
    return ObjectPart(number, values[0], tuple(Checksum(algorithm, value) for value in values[1:] if algorithm is not None))
