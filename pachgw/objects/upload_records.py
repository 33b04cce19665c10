"""
What is kept of multipart uploads on the gateway's own branch, in the format of L{pachgw.objects.records}.

An upload ID is 32 hex digits. Under C{/uploads/ID/} are:
  - C{upload}: key, branch, metadata and what was asked for when it began;
  - C{parts/NNNNN}: the bytes of a part, and C{info/NNNNN} what is known of them;
  - C{completing}: the head of the bucket's branch when a Complete was begun, so that after a death between the object's commit and the
    next record the object is found instead of being made again.

C{/completed/ID} says what became of it, for a Complete that is repeated. It is forgotten after a while, as are uploads that nobody goes
on with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Optional

from pachgw.objects.records import checksum_values, line, metadata_values, read_checksums, read_metadata, records
from pachgw.objects.values import ObjectInfo, Part, Upload, etag_of
from pachgw.s3.metadata import Checksum, ChecksumType, Metadata

UPLOADS = "/uploads"
COMPLETED = "/completed"


def directory_of_upload(id: str) -> str:
    """
    Where everything of an upload is, with its trailing slash.
    """
    return f"{UPLOADS}/{id}/"


def part_path(id: str, number: int) -> str:
    """
    Where a part's bytes are.
    """
    return f"{UPLOADS}/{id}/parts/{number:05}"


def part_info_path(id: str, number: Optional[int] = None) -> str:
    """
    Where a part's record is; without a number a glob of those of all parts.
    """
    return f"{UPLOADS}/{id}/info/{'*' if number is None else f'{number:05}'}"


@dataclass(frozen=True)
class UploadRecord:
    """
    An upload that was begun.

    @ivar branch: the branch of the bucket.
    @ivar started: in seconds since the epoch.
    """

    id: str
    branch: str
    key: str
    started: float
    metadata: Metadata
    algorithm: Optional[str] = None
    checksum_type: Optional[ChecksumType] = None

    @property
    def place(self) -> str:
        """
        Where it is kept.
        """
        return upload_path(self.id)

    @property
    def upload(self) -> Upload:
        """
        As the client sees it.
        """
        return Upload(self.key, self.id, self.started, self.algorithm, self.checksum_type)

    def line(self) -> bytes:
        """
        As it is kept.
        """
        values: dict[str, Any] = {"id": self.id, "branch": self.branch, "key": self.key, "started": self.started}
        if self.algorithm is not None:
            values["algorithm"] = self.algorithm
        if self.checksum_type is not None:
            values["checksum_type"] = self.checksum_type.value
        return line("upload", {**values, **metadata_values(self.metadata)})


def upload_path(id: str) -> str:
    """
    Where the record of an upload is; C{*} is a glob of all.
    """
    return f"{UPLOADS}/{id}/upload"


def upload_records(content: bytes) -> Iterator[UploadRecord]:
    """
    The uploads among some lines.
    """
    for record in records(content, "upload"):
        type = record.get("checksum_type")
        yield UploadRecord(
            record["id"],
            record["branch"],
            record["key"],
            record["started"],
            read_metadata(record),
            record.get("algorithm"),
            None if type is None else ChecksumType(type),
        )


@dataclass(frozen=True)
class PartRecord:
    """
    A part that has been uploaded.

    @ivar hash: PFS's hash of its bytes.
    @ivar size: in bytes.
    @ivar modified: in seconds since the epoch.
    """

    number: int
    hash: bytes
    size: int
    modified: float
    checksums: tuple[Checksum, ...] = ()

    @property
    def part(self) -> Part:
        """
        As the client sees it.
        """
        return Part(self.number, etag_of(self.hash), self.size, self.modified, self.checksums)

    def line(self) -> bytes:
        """
        As it is kept.
        """
        values = {"number": self.number, "hash": self.hash.hex(), "size": self.size, "modified": self.modified}
        return line("part", {**values, **checksum_values(self.checksums)})


def part_records(content: bytes) -> Iterator[PartRecord]:
    """
    The parts among some lines.
    """
    for record in records(content, "part"):
        hash = bytes.fromhex(record["hash"])
        yield PartRecord(record["number"], hash, record["size"], record["modified"], read_checksums(record))


def completing_path(id: str) -> str:
    """
    Where it is kept that a Complete was begun.
    """
    return f"{UPLOADS}/{id}/completing"


def completing_line(id: str, head: str) -> bytes:
    """
    That a Complete was begun.

    @param head: the bucket's commit at that time.
    """
    return line("completing", {"id": id, "head": head})


def completing_head(content: bytes) -> Optional[str]:
    """
    The bucket's commit at the time when a Complete was begun, C{None} if none was.
    """
    for record in records(content, "completing"):
        return str(record["head"])
    return None


@dataclass(frozen=True)
class CompletedRecord:
    """
    An upload that has become an object.

    @ivar branch: the branch of the bucket.
    @ivar info: the object, as the first Complete was answered.
    """

    id: str
    branch: str
    info: ObjectInfo

    @property
    def place(self) -> str:
        """
        Where it is kept.
        """
        return completed_path(self.id)

    def line(self) -> bytes:
        """
        As it is kept.
        """
        info = self.info
        values = {"id": self.id, "branch": self.branch, "key": info.key, "size": info.size, "hash": info.hash.hex()}
        values.update(modified=info.modified, version=info.version)
        return line("completed", {**values, **metadata_values(info.metadata), **checksum_values(info.checksums)})


def completed_path(id: str) -> str:
    """
    Where it is kept what became of an upload; C{*} is a glob of all.
    """
    return f"{COMPLETED}/{id}"


def completed_records(content: bytes) -> Iterator[CompletedRecord]:
    """
    The completed uploads among some lines.
    """
    for record in records(content, "completed"):
        info = ObjectInfo(
            record["key"],
            record["size"],
            bytes.fromhex(record["hash"]),
            record["modified"],
            record["version"],
            read_metadata(record),
            read_checksums(record),
        )
        yield CompletedRecord(record["id"], record["branch"], info)
