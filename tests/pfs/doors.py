"""
What every door to PFS must do, whatever lies behind it: one suite, for L{LocalPFS} and L{GrpcPFS}.

The servicers run in real threads, so the tests use the real reactor, but no time: threads signal what they have reached, and
timeouts come from a C{Clock}.
"""

from __future__ import annotations

import threading
from typing import Any, TypeVar

from google.protobuf.empty_pb2 import Empty
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase

from pachgw.pfs import methods
from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.pfs.toys import Toy

T = TypeVar("T")


def inspect(name: str) -> pfs.InspectRepoRequest:
    """
    The request for the repo of a name.
    """
    return pfs.InspectRepoRequest(repo=pfs.Repo(name=name))


def repos(count: int, type: str = "") -> pfs.ListRepoRequest:
    """
    The request for so many repos.
    """
    return pfs.ListRepoRequest(type=type, page=pfs.RepoPage(page_size=count))


def content(length: int, size: int) -> pfs.GetFileRequest:
    """
    The request for so many bytes, in messages of that size.
    """
    return pfs.GetFileRequest(file=pfs.File(path=str(size)), offset=length)


def add(path: str, size: int = 1) -> pfs.ModifyFileRequest:
    """
    A message that adds some bytes.
    """
    message = pfs.ModifyFileRequest()
    message.add_file.path = path
    message.add_file.raw.value = bytes(size)
    return message


async def drained(stream: Any) -> list[Any]:
    """
    All that a stream gives.
    """
    everything: list[Any] = []
    while items := await stream.read():
        everything += items
    return everything


