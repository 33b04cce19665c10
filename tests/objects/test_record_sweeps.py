"""
Collecting records, on the embedded PFS: what no commit holds any more goes, and nothing else.
"""

from __future__ import annotations

from typing import Optional

from twisted.internet.defer import Deferred

from pachgw.objects import record_sweeps
from pachgw.objects.own_branches import OwnBranches
from pachgw.objects.record_sweeps import AGE, DELAY, INTERVAL, RecordSweeps, Swept
from pachgw.objects.records import OBJECTS, name_of_content
from pachgw.objects.store import ObjectStore
from pachgw.pfs import messages, methods
from pachgw.pfs.errors import PFSError
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.pfs.status import Status
from pachgw.s3.buckets import parse_bucket
from pachgw.s3.metadata import Metadata
from tests.objects.bodies import FakeBody
from tests.objects.direct_pfs import modifications
from tests.objects.test_writing_embedded import BLUE, IMAGES, NOBODY, EmbeddedWritingTestCase

OWN = "_pachgw_"
RED = Metadata(user={"colour": "red"})


class SweepTestCase(EmbeddedWritingTestCase):
    """
    A store, and what collects its records.
    """

    def sweeps(self, store: Optional[ObjectStore] = None) -> RecordSweeps:
        """
        A gateway's collector.
        """
        return RecordSweeps(self.pfs, self.clock, OwnBranches(self.pfs), (store or self.store).writer)

    def sweep(self, after: str = "") -> Swept:
        """
        A round.
        """
        return self.now_from(self.sweeps(), after)

    def now_from(self, sweeps: RecordSweeps, after: str = "") -> Swept:
        """
        A round of a collector.
        """
        return self.now(Deferred.fromCoroutine(sweeps.sweep(NOBODY, IMAGES, after)))

    def record(self, key: str, content: bytes, metadata: Metadata = BLUE, bucket: str = "images") -> str:
        """
        PUT an object of which there is something to know; the place of its record.
        """
        info = self.now(self.put(key, content, metadata, bucket=parse_bucket(bucket))).info
        return f"{OBJECTS}/{name_of_content(f'/{key}', info.hash)}"

    def records(self) -> set[str]:
        """
        The places of the records.
        """
        return {path for path in self.files(OWN) if path.startswith(OBJECTS)}

    def take_out(self, id: str) -> None:
        """
        Squash a commit.
        """
        request = pfs.SquashCommitRequest(commit=messages.commit(self.images, id))
        self.now(self.pfs.call(methods.SQUASH_COMMIT, request))


