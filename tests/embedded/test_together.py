"""
Many threads at once on one embedded PFS: nothing is lost, and the garbage collection takes nothing that is used.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from pachgw.embedded.calls import InnerCall
from pachgw.pfs import messages, methods
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.embedded.pfs_case import REPO, PFSCase, add, by_id, copy, delete, file_set, head

THREADS = 4
ROUNDS = 8


class TogetherTests(PFSCase):
    """
    Writers, readers and the garbage collection side by side.
    """

    def together(self, *works: Callable[[int], None]) -> None:
        """
        Run each work in threads of its own, with the collection going on all the while.
        """
        stop = threading.Event()

        def collect() -> None:
            while not stop.is_set():
                self.pfs.maintain(threading.Event())

        collector = threading.Thread(target=collect)
        collector.start()
        try:
            with ThreadPoolExecutor(THREADS * len(works)) as pool:
                for future in [pool.submit(work, number) for work in works for number in range(THREADS)]:
                    future.result()
        finally:
            stop.set()
            collector.join()

    def content(self, writer: int, number: int) -> bytes:
        """
        What a writer writes: every other time more than goes into the database.
        """
        return f"{writer} {number}".encode() * (10_000 if number % 2 else 1)

    def test_one_branch(self) -> None:
        """
        All commits of all writers are there, one after the other, each with what it wrote; readers see whole commits.
        """
        self.write(add("/pair/a", b"0"), add("/pair/b", b"0"))

        def write(writer: int) -> None:
            for number in range(ROUNDS):
                content = self.content(writer, number)
                both = [delete("/pair/a"), add("/pair/a", content), delete("/pair/b"), add("/pair/b", content)]
                self.write(add(f"/{writer}/{number}", content), *both)

        def read(_: int) -> None:
            for _ in range(ROUNDS):
                commit = by_id(self.info().commit.id)
                self.assertEqual(self.read("/pair/a", commit), self.read("/pair/b", commit))

        self.together(write, read)
        files = self.files()
        for writer in range(THREADS):
            for number in range(ROUNDS):
                self.assertEqual(files[f"/{writer}/{number}"], self.content(writer, number))
        self.assertEqual(len(self.do(methods.LIST_COMMIT, repo=REPO)), 1 + THREADS * ROUNDS)
        self.assertEqual(list(self.findings()), [])

    def test_file_sets(self) -> None:
        """
        Parts that were put into file sets arrive whole, though nothing but the sets refers to them.
        """

        def upload(writer: int) -> None:
            branch = f"b{writer}"
            for number in range(ROUNDS):
                parts = [self.make_set(add("/part", self.content(writer, number + part))) for part in range(2)]
                copies = [self.make_set(copy(messages.file(file_set(id), "/part"), f"/{number}", append=True)) for id in parts]
                whole = self.do(methods.COMPOSE_FILE_SET, file_set_ids=copies, ttl_seconds=60).file_set_id
                opened = self.start(branch)
                self.do(methods.ADD_FILE_SET, commit=by_id(opened), file_set_id=whole)
                self.finish(by_id(opened))

        self.together(upload)
        for writer in range(THREADS):
            expected = {f"/{number}": self.content(writer, number) + self.content(writer, number + 1) for number in range(ROUNDS)}
            self.assertEqual(self.files(head(f"b{writer}")), expected)
        self.assertEqual(list(self.findings()), [])

    def test_subscribers(self) -> None:
        """
        Each subscriber is told of each commit once, in order.
        """

        def subscribe(_: int) -> None:
            call = InnerCall()
            request = pfs.SubscribeCommitRequest(repo=REPO, branch="master", state=pfs.FINISHED)
            stream = self.pfs.procedures[methods.SUBSCRIBE_COMMIT.path](request, call)
            seen = [next(stream).commit.id for _ in range(THREADS * ROUNDS)]
            call.cancel()
            ids = [info.commit.id for info in self.do(methods.LIST_COMMIT, repo=REPO, reverse=True)]
            self.assertEqual(seen, ids)

        def write(writer: int) -> None:
            for number in range(ROUNDS):
                self.write(add(f"/{writer}/{number}", b"x"))

        self.together(write, subscribe)
