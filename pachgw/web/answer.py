"""
What an operation answers when it has succeeded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from pachgw.pfs.interfaces import Content

Header = tuple[str, str]

XML = ("Content-Type", "application/xml")


@dataclass(slots=True)
class Answer:
    """
    A response to be.

    @ivar headers: beside those that every response has, and C{Content-Length}.
    @ivar body: all of it; or
    @ivar content: where it comes from, and
    @ivar length: how long it is, in bytes. For a HEAD it is the length that a GET would have, without C{content}.
    """

    status: int = 200
    headers: list[Header] = field(default_factory=list)
    body: bytes = b""
    content: Optional[Content] = None
    length: Optional[int] = None


def document(body: bytes, status: int = 200) -> Answer:
    """
    An answer that is an XML document.
    """
    return Answer(status, [XML], body)