class DoorTests(TestCase):
    """
    To be subclassed with L{open}.
    """

    __test__ = False

    def open(self, toy: Toy, clock: Clock) -> Any:
        """
        A door to a servicer.
        """
        raise NotImplementedError

    def setUp(self) -> None:
        from twisted.internet import reactor

        self.toy = Toy(reactor)
        self.clock = Clock()
        self.door = self.open(self.toy, self.clock)
        self.addCleanup(self.check_threads)
        self.addCleanup(self.shut)

    async def shut(self) -> None:
        """
        Close the door; what comes behind it is up to the subclass.
        """
        self.toy.gate.set()
        await self.door.close()

    def check_threads(self) -> None:
        """
        Closing leaves no thread.
        """
        left = [thread.name for thread in threading.enumerate() if thread.name.startswith("pachgw-")]
        self.assertEqual(left, [])

    async def refused(self, deferred: Deferred[Any], status: Status) -> PFSError:
        """
        The error that a call must end with.
        """
        error = await self.assertFailure(deferred, PFSError)
        self.assertEqual(error.status, status, error.details)
        return error

    async def test_call_answers(self) -> None:
        """
        A unary call brings the servicer's answer, and the servicer knows the token.
        """
        answer = await self.door.call(methods.GET_VERSION, Empty(), "secret")
        self.assertEqual((answer.major, answer.minor), (2, 12))
        self.assertEqual(self.toy.token, "secret")
        await self.door.call(methods.GET_VERSION, Empty())
        self.assertIsNone(self.toy.token)

    async def test_call_refused(self) -> None:
        """
        A servicer's refusal comes with its status and text.
        """
        error = await self.refused(self.door.call(methods.INSPECT_REPO, inspect("missing")), Status.NOT_FOUND)
        self.assertEqual(error.details, "repo default/missing not found")

    async def test_call_unknown_method(self) -> None:
        """
        What the servicer does not have is C{UNIMPLEMENTED}.
        """
        await self.refused(self.door.call(methods.DELETE_ALL, Empty()), Status.UNIMPLEMENTED)

    async def test_call_broken(self) -> None:
        """
        A defect of the servicer is C{INTERNAL}, is logged, and its text does not get out.
        """
        error = await self.refused(self.door.call(methods.INSPECT_REPO, inspect("broken")), Status.INTERNAL)
        self.assertNotIn("secret", error.details)
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    async def test_call_cancelled(self) -> None:
        """
        Cancelling a call ends it at once, and the servicer stops waiting.
        """
        call = self.door.call(methods.INSPECT_REPO, inspect("stuck"))
        await self.toy.stuck.happened
        call.cancel()
        await self.assertFailure(call, CancelledError)
        await self.toy.released.happened

    async def test_call_times_out(self) -> None:
        """
        A call that takes too long fails with C{DEADLINE_EXCEEDED}, and the servicer stops waiting.
        """
        call = self.door.call(methods.INSPECT_REPO, inspect("stuck"), timeout=7)
        await self.toy.stuck.happened
        self.clock.advance(6.9)
        self.assertNoResult(call)
        self.clock.advance(0.2)
        await self.refused(call, Status.DEADLINE_EXCEEDED)
        await self.toy.released.happened
        self.assertEqual(self.clock.getDelayedCalls(), [])

    async def test_stream_in_order(self) -> None:
        """
        A stream gives everything in order, in batches, and then empty lists for ever.
        """
        stream = self.door.stream(methods.LIST_REPO, repos(3000))
        names = [info.repo.name for info in await drained(stream)]
        self.assertEqual(names, [f"r{number}" for number in range(3000)])
        self.assertEqual(await stream.read(), [])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    async def test_stream_refused_at_its_end(self) -> None:
        """
        What came before an error is read before it, and the error stays.
        """
        stream = self.door.stream(methods.LIST_REPO, repos(300, "refuse"))
        names: list[str] = []
        with self.assertRaises(PFSError) as caught:
            while True:
                names += [info.repo.name for info in await stream.read()]
        self.assertEqual(caught.exception.status, Status.PERMISSION_DENIED)
        self.assertEqual(len(names), 300)
        await self.refused(stream.read(), Status.PERMISSION_DENIED)

    async def test_stream_cancelled_while_read(self) -> None:
        """
        Cancelling a stream fails the read that waits, wakes the servicer, and may be done twice.
        """
        stream = self.door.stream(methods.SUBSCRIBE_COMMIT, pfs.SubscribeCommitRequest())
        self.assertEqual((await stream.read())[0].description, "first")
        read = stream.read()
        await self.toy.stuck.happened
        stream.cancel()
        stream.cancel()
        await self.assertFailure(read, CancelledError)
        await self.toy.released.happened
        await self.assertFailure(stream.read(), CancelledError)

    async def test_stream_times_out(self) -> None:
        """
        The timeout of a stream is for each wait; when it is over the stream ends.
        """
        stream = self.door.stream(methods.SUBSCRIBE_COMMIT, pfs.SubscribeCommitRequest(), timeout=5)
        await stream.read()
        self.clock.advance(100)
        read = stream.read()
        self.clock.advance(5)
        await self.refused(read, Status.DEADLINE_EXCEEDED)
        await self.refused(stream.read(), Status.DEADLINE_EXCEEDED)

    async def test_content(self) -> None:
        """
        Content comes whole, in buffers none of which is empty.
        """
        stream = self.door.content(content(5_000_000, 70_000))
        buffers = await drained(stream)
        self.assertNotIn(0, map(len, buffers))
        block = bytes(range(256)) * 300
        self.assertEqual(b"".join(buffers), (block[:70_000] * 72)[:5_000_000])

    async def test_large_messages(self) -> None:
        """
        Messages of 8 MiB pass.
        """
        buffers = await drained(self.door.content(content(24 << 20, 8 << 20)))
        self.assertEqual(sum(map(len, buffers)), 24 << 20)

    async def test_content_cancelled(self) -> None:
        """
        Content that is cancelled in the middle stops coming.
        """
        stream = self.door.content(content(1 << 40, 1 << 16))
        await stream.read()
        stream.cancel()
        await self.assertFailure(stream.read(), CancelledError)

    async def test_send(self) -> None:
        """
        A client stream's messages arrive in order, and its end brings the answer.
        """
        sink = self.door.send(methods.MODIFY_FILE)
        for number in range(100):
            await sink.write(add(str(number), 1 << 16))
        self.assertEqual(await sink.finish(), Empty())
        self.assertEqual([message.add_file.path for message in self.toy.taken], [str(number) for number in range(100)])

    async def test_send_nothing(self) -> None:
        """
        A client stream may be empty.
        """
        self.assertEqual(await self.door.send(methods.MODIFY_FILE).finish(), Empty())

    async def test_send_waits_for_room(self) -> None:
        """
        A writer waits while PFS does not take what there is, and goes on when it does.
        """
        self.toy.gate.clear()
        sink = self.door.send(methods.MODIFY_FILE)
        written = 0
        while (write := sink.write(add("x", 1 << 20))).called:
            written += 1
            self.assertLess(written, 8)
        self.toy.gate.set()
        await write
        await sink.finish()
        self.assertEqual(len(self.toy.taken), written + 1)

    async def test_send_refused(self) -> None:
        """
        A refusal in the middle fails the next write, or the end.
        """
        sink = self.door.send(methods.MODIFY_FILE)
        await sink.write(add("refuse"))
        with self.assertRaises(PFSError) as caught:
            while True:
                await sink.write(add("x", 1 << 20))
        self.assertEqual((caught.exception.status, caught.exception.details), (Status.UNKNOWN, "path (refuse) invalid"))
        await self.refused(sink.finish(), Status.UNKNOWN)

    async def test_send_cancelled(self) -> None:
        """
        PFS sees that an abandoned stream has not ended well.
        """
        sink = self.door.send(methods.MODIFY_FILE)
        for _ in range(3):
            await sink.write(add("x", 1 << 20))
        sink.cancel()
        sink.cancel()
        await self.toy.broken.happened
        await self.assertFailure(sink.finish(), CancelledError)

    async def test_send_cancelled_before_it_began(self) -> None:
        """
        Of a small stream that is abandoned PFS sees nothing.
        """
        sink = self.door.send(methods.MODIFY_FILE)
        await sink.write(add("x"))
        sink.cancel()
        await self.assertFailure(sink.write(add("y")), CancelledError)
        await self.door.call(methods.GET_VERSION, Empty())
        self.assertEqual(self.toy.taken, [])

    async def test_send_times_out(self) -> None:
        """
        A client stream that PFS does not answer ends with C{DEADLINE_EXCEEDED}.
        """
        self.toy.gate.clear()
        sink = self.door.send(methods.MODIFY_FILE, timeout=3)
        await sink.write(add("x"))
        answer = sink.finish()
        self.clock.advance(3)
        await self.refused(answer, Status.DEADLINE_EXCEEDED)

    async def test_waits_hold_up_nobody(self) -> None:
        """
        However many wait for a commit or do not read what they asked for, a call is answered.
        """
        streams = [self.door.stream(methods.SUBSCRIBE_COMMIT, pfs.SubscribeCommitRequest()) for _ in range(100)]
        streams += [self.door.content(content(1 << 30, 1 << 16)) for _ in range(100)]
        answer = await self.door.call(methods.GET_VERSION, Empty())
        self.assertEqual(answer.major, 2)
        for stream in streams:
            stream.cancel()

    async def test_close_ends_everything(self) -> None:
        """
        Closing fails what waits with C{CANCELLED}, and everything that comes later.
        """
        call = self.door.call(methods.INSPECT_REPO, inspect("stuck"))
        read = self.door.stream(methods.LIST_REPO, repos(1))
        stream = self.door.stream(methods.SUBSCRIBE_COMMIT, pfs.SubscribeCommitRequest())
        sink = self.door.send(methods.MODIFY_FILE)
        await self.toy.stuck.happened
        await self.door.close()
        await self.refused(call, Status.CANCELLED)
        for late in (read.read(), stream.read(), sink.finish(), self.door.call(methods.GET_VERSION, Empty())):
            await self.refused(late, Status.CANCELLED)
        await self.refused(self.door.stream(methods.LIST_REPO, repos(1)).read(), Status.CANCELLED)
        self.assertEqual(self.clock.getDelayedCalls(), [])
