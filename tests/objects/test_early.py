"""
Reading what no index shows: PFS is asked for an object's facts and for its bytes at the same time.
"""

from __future__ import annotations

from typing import Any, Optional

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from zope.interface import implementer

from pachgw.objects import neighbours
from pachgw.objects.interfaces import OpenObject
from pachgw.objects.store import ObjectStore
from pachgw.objects.values import Caller, ListQuery, Wanted
from pachgw.pfs.interfaces import IPFS, Content
from pachgw.pfs.methods import Method
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.buckets import parse_bucket
from pachgw.s3.errors import NoSuchKey
from tests.objects.direct_pfs import DirectPFS, EmbeddedTestCase

NOBODY = Caller()
IMAGES = parse_bucket("images")
WHOLE = Wanted(0)


class Watched:
    """
    A stream whose end is seen.
    """

    def __init__(self, stream: Content, offset: int) -> None:
        self.offset = offset
        self.cancelled = False
        self._stream = stream

    def read(self) -> Deferred[list[Any]]:
        """See L{Content}."""
        return self._stream.read()

    def cancel(self) -> None:
        """See L{Content}."""
        self.cancelled = True
        self._stream.cancel()


@implementer(IPFS)
class SlowPFS(DirectPFS):
    """
    A PFS whose answers about files wait for the test.

    @ivar held: answers that wait.
    @ivar streams: of content.
    """

    def __init__(self, direct: DirectPFS) -> None:
        super().__init__(direct.embedded)
        self.held: list[Deferred[None]] = []
        self.streams: list[Watched] = []

    def call(self, method: Method[Any, Any], request: Any, token: Optional[str] = None, timeout: Optional[float] = None) -> Any:
        """See L{IPFS}."""
        answer = super().call(method, request, token, timeout)
        if method.name != "InspectFile":
            return answer
        gate: Deferred[None] = Deferred()
        self.held.append(gate)
        return gate.addCallback(lambda _: answer)

    def content(self, request: pfs.GetFileRequest, token: Optional[str] = None, timeout: Optional[float] = None) -> Any:
        """See L{IPFS}."""
        self.streams.append(Watched(super().content(request, token, timeout), request.offset))
        return self.streams[-1]

    def answer(self) -> None:
        """
        Let an answer go.
        """
        self.held.pop().callback(None)


class EarlyTests(EmbeddedTestCase):
    """
    Open with what will be wanted.
    """

    def setUp(self) -> None:
        """
        A commit that nobody has indexed.
        """
        clock = Clock()
        self.pfs = SlowPFS(self.open_pfs(clock))
        repo = self.repo(self.pfs, "default", "images", ["master"])
        self.commit(self.pfs, repo, "master", {"/a": b"0123456789", "/empty": b"", "/d/f": b"1"})
        self.store = ObjectStore(self.pfs, clock)
        self.addCleanup(lambda: self.assertTrue(all(stream.cancelled for stream in self.pfs.streams)))

    def open(self, wanted: Optional[Wanted], key: str = "a") -> OpenObject:
        """
        An object that is there, opened from PFS.
        """
        opening = self.store.open(NOBODY, IMAGES, key, None, wanted)
        self.assertNoResult(opening)
        self.pfs.answer()
        return self.successResultOf(opening)

    def test_facts_and_bytes_at_once(self) -> None:
        """
        After the heads, the bytes are asked for while the facts are still on their way, of the same commit; nothing is asked twice.
        """
        before = len(self.pfs.calls)
        opening = self.store.open(NOBODY, IMAGES, "a", None, WHOLE)
        calls = ["Authorize", "InspectBranch", "InspectBranch", "GetFile", "InspectFile"]
        self.assertEqual(self.pfs.calls[before:], calls)
        self.assertNoResult(opening)
        self.pfs.answer()
        found = self.successResultOf(opening)
        self.assertEqual(self.bytes_of(found.content(0, 10)), b"0123456789")
        found.close()
        self.assertEqual(self.pfs.calls[before:], calls)

    def test_range_to_the_end(self) -> None:
        """
        A range whose end only the size tells begins early at its start, and is cut to what is asked.
        """
        found = self.open(Wanted(4))
        self.assertEqual(self.bytes_of(found.content(4, 6)), b"456789")
        self.assertEqual([stream.offset for stream in self.pfs.streams], [4])

    def test_not_early(self) -> None:
        """
        Nothing is asked early without a word of it, for a short range, which may be shared, or of what an index shows.
        """
        for wanted in (None, Wanted(0, neighbours.LARGEST)):
            self.open(wanted)
        self.successResultOf(self.store.list(NOBODY, IMAGES, ListQuery()))
        self.successResultOf(self.store.open(NOBODY, IMAGES, "a", None, WHOLE))
        self.assertEqual(self.pfs.streams, [])

    def test_long_range(self) -> None:
        """
        A range that is too long to be shared begins early.
        """
        self.open(Wanted(0, neighbours.LARGEST + 1)).close()
        self.assertEqual(len(self.pfs.streams), 1)

    def test_other_bytes(self) -> None:
        """
        What does not begin where it was said gets a stream of its own, and the early one ends.
        """
        found = self.open(WHOLE)
        self.assertEqual(self.bytes_of(found.content(2, 3)), b"234")
        self.assertEqual([(stream.offset, stream.cancelled) for stream in self.pfs.streams], [(0, True), (2, True)])

    def test_given_once(self) -> None:
        """
        A second content of the same object is read anew.
        """
        found = self.open(WHOLE)
        contents = [found.content(0, 10), found.content(0, 10)]
        self.assertEqual([self.bytes_of(content) for content in contents], [b"0123456789"] * 2)
        self.assertEqual(len(self.pfs.streams), 2)

    def test_kept_content(self) -> None:
        """
        What memory holds ends the early stream.
        """
        self.bytes_of(self.open(WHOLE).content(0, 10))
        self.assertEqual(self.bytes_of(self.open(WHOLE).content(0, 10)), b"0123456789")
        self.assertEqual([stream.cancelled for stream in self.pfs.streams], [True, True])

    def test_not_taken(self) -> None:
        """
        C{close} ends what nobody took, more than once too.
        """
        found = self.open(WHOLE, "empty")
        self.assertFalse(self.pfs.streams[0].cancelled)
        found.close()
        found.close()
        self.assertTrue(self.pfs.streams[0].cancelled)

    def test_missing(self) -> None:
        """
        What turns out to be missing, or a directory, leaves nothing.
        """
        for number, key in enumerate(("none", "d"), 1):
            opening = self.store.open(NOBODY, IMAGES, key, None, WHOLE)
            self.pfs.answer()
            self.failureResultOf(opening, NoSuchKey)
            self.assertEqual([stream.cancelled for stream in self.pfs.streams], [True] * number)

    def test_caller_goes_away(self) -> None:
        """
        An open that is given up gives up the bytes.
        """
        opening = self.store.open(NOBODY, IMAGES, "a", None, WHOLE)
        self.assertFalse(self.pfs.streams[0].cancelled)
        opening.cancel()
        self.failureResultOf(opening, CancelledError)
        self.assertTrue(self.pfs.streams[0].cancelled)
