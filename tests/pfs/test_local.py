"""
The embedded PFS's side of the bridge, with a toy in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.empty_pb2 import Empty
from twisted.internet.task import Clock

from pachgw.pfs import methods
from pachgw.pfs.local import LocalPFS, Threads
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.pfs.doors import DoorTests, content, drained, inspect
from tests.pfs.toys import Toy


class LocalPFSTests(DoorTests):
    """
    L{LocalPFS} as a door.
    """

    __test__ = True

    def open(self, toy: Toy, clock: Clock) -> LocalPFS:
        """
        See L{DoorTests.open}.
        """
        from twisted.internet import reactor

        return LocalPFS(toy, reactor, clock, Threads(2, 2, 2, 2, 2))  # type: ignore[arg-type]

    async def test_content_without_a_copy(self) -> None:
        """
        The servicer's own buffers reach the reader, but for empty ones.
        """
        whole = memoryview(bytes(1000))
        parts = [whole[:400], whole[400:400], whole[400:]]

        def buffers(request: pfs.GetFileRequest, call: Any) -> Iterator[memoryview]:
            yield from parts

        self.toy.content = buffers  # type: ignore[method-assign]
        read = await drained(self.door.content(content(0, 0)))
        self.assertEqual([id(part) for part in read], [id(parts[0]), id(parts[2])])

    async def test_small_content_in_one_read(self) -> None:
        """
        A small file's end is known with its content: the second read has its answer at once.
        """
        stream = self.door.content(content(4096, 4096))
        self.assertEqual(len(await stream.read()), 1)
        self.assertEqual(self.successResultOf(stream.read()), [])

    async def test_queued_call_cancelled(self) -> None:
        """
        A call that is cancelled before a thread takes it never reaches the servicer.
        """
        stuck = [self.door.call(methods.INSPECT_REPO, inspect("stuck")) for _ in range(2)]
        queued = self.door.call(methods.GET_VERSION, Empty(), "never")
        queued.cancel()
        self.failureResultOf(queued)
        await self.toy.stuck.happened
        for call in stuck:
            call.cancel()
            self.failureResultOf(call)
        await self.door.call(methods.INSPECT_REPO, inspect("x"))
        self.assertIsNone(self.toy.token)