class CollectingTests(SweepTestCase):
    """
    What is collected, and what is not.
    """

    def test_what_commits_hold(self) -> None:
        """
        Records of objects, of old versions, of other branches and of commits whose branch is gone stay.
        """
        places = {self.record("a", b"1"), self.record("a", b"2"), self.record("b", b"1", bucket="dev.images")}
        self.now(self.store.delete(NOBODY, IMAGES, "a"))
        branch = messages.branch(self.images, "dev")
        self.now(self.pfs.call(methods.DELETE_BRANCH, pfs.DeleteBranchRequest(branch=branch)))
        self.clock.advance(2 * AGE)
        self.assertEqual(self.sweep(), Swept(3, 0, ""))
        self.assertEqual(self.records(), places)

    def test_what_no_commit_holds(self) -> None:
        """
        The record of a version whose commit was squashed goes; that of the version that came after it stays.
        """
        self.record("a", b"1")
        squashed = self.head("master")
        kept = self.record("a", b"2")
        self.take_out(squashed)
        self.clock.advance(2 * AGE)
        self.assertEqual(self.sweep(), Swept(2, 1, ""))
        self.assertEqual(self.records(), {kept})
        self.assertEqual(self.read("a")[0].metadata, BLUE)

    def test_content_of_a_squashed_commit_lives_on(self) -> None:
        """
        What came with a squashed commit is held by those after it, although none of them has put it.
        """
        place = self.record("a", b"1")
        squashed = self.head("master")
        self.now(self.put("other", b"x"))
        self.take_out(squashed)
        self.now(self.store.delete(NOBODY, IMAGES, "a"))
        self.clock.advance(2 * AGE)
        self.assertEqual(self.sweep().removed, 0)
        self.assertEqual(self.records(), {place})

    def test_young_records(self) -> None:
        """
        A record whose object may still be on its way stays.
        """
        self.record("a", b"1")
        squashed = self.head("master")
        self.now(self.put("a", b"2"))
        self.take_out(squashed)
        self.clock.advance(AGE / 2)
        self.assertEqual(self.sweep(), Swept(1, 0, ""))
        self.clock.advance(AGE)
        self.assertEqual(self.sweep(), Swept(1, 1, ""))

    def test_put_again_meanwhile(self) -> None:
        """
        A record that another gateway puts while this one looks stays, with what it says now.
        """
        self.record("a", b"1")
        squashed = self.head("master")
        self.now(self.put("a", b"2"))
        self.take_out(squashed)
        self.clock.advance(2 * AGE)
        sweeps, other = self.sweeps(), ObjectStore(self.pfs, self.clock)
        looking = sweeps._pause
        self.patch(sweeps, "_pause", lambda: looking().addCallback(lambda _: again()))
        pending: list[object] = []

        def again() -> None:
            if not pending:
                pending.append(None)
                pending.append(other.put(NOBODY, IMAGES, "a", FakeBody(b"1"), RED))

        started = self.pfs.calls.count("StartCommit")
        self.assertEqual(self.now_from(sweeps), Swept(1, 0, ""))
        self.assertEqual(self.pfs.calls.count("StartCommit") - started, 2)
        self.assertEqual(self.read("a")[0].metadata, RED)

    def test_put_again_at_the_last_moment(self) -> None:
        """
        What somebody writes into the commit that takes the record away stays, too.
        """
        place = self.record("a", b"1")
        content = self.now(Deferred.fromCoroutine(OwnBranches(self.pfs).read(NOBODY, IMAGES, place))).replace(b"blue", b"late")
        squashed = self.head("master")
        self.now(self.put("a", b"2"))
        self.take_out(squashed)
        self.clock.advance(2 * AGE)
        call = self.pfs.call

        def late(method: object, *arguments: object) -> object:
            if method is methods.FINISH_COMMIT:
                sink = self.pfs.send(methods.MODIFY_FILE)
                for message in modifications(messages.commit(self.images, branch_name=OWN), {place: content}):
                    sink.write(message)
                self.successResultOf(sink.finish())
            return call(method, *arguments)  # type: ignore[arg-type]

        self.patch(self.pfs, "call", late)
        self.assertEqual(self.sweep(), Swept(1, 0, ""))
        self.patch(self.pfs, "call", call)
        self.assertEqual(self.now(Deferred.fromCoroutine(OwnBranches(self.pfs).read(NOBODY, IMAGES, place))), content)

    def test_damaged_and_foreign(self) -> None:
        """
        What cannot be read, is of a newer version or belongs to another place stays.
        """
        place = self.record("a", b"1")
        whole = self.now(Deferred.fromCoroutine(OwnBranches(self.pfs).read(NOBODY, IMAGES, place)))
        for number, content in enumerate((b"{", whole.replace(b'"pachgw":1', b'"pachgw":2'), whole)):
            self.commit(self.pfs, self.images, OWN, {f"{OBJECTS}/{number:032}/{'0' * 64}": content})
        self.clock.advance(2 * AGE)
        self.assertEqual(self.sweep(), Swept(4, 0, ""))
        self.assertEqual(len(self.records()), 4)

    def test_no_answer(self) -> None:
        """
        Where PFS cannot tell what a commit holds, nothing is taken away.
        """
        self.record("a", b"1")
        squashed = self.head("master")
        self.record("a", b"2")
        self.take_out(squashed)
        self.clock.advance(2 * AGE)
        stream = self.pfs.stream

        def fail(method: object, *arguments: object) -> object:
            if method is methods.DIFF_FILE:
                raise PFSError(Status.UNAVAILABLE, "away")
            return stream(method, *arguments)  # type: ignore[arg-type]

        self.patch(self.pfs, "stream", fail)
        self.refused(Deferred.fromCoroutine(self.sweeps().sweep(NOBODY, IMAGES)), PFSError)
        self.patch(self.pfs, "stream", stream)
        self.assertEqual(len(self.records()), 2)

    def test_no_branch(self) -> None:
        """
        A repo without records costs a look, and no commit.
        """
        self.now(self.put("a", b"1"))
        self.assertEqual(self.sweep(), Swept(0, 0, ""))
        self.assertNotIn("ListCommit", self.pfs.calls)

    def test_parts_left_over(self) -> None:
        """
        Descriptions of parts of a content that no commit holds go with its record, and without one.
        """
        place = self.record("a", b"1")
        squashed = self.head("master")
        self.now(self.put("a", b"2"))
        name = place.removeprefix(f"{OBJECTS}/")
        self.commit(self.pfs, self.images, OWN, {f"/parts/{name}/00001": b"{}\n", f"/parts/{'0' * 32}/{'0' * 64}/00001": b"{}\n"})
        self.take_out(squashed)
        self.clock.advance(2 * AGE)
        self.assertEqual(self.sweep(), Swept(2, 2, ""))
        self.assertEqual(self.files(OWN), ["/upkeep/records"])


