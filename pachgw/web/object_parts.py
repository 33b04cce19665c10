"""
C{partNumber}: an object read by the parts in which it was uploaded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Optional

from pachgw.objects.interfaces import OpenObject
from pachgw.objects.values import ObjectPart
from pachgw.s3.errors import InvalidPart, InvalidRange
from pachgw.s3.metadata import Checksum
from pachgw.s3.ranges import Span
from pachgw.web.answer import Header


@dataclass(frozen=True)
class WantedPart:
    """
    The part that a request asks for.

    @ivar span: its bytes, C{None} if there are none.
    @ivar checksums: those that are known.
    @ivar headers: what the response says of it.
    """

    span: Optional[Span]
    checksums: tuple[Checksum, ...]
    headers: list[Header]


async def find_part(opened: OpenObject, number: int) -> WantedPart:
    """
    Find a part of an object. One that was not uploaded in parts is its own first and only part.

    @raise InvalidPart: there is no such part.
    @raise InvalidRange: the part is empty, and the object is not.
    """
    info = opened.info
    parts = await opened.parts() if info.parts else ()
    if number > max(len(parts), 1):
        raise InvalidPart(f"The object has no part {number}, but {max(len(parts), 1)}.", PartNumber=str(number))
    count: list[Header] = [("x-amz-mp-parts-count", str(len(parts)))] if parts else []
    if not info.size:
        return WantedPart(None, info.checksums, count)
    if not parts:
        return WantedPart(Span(0, info.size, info.size), info.checksums, count)
    part = parts[number - 1]
    if not part.size:
        raise InvalidRange(f"Part {number} is empty.", ActualObjectSize=str(info.size))
    start = sum(before.size for before in parts[: number - 1])
    return WantedPart(Span(start, part.size, info.size), _typed(part, info.checksums), count)


def _typed(part: ObjectPart, whole: tuple[Checksum, ...]) -> tuple[Checksum, ...]:
    """
    The checksums of a part, with the type of the object's, as AWS tells it.
    """
    return tuple(replace(sum, type=whole[0].type) for sum in part.checksums) if whole else ()
