"""
Small contents that were read lately, kept by their hash.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Optional

from twisted.internet.defer import Deferred

from pachgw.pfs.interfaces import Buffer, Content

LARGEST = 64 * 1024
"""
The largest content that is kept, in bytes.
"""

LIMIT = 64 * 1024 * 1024
"""
The memory for all of them, in bytes, when nothing else is set.
"""

_OVERHEAD = 200


class SmallContents:
    """
    Contents by PFS's hash of them. The hash says what the bytes are, so nothing here can be out of date; and it is no permission:
    who asks by a hash has been shown, with the right to read it, a file that has it.

    @ivar size: about the memory in use, in bytes.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        """
        @param limit: the most memory, in bytes; C{0} keeps nothing.
        """
        self._limit = limit
        self._contents: OrderedDict[tuple[bytes, int], bytes] = OrderedDict()
        self.size = 0

    def find(self, hash: bytes, size: int) -> Optional[bytes]:
        """
        The content with that hash and size.
        """
        content = self._contents.get((hash, size))
        if content is not None:
            self._contents.move_to_end((hash, size))
        return content

    def keep(self, hash: bytes, content: bytes) -> None:
        """
        Remember a content, if it is small.
        """
        if len(content) > LARGEST or (hash, len(content)) in self._contents:
            return
        self._contents[hash, len(content)] = content
        self.size += len(content) + _OVERHEAD
        while self.size > self._limit:
            _, dropped = self._contents.popitem(last=False)
            self.size -= len(dropped) + _OVERHEAD


class Kept:
    """
    Content that is remembered once all of it has been read.
    """

    def __init__(self, source: Content, contents: SmallContents, hash: bytes, size: int) -> None:
        self._source = source
        self._contents = contents
        self._hash = hash
        self._left = size
        self._parts: list[Buffer] = []

    def read(self) -> Deferred[list[Buffer]]:
        """
        See L{Content}.
        """
        return self._source.read().addCallback(self._took)

    def cancel(self) -> None:
        """
        See L{Content}.
        """
        self._source.cancel()

    def _took(self, buffers: list[Buffer]) -> list[Buffer]:
        self._parts.extend(buffers)
        self._left -= sum(len(buffer) for buffer in buffers)
        if self._left == 0 and self._parts:
            self._contents.keep(self._hash, b"".join(self._parts))
            self._parts = []
        return buffers
