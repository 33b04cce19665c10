"""
What type an object has that was written without one: by its name, else by its first bytes.
"""

from __future__ import annotations

from codecs import getincrementaldecoder
from mimetypes import MimeTypes
from typing import Optional

SNIFFED = 512
"""
How many of an object's first bytes L{by_content} wants to see.
"""

DIRECTORY = "application/x-directory"
"""
The type of a directory marker.
"""

UNKNOWN = "application/octet-stream"
"""
The type of what nothing is known about.
"""

_OURS = {
    ".arrow": "application/vnd.apache.arrow.file",
    ".avro": "application/vnd.apache.avro",
    ".feather": "application/vnd.apache.arrow.file",
    ".geojson": "application/geo+json",
    ".gz": "application/gzip",
    ".ipynb": "application/x-ipynb+json",
    ".jsonl": "application/jsonl",
    ".log": "text/plain",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".ndjson": "application/x-ndjson",
    ".npy": "application/x-npy",
    ".npz": "application/zip",
    ".parquet": "application/vnd.apache.parquet",
    ".toml": "application/toml",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".zst": "application/zstd",
}

_ENCODED = {
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
    "compress": "application/x-compress",
    "br": UNKNOWN,
}

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"PAR1", "application/vnd.apache.parquet"),
    (b"ARROW1", "application/vnd.apache.arrow.file"),
    (b"Obj\x01", "application/vnd.apache.avro"),
    (b"\x93NUMPY", "application/x-npy"),
    (b"\x89HDF\r\n\x1a\n", "application/x-hdf5"),
    (b"OggS\x00", "application/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
)

_MARKUP = ((b"<?xml", "text/xml"), (b"<!doctype html", "text/html"), (b"<html", "text/html"))

_BINARY = frozenset(range(0x20)) - set(b"\t\n\x0c\r\x1b")


def _table() -> MimeTypes:
    """
    Python's own table and ours over it. What the machine has in C{/etc/mime.types} is left out, so that each gateway says the same.
    """
    table = MimeTypes()
    for extension, content_type in _OURS.items():
        table.add_type(content_type, extension)
    return table


_TYPES = _table()


def by_name(key: str) -> Optional[str]:
    """
    The type that a key's extension says, C{None} if it says nothing.
    """
    if key.endswith("/"):
        return DIRECTORY
    name = key[key.rfind("/") + 1 :].lower()
    if name.startswith(".") and "." not in name[1:]:
        return None
    guessed, encoding = _TYPES.guess_type(f"/{name}")
    content_type = _ENCODED.get(encoding, UNKNOWN) if encoding else guessed
    return None if content_type is None else _with_charset(content_type)


def by_content(head: bytes) -> str:
    """
    The type that an object's first bytes show.

    @param head: the first L{SNIFFED} bytes, or all if there are fewer.
    """
    for signature, content_type in _SIGNATURES:
        if head.startswith(signature):
            return content_type
    if head.startswith(b"RIFF"):
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], UNKNOWN)
    if head[4:8] == b"ftyp":
        return "video/mp4"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not text or not _is_text(head):
        return UNKNOWN
    return _with_charset(next((content_type for start, content_type in _MARKUP if text.startswith(start)), "text/plain"))


def _is_text(head: bytes) -> bool:
    """
    Whether it is UTF-8, the last character perhaps cut, with no control characters that text does not have.
    """
    try:
        getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return _BINARY.isdisjoint(head)


def _with_charset(content_type: str) -> str:
    return f"{content_type}; charset=utf-8" if content_type.startswith("text/") else content_type
