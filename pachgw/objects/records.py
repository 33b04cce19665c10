"""
The format in which the gateway keeps, on its own branch C{_pachgw_} of a repo, what S3 knows and PFS cannot hold.

A record is a line of JSON in ASCII. Every record says C{"pachgw": 1}, the version of the format, and its C{"kind"}; whoever meets another
version or kind leaves it alone. Times are in seconds since the epoch, hashes in hex. So many records can be read with one call, by a glob.

Of objects there is a record only where something is not the default. It is at C{/objects/DIRECTORY-NAME/HASH}, where DIRECTORY is the
BLAKE2b-128 of the path of the file's directory in hex, NAME the file's name there and HASH PFS's hash of its content: it follows copies,
branches and old commits, and never describes bytes that somebody else has put there since. The same bytes at the same path on another
branch share it; the last PUT wins. Records of neighbours are neighbours, since clients write files of one directory one after the other,
and PFS pays for each place that a commit touches::

    {"pachgw": 1, "kind": "object", "path": "/dir/a.txt", "hash": "…", "size": 7, "modified": 1732620000.25,
     "headers": {"content-type": "text/x-log"}, "user": {"colour": "blue"}, "checksums": [["CRC32", "q83vEg==", "FULL_OBJECT"]]}

An object that was uploaded in parts also has C{"parts"}, their number; they are described in L{pachgw.objects.object_parts}, uploads in
L{pachgw.objects.upload_records}, and how far the upkeep of all this has come in L{pachgw.objects.record_sweeps}.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

import txaio

from pachgw.s3.metadata import Checksum, ChecksumType, Metadata

VERSION = 1
"""
Of the format. A change that an older gateway would misread raises it.
"""

OBJECTS = "/objects"
"""
Where the records of objects are.
"""

_ENCODER = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))

_log = txaio.make_logger()


def line(kind: str, values: Mapping[str, Any]) -> bytes:
    """
    A record as it is kept.
    """
    return _ENCODER.encode({"pachgw": VERSION, "kind": kind, **values}).encode("ascii") + b"\n"


def records(content: bytes, kind: str) -> Iterator[dict[str, Any]]:
    """
    The records of one kind among some lines. What is not of this version, or is no record at all, is left out.
    """
    for text in content.splitlines():
        try:
            record = json.loads(text)
        except ValueError:
            _log.warn("not a record: {text}", text=text[:200])
            continue
        if isinstance(record, dict) and record.get("pachgw") == VERSION and record.get("kind") == kind:
            yield record


def metadata_values(metadata: Optional[Metadata]) -> dict[str, Any]:
    """
    What a record says of metadata; nothing where there is none.
    """
    if metadata is None:
        return {}
    values = {"headers": dict(metadata.headers), "user": dict(metadata.user)}
    return {name: value for name, value in values.items() if value}


def read_metadata(record: Mapping[str, Any]) -> Metadata:
    """
    The metadata in a record.
    """
    return Metadata(record.get("headers", {}), record.get("user", {}))


def checksum_values(checksums: Iterable[Checksum]) -> dict[str, Any]:
    """
    What a record says of checksums; nothing where there are none.
    """
    values = [[checksum.algorithm, checksum.value, checksum.type.value] for checksum in checksums]
    return {"checksums": values} if values else {}


def read_checksums(record: Mapping[str, Any]) -> tuple[Checksum, ...]:
    """
    The checksums in a record.
    """
    return tuple(Checksum(algorithm, value, ChecksumType(type)) for algorithm, value, type in record.get("checksums", ()))


def name_of_path(path: str) -> str:
    """
    What stands for a file's path in those of its records: a name that no other path has, and that is as valid as the file's own.
    """
    directory, _, name = path.rpartition("/")
    return f"{hashlib.blake2b(directory.encode(), digest_size=16).hexdigest()}-{name}"


def name_of_content(path: str, hash: bytes) -> str:
    """
    What stands for a content at a path in the places of what is kept of it.

    @param path: with its leading slash.
    @param hash: PFS's hash of the content.
    """
    return f"{name_of_path(path)}/{hash.hex()}"


def directory_of_records(path: str) -> str:
    """
    Where the records of a file's contents are.

    @param path: of the file, with its leading slash.
    """
    return f"{OBJECTS}/{name_of_path(path)}"


@dataclass(frozen=True)
class ObjectRecord:
    """
    What is known of a content at a path.

    @ivar path: of the file, with its leading slash.
    @ivar hash: PFS's hash of the content.
    @ivar size: in bytes.
    @ivar modified: when it was put, in seconds since the epoch.
    @ivar parts: in how many parts it was uploaded, 0 if in none.
    """

    path: str
    hash: bytes
    size: int
    modified: float
    metadata: Metadata = field(default_factory=Metadata)
    checksums: tuple[Checksum, ...] = ()
    parts: int = 0

    @property
    def place(self) -> str:
        """
        Where it is kept.
        """
        return f"{OBJECTS}/{name_of_content(self.path, self.hash)}"

    @property
    def plain(self) -> bool:
        """
        Whether it says nothing that is not known without it.
        """
        return not (self.metadata.headers or self.metadata.user or self.checksums or self.parts)

    def line(self) -> bytes:
        """
        As it is kept.
        """
        values: dict[str, Any] = {"path": self.path, "hash": self.hash.hex(), "size": self.size, "modified": round(self.modified, 3)}
        if self.parts:
            values["parts"] = self.parts
        return line("object", {**values, **metadata_values(self.metadata), **checksum_values(self.checksums)})


def object_records(content: bytes) -> Iterator[ObjectRecord]:
    """
    The records of objects among some lines.
    """
    for record in records(content, "object"):
        yield ObjectRecord(
            record["path"],
            bytes.fromhex(record["hash"]),
            record["size"],
            record["modified"],
            read_metadata(record),
            read_checksums(record),
            record.get("parts", 0),
        )
