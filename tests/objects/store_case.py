"""
An object store on a fake PFS, for tests of what writes.
"""

from __future__ import annotations

from typing import Any, Optional, TypeVar, cast

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.blocks import Entry, pack
from pachgw.objects.changes import hash_of
from pachgw.objects.index import Index
from pachgw.objects.indexes import CommitName
from pachgw.objects.store import ObjectStore, WritingSettings
from pachgw.objects.values import Caller, Deleted, Written
from pachgw.s3.buckets import Bucket, parse_bucket
from pachgw.s3.conditions import NONE, Conditions
from pachgw.s3.metadata import Metadata
from tests.objects.bodies import FakeBody, Piece
from tests.objects.fake_pfs import FakePFS

CALLER = Caller()
BUCKET = parse_bucket("images")
Result = TypeVar("Result")


class StoreTestCase(SynchronousTestCase):
    """
    A store, its PFS and its clock.
    """

    def setUp(self) -> None:
        """
        Make them.
        """
        self.clock = Clock()
        self.clock.advance(1_000_000)
        self.pfs = FakePFS(self.clock)
        self.store = self.another_store()

    def another_store(self, writing: Optional[WritingSettings] = None) -> ObjectStore:
        """
        Another gateway on the same PFS.
        """
        return ObjectStore(self.pfs, self.clock, writing=writing)

    def put(
        self,
        key: str,
        *pieces: Piece,
        conditions: Conditions = NONE,
        bucket: Bucket = BUCKET,
        metadata: Optional[Metadata] = None,
        store: Optional[ObjectStore] = None,
    ) -> Deferred[Written]:
        """
        PUT an object.
        """
        return (store or self.store).put(CALLER, bucket, key, FakeBody(*pieces), metadata or Metadata(), conditions)

    def delete(self, key: str, conditions: Conditions = NONE) -> Deleted:
        """
        DELETE an object.
        """
        return self.now(self.store.delete(CALLER, BUCKET, key, conditions))

    def now(self, answer: Deferred[Result], seconds: float = 5.0) -> Result:
        """
        The answer, after the clock has been turned for so long at the most.
        """
        answers: list[Any] = []
        answer.addBoth(answers.append)
        while not answers and seconds > 0:
            self.clock.advance(0.05)
            seconds -= 0.05
        self.assertTrue(answers, "no answer came")
        [result] = answers
        if isinstance(result, Failure):
            raise result.value
        return cast("Result", result)

    def index_head(self) -> None:
        """
        Give the store the index of master's head.
        """
        head = self.pfs.head()
        entries = [Entry(path[1:].encode(), len(content), 0.0, hash_of(content)) for path, content in sorted(head.files.items())]
        self.store.indexes.keep(CommitName("default", "images", head.id), Index(list(pack(entries))))

    def index_of_head(self) -> Index:
        """
        The store's index of master's head.
        """
        index = self.store.indexes.find(CommitName("default", "images", self.pfs.head().id))
        assert index is not None
        return index

    def commits(self) -> int:
        """
        How many commits master has beyond its first.
        """
        return len(self.pfs.history()) - 1
