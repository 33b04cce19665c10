"""
An L{IObjects} in memory, whose Deferreds can be held back by the test.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from twisted.internet.defer import Deferred, succeed
from zope.interface import implementer

from pachgw.objects.interfaces import Body, IObjects
from pachgw.objects.values import Caller, Deleted, ObjectInfo, ObjectPart, Wanted, Written
from pachgw.pfs.interfaces import Buffer
from pachgw.s3.buckets import Bucket
from pachgw.s3.conditions import NONE, Conditions
from pachgw.s3.errors import NoSuchKey
from pachgw.s3.metadata import Checksum, Metadata

COMMIT = "c0ffee" + "0" * 26


class FakeContent:
    """
    Bytes in pieces; with C{held} each piece waits for L{give}.
    """

    def __init__(self, pieces: Sequence[Buffer], held: bool = False) -> None:
        self.pieces = list(pieces)
        self.held = held
        self.cancelled = False
        self.reads = 0
        self.waiting: Optional[Deferred[list[Buffer]]] = None

    def read(self) -> Deferred[list[Buffer]]:
        """See L{pachgw.pfs.interfaces.Content}."""
        self.reads += 1
        if self.held:
            self.waiting = Deferred()
            return self.waiting
        return succeed([self.pieces.pop(0)] if self.pieces else [])

    def give(self) -> None:
        """Answer the outstanding read."""
        assert self.waiting is not None
        waiting, self.waiting = self.waiting, None
        waiting.callback([self.pieces.pop(0)] if self.pieces else [])

    def cancel(self) -> None:
        """See L{pachgw.pfs.interfaces.Content}."""
        self.cancelled = True


@dataclass
class FakeOpen:
    """An object that is open."""

    info: ObjectInfo
    make: Callable[[int, int], FakeContent]
    made_of: Sequence[ObjectPart] = ()
    wanted: Optional[Wanted] = None
    opened: list[FakeContent] = field(default_factory=list)
    closed: bool = False

    def content(self, start: int, length: int) -> FakeContent:
        """See L{pachgw.objects.interfaces.OpenObject}."""
        content = self.make(start, length)
        self.opened.append(content)
        return content

    def parts(self) -> Deferred[Sequence[ObjectPart]]:
        """See L{pachgw.objects.interfaces.OpenObject}."""
        return succeed(self.made_of)

    def close(self) -> None:
        """See L{pachgw.objects.interfaces.OpenObject}."""
        self.closed = True


def info_of(key: str, data: bytes, **more: Any) -> ObjectInfo:
    """What is known of an object with these bytes."""
    return ObjectInfo(key, len(data), hashlib.blake2b(data, digest_size=32).digest(), 1_700_000_000.0, COMMIT, **more)


@implementer(IObjects)
class FakeObjects:
    """
    Objects in a dictionary. C{calls} is what was asked; an answer may be replaced by putting a callable into C{answers}.
    """

    def __init__(self) -> None:
        self.auth = False
        self.stored: dict[tuple[str, str], bytes] = {}
        self.metadata: dict[tuple[str, str], Metadata] = {}
        self.parts: dict[tuple[str, str], Sequence[ObjectPart]] = {}
        self.checksums: dict[tuple[str, str], tuple[Checksum, ...]] = {}
        self.calls: list[tuple[Any, ...]] = []
        self.answers: dict[str, Callable[..., Any]] = {}
        self.opened: list[FakeOpen] = []
        self.pieces = 1

    def auth_required(self) -> Deferred[bool]:
        """As the test says."""
        return succeed(self.auth)

    def authenticate(self, token: str) -> Deferred[Caller]:
        """Everybody is known."""
        return succeed(Caller(token))

    def open(
        self, caller: Caller, bucket: Bucket, key: str, version: Optional[str] = None, wanted: Optional[Wanted] = None
    ) -> Deferred[FakeOpen]:
        """From the dictionary."""

        async def opening() -> FakeOpen:
            self.calls.append(("open", bucket.name, key, version))
            if (bucket.name, key) not in self.stored:
                raise NoSuchKey(Key=key)
            data = self.stored[bucket.name, key]
            name = bucket.name, key
            parts = self.parts.get(name, ())
            info = info_of(key, data, metadata=self.metadata.get(name), checksums=self.checksums.get(name, ()), parts=len(parts))
            answer = FakeOpen(info, lambda start, length: self._content(data, start, length), parts, wanted)
            self.opened.append(answer)
            return answer

        return Deferred.fromCoroutine(opening())

    def _content(self, data: bytes, start: int, length: int) -> FakeContent:
        data = data[start : start + length]
        step = -(-len(data) // self.pieces) or 1
        return FakeContent([data[at : at + step] for at in range(0, len(data), step)])

    def put(
        self, caller: Caller, bucket: Bucket, key: str, body: Body, metadata: Metadata, conditions: Conditions = NONE
    ) -> Deferred[Written]:
        """Into the dictionary."""

        async def putting() -> Written:
            self.calls.append(("put", bucket.name, key, conditions))
            pieces = []
            while data := await body.read():
                pieces.append(data)
            content = b"".join(pieces)
            self.stored[bucket.name, key] = content
            self.metadata[bucket.name, key] = metadata
            return Written(info_of(key, content, metadata=metadata, checksums=body.checksums()))

        return Deferred.fromCoroutine(putting())

    def delete(self, caller: Caller, bucket: Bucket, key: str, conditions: Conditions = NONE) -> Deferred[Deleted]:
        """From the dictionary."""
        self.stored.pop((bucket.name, key), None)
        return succeed(Deleted(key, COMMIT))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def operation(*args: Any, **kwargs: Any) -> Any:
            self.calls.append((name, *args, kwargs))
            return self.answers[name](*args, **kwargs)

        return operation
