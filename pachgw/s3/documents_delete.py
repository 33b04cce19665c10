"""
The documents of DeleteObjects.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Optional

from pachgw.s3.documents_rows import DeletedRow
from pachgw.s3.errors import InternalError, MalformedXML, NotImplemented, S3Error
from pachgw.s3.xml_reading import Node, parse
from pachgw.s3.xml_writing import document, element, optional

MAX_KEYS = 1000
"""
The most keys of one request.
"""

_TAGS = 20 * MAX_KEYS
_KNOWN = frozenset({"Key", "VersionId", "ETag", "LastModifiedTime", "Size"})
_NOT_DONE = ("LastModifiedTime", "Size")


@dataclass(frozen=True)
class Deletion:
    """
    A key for DeleteObjects, with the conditions that AWS allows there.

    @ivar etag: without quotes, or C{*}.
    """

    key: str
    version: Optional[str] = None
    etag: Optional[str] = None


@dataclass(frozen=True)
class DeleteRequest:
    """
    What DeleteObjects asks for.

    @ivar quiet: whether to tell of errors only.
    """

    keys: Sequence[Deletion]
    quiet: bool


def parse_delete(body: bytes) -> DeleteRequest:
    """
    Read C{Delete}.

    @raise MalformedXML: it is none, or has no key, or more than L{MAX_KEYS}.
    @raise NotImplemented: it has conditions that only directory buckets have.
    """
    keys: list[Deletion] = []
    quiet = ""
    for child in parse(body, "Delete", _TAGS).children():
        if child.name == "Object":
            keys.append(_deletion(child))
        elif child.name == "Quiet" and not quiet:
            quiet = child.text.strip().lower()
        else:
            raise MalformedXML(f"Delete must not hold {child.name[:64]!r} here.")
    if not 1 <= len(keys) <= MAX_KEYS or quiet not in ("", "true", "false"):
        raise MalformedXML(f"Delete must hold 1 to {MAX_KEYS} Objects, and Quiet must be true or false.")
    return DeleteRequest(keys, quiet == "true")


def delete_result(results: Iterable[DeletedRow], quiet: bool = False) -> bytes:
    """
    C{DeleteResult}.

    @param quiet: whether to leave out what was deleted.
    """
    return document("DeleteResult", (_failed(row, row.error) if row.error else _deleted(row) for row in results if row.error or not quiet))


def _deletion(node: Node) -> Deletion:
    values = node.values(_KNOWN)
    for name in _NOT_DONE:
        if name in values:
            raise NotImplemented(f"{name} as a condition is not done here. Use ETag.")
    if not values.get("Key"):
        raise MalformedXML("Each Object must have a Key.")
    return Deletion(values["Key"], values.get("VersionId") or None, values.get("ETag", "").strip().strip('"') or None)


def _deleted(row: DeletedRow) -> str:
    marker = f"<DeleteMarker>true</DeleteMarker>{element('DeleteMarkerVersionId', row.version)}" if row.version else ""
    return f"<Deleted>{element('Key', row.key)}{marker}</Deleted>"


def _failed(row: DeletedRow, error: Exception) -> str:
    shown = error if isinstance(error, S3Error) else InternalError()
    inner = element("Key", row.key) + optional("VersionId", row.version) + element("Code", shown.code) + element("Message", shown.message)
    return f"<Error>{inner}</Error>"
