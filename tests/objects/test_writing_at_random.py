"""
Random writes through two gateways on one PFS that is slow, loses requests and answers, and that others write to as well.

Each client does one thing after another with keys of its own, and knows what each of them may hold: one content after an acknowledgement,
several after an answer that leaves it open. In the end every key holds one of those, and every version that was acknowledged holds what was
acknowledged. The seeds are fixed, so a failure comes again.
"""

from __future__ import annotations

import random
from typing import Any, Optional

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater
from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects import part_checks
from pachgw.objects.changes import INLINE_LIMIT
from pachgw.objects.store import ObjectStore
from pachgw.objects.values import CompletedPart, Deletion, Source
from pachgw.pfs.errors import PFSError, Status
from pachgw.s3.conditions import ANY, NONE, Conditions
from pachgw.s3.errors import Overload, S3Error
from pachgw.s3.metadata import Metadata
from tests.objects.bodies import FakeBody
from tests.objects.fake_pfs import FakePFS
from tests.objects.store_case import BUCKET, CALLER

SEEDS = range(8)
CLIENTS = 6
STEPS = 25
HOUR = 3600.0


class Client:
    """
    One who writes.

    @ivar possible: by key, what it may hold; C{None} for nothing.
    @ivar versions: the versions that were acknowledged, with key and content.
    """

    def __init__(self, name: str, store: ObjectStore, clock: Clock, chance: random.Random) -> None:
        self._name = name
        self._store = store
        self._clock = clock
        self._chance = chance
        self._count = 0
        self.possible: dict[str, set[Optional[bytes]]] = {}
        self.versions: list[tuple[str, str, bytes]] = []

    async def run(self) -> None:
        """
        Do what is drawn.
        """
        for _ in range(STEPS):
            await deferLater(self._clock, self._chance.random() * 2)
            key = f"{self._name}/{self._chance.choice(('a', 'a/b', 'c', 'd/e', 'd/f'))}"
            act = self._chance.choice((self._put, self._put, self._put, self._delete, self._delete_many, self._copy, self._upload))
            await act(key)

    def _content(self) -> bytes:
        self._count += 1
        size = self._chance.choice((0, 10, INLINE_LIMIT + 1))
        return f"{self._name} {self._count} ".encode() + bytes(size)

    async def _outcome(self, key: str, content: Optional[bytes], answer: Deferred[Any]) -> Any:
        """
        Wait for an answer, and know what it means.
        """
        possible = self.possible.setdefault(key, {None})
        possible.add(content)
        before = possible - {content} or possible
        try:
            result = await answer
        except Overload:
            return None
        except S3Error:
            self.possible[key] = before
            return None
        self.possible[key] = {content}
        return result

    async def _put(self, key: str) -> None:
        content = self._content()
        conditions = self._chance.choice((NONE, NONE, Conditions(if_none_match=ANY)))
        metadata = Metadata(user=self._chance.choice(({}, {"colour": "blue"})))
        body = FakeBody(content[:100], content[100:] or b"")
        written = await self._outcome(key, content, self._store.put(CALLER, BUCKET, key, body, metadata, conditions))
        if written is not None:
            self.versions.append((key, written.info.version, content))

    async def _delete(self, key: str) -> None:
        await self._outcome(key, None, self._store.delete(CALLER, BUCKET, key))

    async def _delete_many(self, key: str) -> None:
        await self._outcome(key, None, self._store.delete_many(CALLER, BUCKET, [Deletion(key), Deletion(f"{self._name}/never")]))

    async def _copy(self, key: str) -> None:
        source = f"{self._name}/source"
        content = self._content()
        put = self._store.put(CALLER, BUCKET, source, FakeBody(content), Metadata())
        written = await self._outcome(source, content, put)
        if written is not None:
            where = Source(BUCKET, source, written.info.version)
            copied = await self._outcome(key, content, self._store.copy(CALLER, where, BUCKET, key))
            if copied is not None:
                self.versions.append((key, copied.info.version, content))

    async def _upload(self, key: str) -> None:
        contents = [self._content(), self._content()]
        try:
            id = (await self._store.create_upload(CALLER, BUCKET, key, Metadata())).id
            parts = [
                await self._store.upload_part(CALLER, BUCKET, key, id, number, FakeBody(content))
                for number, content in enumerate(contents, 1)
            ]
        except S3Error:
            return
        named = [CompletedPart(part.number, part.etag) for part in parts]
        whole = b"".join(contents)
        for _ in range(3):
            written = await self._outcome(key, whole, self._store.complete_upload(CALLER, BUCKET, key, id, named))
            if written is not None:
                self.versions.append((key, written.info.version, whole))
                return
            if len(self.possible[key]) == 1:
                return


class RandomTests(SynchronousTestCase):
    """
    Whatever happens.
    """

    def play(self, seed: int) -> None:
        """
        One run.
        """
        chance = random.Random(seed)
        clock = Clock()
        clock.advance(1_000_000)
        ipfs = FakePFS(clock)
        ipfs.latency = lambda name: chance.random() * (0.5 if name in ("ModifyFile", "InspectCommit") else 0.05)

        def lose() -> None:
            if chance.random() < 0.1:
                raise PFSError(chance.choice((Status.DEADLINE_EXCEEDED, Status.UNAVAILABLE)), "lost")

        for name in ("ModifyFile", "StartCommit", "FinishCommit", "InspectCommit"):
            ipfs.before[name] = ipfs.after[name] = lose
        stores = [ObjectStore(ipfs, clock) for _ in range(2)]
        clients = [Client(f"client{number}", stores[number % 2], clock, random.Random(f"{seed} {number}")) for number in range(CLIENTS)]
        running = [Deferred.fromCoroutine(client.run()) for client in clients]
        end = clock.seconds() + HOUR
        while not all(run.called for run in running) and clock.seconds() < end:
            clock.advance(0.05)
            if chance.random() < 0.002 and not ipfs.head().open:
                ipfs.put("/theirs", str(clock.seconds()).encode())
        for run in running:
            self.successResultOf(run)
        self.check(ipfs, clients, seed)

    def check(self, ipfs: FakePFS, clients: list[Client], seed: int) -> None:
        """
        Compare what is there with what may be.
        """
        whole = ipfs.head().whole()
        for client in clients:
            for key, possible in client.possible.items():
                self.assertIn(whole.get(f"/{key}"), possible, f"seed {seed}: {key}")
            for key, version, content in client.versions:
                self.assertEqual(ipfs.commits[version].files.get(f"/{key}"), content, f"seed {seed}: {key} in {version}")

    def test_nothing_is_lost(self) -> None:
        """
        What was acknowledged is there, and nothing else is.
        """
        self.patch(part_checks, "SMALLEST", 1)
        for seed in SEEDS:
            self.play(seed)
