"""
Ranges of one object that share what PFS hands out.
"""

from __future__ import annotations

from typing import Any, Optional

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.neighbours import Neighbours
from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.interfaces import Buffer, Content
from pachgw.pfs.proto import pfs_pb2 as pfs

WHOLE = bytes(range(256)) * 40
MESSAGE = 1900


class SlowContent:
    """
    Messages of a content, each when the test says so.
    """

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.cancelled = False
        self.waiting: list[Deferred[list[Buffer]]] = []

    def read(self) -> Deferred[list[Buffer]]:
        """See L{Content}."""
        self.waiting.append(Deferred())
        return self.waiting[-1]

    def cancel(self) -> None:
        """See L{Content}."""
        self.cancelled = True
        for waiting in self.waiting:
            if not waiting.called:
                waiting.errback(CancelledError())

    def give(self) -> None:
        """
        Send the next message.
        """
        message = WHOLE[self.offset : self.offset + MESSAGE]
        self.offset += len(message)
        self.waiting[-1].callback([message] if message else [])


class NeighboursTests(SynchronousTestCase):
    """
    Some ranges at once.
    """

    def setUp(self) -> None:
        """
        Contents that wait for the test.
        """
        self.clock = Clock()
        self.contents: list[SlowContent] = []
        self.neighbours = Neighbours(self, self.clock, limit=10_000)  # type: ignore[arg-type]

    def content(self, request: pfs.GetFileRequest, token: Optional[str] = None) -> Any:
        """
        In place of PFS's.
        """
        self.contents.append(SlowContent(request.offset))
        return self.contents[-1]

    def range(self, start: int, length: int, hash: bytes = b"h") -> Content:
        """
        A range of the object.
        """
        return self.neighbours.content(pfs.GetFileRequest(offset=start), None, hash, len(WHOLE), length)

    def test_neighbours_wait_for_the_message_under_way(self) -> None:
        """
        Eight ranges that lie in one message cost one call.
        """
        reads = [(start, self.range(start, 200).read()) for start in range(0, 1600, 200)]
        self.assertEqual(len(self.contents), 1)
        self.contents[0].give()
        for start, read in reads:
            self.assertEqual(b"".join(self.successResultOf(read)), WHOLE[start : start + 200])
        self.assertTrue(self.contents[0].cancelled)

    def test_range_over_the_edge(self) -> None:
        """
        What lies in the next message is fetched from where the kept one ends.
        """
        self.range(0, 100).read()
        self.contents[0].give()
        edge = self.range(1800, 300)
        self.assertEqual(self.successResultOf(edge.read()), [WHOLE[1800:1900]])
        rest = edge.read()
        self.assertEqual(self.contents[1].offset, 1900)
        self.contents[1].give()
        self.assertEqual(b"".join(self.successResultOf(rest)), WHOLE[1900:2100])
        self.assertEqual(self.successResultOf(edge.read()), [])

    def test_range_of_several_messages(self) -> None:
        """
        A range that is longer than a message reads on in its stream, exactly to its end.
        """
        content = self.range(100, 5000)
        found = b""
        for _ in range(3):
            read = content.read()
            self.contents[0].give()
            found += b"".join(self.successResultOf(read))
        self.assertEqual(found, WHOLE[100:5100])
        self.assertTrue(self.contents[0].cancelled)
        self.assertEqual(self.successResultOf(content.read()), [])

    def test_far_away_does_not_wait(self) -> None:
        """
        Once it is known how much a message holds, ranges behind it are fetched at the same time.
        """
        self.range(0, 100).read()
        self.contents[0].give()
        self.range(2000, 100).read()
        self.range(9000, 100).read()
        self.assertEqual(len(self.contents), 3)

    def test_end_of_the_content_tells_nothing(self) -> None:
        """
        That the last message is short does not say that others are: neighbours still wait for each other.
        """
        self.range(len(WHOLE) - 10, 5).read()
        self.contents[0].give()
        self.range(0, 100).read()
        self.range(1000, 100).read()
        self.assertEqual(len(self.contents), 2)

    def test_another_content_is_another(self) -> None:
        """
        Nothing is shared between contents.
        """
        self.range(0, 100).read()
        self.range(0, 100, b"other").read()
        self.assertEqual(len(self.contents), 2)

    def test_waiters_go_on_when_the_first_gives_up(self) -> None:
        """
        If the range that fetches is abandoned or fails, those that wait for it fetch themselves.
        """
        first, second = self.range(0, 100), self.range(50, 100)
        first.read().addErrback(lambda _: None)
        read = second.read()
        first.cancel()
        self.contents[1].give()
        self.assertEqual(b"".join(self.successResultOf(read)), WHOLE[50:150])

    def test_cancel_while_waiting(self) -> None:
        """
        A range that waits for another's message can be abandoned, which leaves the other alone.
        """
        first, second = self.range(0, 100).read(), self.range(50, 100)
        read = second.read()
        second.cancel()
        self.failureResultOf(read, CancelledError)
        self.contents[0].give()
        self.successResultOf(first)
        self.assertEqual(len(self.contents), 1)

    def test_few_first_messages_at_once(self) -> None:
        """
        Large messages are not fetched in any number at once; who waits for their turn can leave.
        """
        self.range(0, 100).read()
        self.contents[0].give()
        ranges = [self.range(start, 10) for start in range(2000, 8000, 2000)] + [self.range(10_200, 10)]
        reads = [each.read() for each in ranges]
        self.assertEqual(len(self.contents), 1 + 3)
        ranges[-1].cancel()
        self.failureResultOf(reads[-1], CancelledError)
        self.contents[1].give()
        self.assertEqual(len(self.contents), 1 + 3)

    def test_bounded_and_let_go(self) -> None:
        """
        What is kept stays under its limit, and goes after a moment.
        """
        for start in range(0, 10_000, 1900):
            self.range(start, 10).read()
            self.contents[-1].give()
        self.assertLessEqual(self.neighbours.size, 10_000)
        self.assertGreater(self.neighbours.size, 5_000)
        self.clock.advance(3)
        self.clock.advance(3)
        self.assertEqual(self.neighbours.size, 0)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_short_content(self) -> None:
        """
        A range that PFS does not fill fails.
        """
        content = self.range(10_200, 100)
        read = content.read()
        self.contents[0].give()
        self.assertEqual(len(self.successResultOf(read)[0]), 40)
        read = content.read()
        self.contents[0].give()
        self.assertEqual(self.failureResultOf(read, PFSError).value.status, Status.DATA_LOSS)
