"""
Writing while PFS forgets, refuses and loses things at moments that are hard to meet.
"""

from __future__ import annotations

from collections.abc import Callable

from pachgw.objects.changes import INLINE_LIMIT
from pachgw.objects.file_sets import RENEWAL
from pachgw.objects.persisting import SEARCH
from pachgw.objects.writer import PARTING
from pachgw.pfs.errors import PFSError
from pachgw.pfs.status import Status
from pachgw.s3.conditions import ANY, NONE, Conditions
from pachgw.s3.errors import AccessDenied, ServiceUnavailable
from tests.objects.bodies import FakeBody
from tests.objects.store_case import BUCKET, CALLER, StoreTestCase
from tests.objects.upload_case import OWN, UploadTestCase, named

LARGE = b"x" * (INLINE_LIMIT + 1)
NEW = Conditions(if_none_match=ANY)


def failing(status: Status, details: str = "") -> Callable[[], None]:
    """
    Something that fails each time.
    """

    def fail() -> None:
        raise PFSError(status, details)

    return fail


class FaultTests(StoreTestCase):
    """
    Objects.
    """

    def once(self, hooks: dict[str, Callable[[], object]], name: str, status: Status) -> None:
        """
        Have the next call of a procedure fail.
        """

        def fail() -> None:
            del hooks[name]
            raise PFSError(status, "lost")

        hooks[name] = fail

    def test_conditional_start_whose_answer_is_lost(self) -> None:
        """
        A commit that was started without an answer is found by its description, and used.
        """
        self.once(self.pfs.after, "StartCommit", Status.UNAVAILABLE)
        info = self.now(self.put("a", b"1", conditions=NEW)).info
        self.assertEqual((info.version, self.commits()), (self.pfs.head().id, 1))

    def test_conditional_start_that_is_lost(self) -> None:
        """
        One that never came is started again.
        """
        self.once(self.pfs.before, "StartCommit", Status.DEADLINE_EXCEEDED)
        self.now(self.put("a", b"1", conditions=NEW))
        self.assertEqual((self.pfs.head().files, self.commits()), ({"/a": b"1"}, 1))

    def test_conditional_finish_whose_answer_is_lost(self) -> None:
        """
        A commit is finished once, however often one has to ask.
        """
        self.once(self.pfs.after, "FinishCommit", Status.UNAVAILABLE)
        info = self.now(self.put("a", b"1", conditions=NEW)).info
        self.assertEqual((self.pfs.head().id, self.pfs.head().open), (info.version, False))

    def test_conditional_finished_by_another(self) -> None:
        """
        When another gateway has taken the commit for abandoned and finished it, the write is made again in one of its own.
        """

        def finish() -> None:
            self.pfs.before.clear()
            self.pfs.head().close()

        self.pfs.before["ModifyFile"] = finish
        info = self.now(self.put("a", b"1", conditions=NEW)).info
        self.assertEqual((self.pfs.head().id, self.pfs.head().files), (info.version, {"/a": b"1"}))

    def test_conditional_that_can_neither_be_dropped_nor_finished(self) -> None:
        """
        What has to be left open is left to the others, and the client is told what it would have been told.
        """
        self.pfs.before["ModifyFile"] = failing(Status.PERMISSION_DENIED)
        self.pfs.before["DropCommit"] = self.pfs.before["ClearCommit"] = failing(Status.PERMISSION_DENIED)
        self.failureResultOf(self.put("a", b"1", conditions=NEW), AccessDenied)
        self.assertTrue(self.pfs.head().open)

    def test_body_that_did_not_arrive_whole(self) -> None:
        """
        What PFS holds of a body is compared with what was sent.
        """

        def cut() -> None:
            for files in self.pfs.file_sets.values():
                files["/content"] = b"short"

        self.pfs.before["InspectFile"] = cut
        self.failureResultOf(self.put("big", LARGE), ServiceUnavailable)
        self.assertEqual((self.commits(), self.clock.getDelayedCalls()), (0, []))

    def test_renewal_that_fails(self) -> None:
        """
        A file set whose renewal fails is tried again; one that is gone is given up.
        """
        self.pfs.holding.add("InspectBranch")
        answer = self.put("big", LARGE)
        self.pfs.release()
        self.pfs.before["RenewFileSet"] = failing(Status.UNAVAILABLE)
        self.clock.advance(RENEWAL)
        del self.pfs.before["RenewFileSet"]
        self.clock.advance(RENEWAL)
        self.pfs.file_sets.clear()
        self.clock.advance(RENEWAL)
        self.assertEqual((self.pfs.calls.count("RenewFileSet"), self.clock.getDelayedCalls()), (3, []))
        self.pfs.holding.clear()
        self.pfs.release()
        self.failureResultOf(answer)

    def test_finishing_takes_too_long(self) -> None:
        """
        When PFS is away while a commit is being finished, the client hears in the end that it is not known.
        """
        self.pfs.before["InspectCommit"] = lambda: None if "ModifyFile" not in self.pfs.calls else failing(Status.UNAVAILABLE)()
        answer = self.put("a", b"1")
        self.clock.pump([0.5] * int(SEARCH * 5))
        self.failureResultOf(answer, ServiceUnavailable)

    def test_close(self) -> None:
        """
        What was accepted ends before the store is closed; what comes later is refused.
        """
        self.pfs.holding.add("ModifyFile")
        answer = self.put("a", b"1")
        closing = self.store.close()
        self.failureResultOf(self.put("b", b"1"), ServiceUnavailable)
        self.clock.advance(1)
        self.assertNoResult(closing)
        self.pfs.release()
        self.successResultOf(answer)
        self.now(closing)

    def test_close_in_vain(self) -> None:
        """
        The store does not wait for ever.
        """
        self.pfs.holding.add("ModifyFile")
        self.put("a", b"1")
        closing = self.store.close()
        self.clock.pump([0.5] * int(PARTING * 2 + 2))
        self.successResultOf(closing)