class RoundTests(SweepTestCase):
    """
    When and how far records are collected.
    """

    def orphans(self, count: int) -> None:
        """
        Make old records of what no commit holds.
        """
        for number in range(count):
            self.record("a", str(number).encode())
        for info in self.history()[1:]:
            self.take_out(info.commit.id)
        self.clock.advance(2 * AGE)

    def test_rounds(self) -> None:
        """
        A round ends after so many records, and the next goes on.
        """
        self.patch(record_sweeps, "MOST", 2)
        self.orphans(6)
        rounds = [self.sweep()]
        while rounds[-1].after:
            rounds.append(self.sweep(rounds[-1].after))
        self.assertEqual([swept.looked for swept in rounds], [2, 2, 2, 0])
        self.assertEqual(sum(swept.removed for swept in rounds), 5)
        self.assertEqual(len(self.records()), 1)

    def test_few_at_once(self) -> None:
        """
        A commit takes away so many at the most; the rest is seen by the next round.
        """
        self.patch(record_sweeps, "REMOVED", 3)
        self.orphans(6)
        first = self.sweep()
        self.assertEqual((first.looked, first.removed, bool(first.after)), (6, 3, True))
        self.assertEqual(self.sweep(first.after).removed, 2)

    def test_now_and_then(self) -> None:
        """
        A gateway collects in the background, after a while and once a day, and so do all of them together.
        """
        self.orphans(3)
        other = ObjectStore(self.pfs, self.clock)
        for store in (self.store, other):
            store.sweeps.consider(NOBODY, IMAGES)
        self.clock.advance(DELAY)
        self.assertEqual(len(self.records()), 3)
        for store in (self.store, other):
            store.sweeps.consider(NOBODY, IMAGES)
            for _ in range(40):
                self.clock.advance(0.1)
        self.assertEqual(len(self.records()), 1)
        self.assertEqual(self.progress(), 1)
        self.clock.advance(INTERVAL)
        other.sweeps.consider(NOBODY, IMAGES)
        for _ in range(40):
            self.clock.advance(0.1)
        self.assertEqual(self.progress(), 2)

    def progress(self) -> int:
        """
        How many rounds have left their mark.
        """
        in_repo = messages.commit(self.images, branch_name=OWN)
        found = self.pfs.stream(methods.FIND_COMMITS, pfs.FindCommitsRequest(start=in_repo, file_path="/upkeep/records"))
        answers: list[pfs.FindCommitsResponse] = []
        while read := self.now(found.read()):
            answers.extend(read)
        return sum(answer.HasField("found_commit") for answer in answers)

    def test_closing(self) -> None:
        """
        A gateway that stops stops collecting.
        """
        self.orphans(3)
        self.store.sweeps.consider(NOBODY, IMAGES)
        self.clock.advance(DELAY)
        self.store.sweeps.consider(NOBODY, IMAGES)
        self.store.sweeps.close()
        for _ in range(40):
            self.clock.advance(0.1)
        self.assertEqual(len(self.records()), 3)
