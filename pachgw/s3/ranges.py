"""
Byte ranges. Source: RFC 9110, section 14, with S3's rule that only a single range is served.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional

from pachgw.s3.errors import InvalidArgument, InvalidRange

_SINGLE = re.compile(r"bytes=[ \t]*([0-9]{0,40})-([0-9]{0,40})[ \t]*", re.ASCII | re.IGNORECASE)
_COPY = re.compile(r"bytes=([0-9]{1,40})-([0-9]{1,40})", re.ASCII)
_LAST = (1 << 63) - 1


@dataclass(frozen=True)
class Span:
    """
    The bytes of an object to answer with.

    @ivar start: the first byte.
    @ivar length: how many; never 0.
    @ivar size: the whole object's size.
    """

    start: int
    length: int
    size: int

    @property
    def content_range(self) -> str:
        """
        The value of C{Content-Range}.
        """
        return f"bytes {self.start}-{self.start + self.length - 1}/{self.size}"


def select(header: Optional[str], size: int) -> Optional[Span]:
    """
    Which bytes a C{Range} header asks for.

    @param size: the object's size in bytes.
    @return: C{None} for the whole object: no header, one that is malformed, another unit, or several ranges.
    @raise InvalidRange: there is no such byte, as is true of every range of an empty object.
    """
    match = _SINGLE.fullmatch(header) if header else None
    if match is None:
        return None
    first, last = match.groups()
    if first:
        start, stop = int(first), int(last) if last else size - 1
        if last and stop < start:
            return None
    elif last:
        start, stop = max(size - int(last), 0), size - 1
        if not int(last):
            start = size
    else:
        return None
    if start >= size:
        raise InvalidRange(ActualObjectSize=str(size), RangeRequested=match.group())
    return Span(start, min(stop, size - 1) - start + 1, size)


def foreseen(header: Optional[str]) -> Optional[tuple[int, Optional[int]]]:
    """
    What a C{Range} header is going to ask for, while the object's size is not known.

    @return: the first byte and how many, C{None} for all from there on; altogether C{None} if only the size can tell.
    """
    match = _SINGLE.fullmatch(header) if header else None
    first, last = match.groups() if match else ("0", "")
    if not first:
        return None if last else (0, None)
    if last and int(last) < int(first):
        return 0, None
    if int(first) > _LAST:
        return None
    return int(first), int(last) - int(first) + 1 if last else None


def parse_copy_range(header: str) -> tuple[int, int]:
    """
    Read C{x-amz-copy-source-range}, which must be C{bytes=first-last}.

    @return: the first and the last byte, inclusive. Whether the source has them is for the one who knows its size.
    @raise InvalidArgument: it has another form.
    """
    match = _COPY.fullmatch(header)
    start, stop = (int(match.group(1)), int(match.group(2))) if match else (1, 0)
    if stop < start:
        raise InvalidArgument(
            "x-amz-copy-source-range must have the form bytes=first-last, with first not behind last.",
            ArgumentName="x-amz-copy-source-range",
            ArgumentValue=header,
        )
    return start, stop