class UploadFaultTests(UploadTestCase):
    """
    Uploads.
    """

    def test_parts_that_cannot_be_joined(self) -> None:
        """
        When a part cannot be referred to, nothing is written, and the upload can be completed later.
        """
        id = self.begin()
        parts = named(self.part(id, 1, b"first"), self.part(id, 2, b"second"))
        self.pfs.before["CreateFileSet"] = failing(Status.UNAVAILABLE)
        with self.assertRaises(ServiceUnavailable):
            self.complete(id, parts)
        self.assertEqual((self.commits(), self.clock.getDelayedCalls()), (0, []))
        self.pfs.before.clear()
        self.complete(id, parts)
        self.assertEqual(self.pfs.head().files, {"/dir/big": b"firstsecond"})

    def test_parts_that_are_joined_wrongly(self) -> None:
        """
        The size of what was joined is looked at before it becomes an object.
        """
        id = self.begin()
        parts = named(self.part(id, 1, b"first"), self.part(id, 2, b"second"))

        def cut() -> None:
            for files in self.pfs.file_sets.values():
                files["/content"] = b"short"

        self.pfs.after["ComposeFileSet"] = cut
        with self.assertRaises(ServiceUnavailable):
            self.complete(id, parts)
        self.assertEqual(self.commits(), 0)

    def test_joining_that_takes_long(self) -> None:
        """
        What is joined does not expire while PFS looks for its hash, which takes a time for each byte.
        """
        id = self.begin()
        parts = named(self.part(id, 1, b"first"), self.part(id, 2, b"second"))
        self.pfs.after["ComposeFileSet"] = lambda: self.pfs.holding.add("InspectFile")
        completing = self.store.complete_upload(CALLER, BUCKET, "dir/big", id, parts, NONE, None, None)
        self.clock.pump([1.0] * round(3 * RENEWAL))
        self.assertNoResult(completing)
        self.assertGreaterEqual(self.pfs.calls.count("RenewFileSet"), 2)
        self.pfs.release()
        self.now(completing)
        self.assertEqual(self.pfs.head().files, {"/dir/big": b"firstsecond"})
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_note_that_cannot_be_kept(self) -> None:
        """
        Without the note that it was begun, an upload is not completed.
        """
        id = self.begin()
        parts = named(self.part(id, 1, b"first"), self.part(id, 2, b"second"))
        self.pfs.before["ModifyFile"] = failing(Status.PERMISSION_DENIED)
        with self.assertRaises(AccessDenied):
            self.complete(id, parts)
        self.assertEqual((self.commits(), self.clock.getDelayedCalls()), (0, []))

    def test_records_that_cannot_be_read(self) -> None:
        """
        An upload is not taken for missing when it only cannot be looked at.
        """
        id = self.begin()
        self.pfs.before["GetFile"] = failing(Status.UNAVAILABLE)
        self.failureResultOf(self.store.upload_part(CALLER, BUCKET, "dir/big", id, 1, FakeBody(b"x")), ServiceUnavailable)
        self.assertEqual(self.hidden(), [f"/uploads/{id}/upload"])
        self.assertIn(OWN, self.pfs.branches)
