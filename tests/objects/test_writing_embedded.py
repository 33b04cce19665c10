"""
Writing on the embedded PFS: what the fake of the other tests cannot show, such as PFS's own hashes, validation, file sets and archives.
"""

from __future__ import annotations

from typing import Any, Optional, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater
from twisted.python.failure import Failure

from pachgw.embedded.servicer import EmbeddedPFS
from pachgw.objects import part_checks
from pachgw.objects.blocks import Entry, pack
from pachgw.objects.changes import INLINE_LIMIT
from pachgw.objects.index import Index
from pachgw.objects.indexes import CommitName
from pachgw.objects.store import ObjectStore
from pachgw.objects.values import Caller, CompletedPart, Deletion, ListQuery, ObjectInfo, Source, Written
from pachgw.pfs import methods
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.s3.buckets import Bucket, parse_bucket
from pachgw.s3.conditions import ANY, NONE, Conditions
from pachgw.s3.errors import (
    AccessDenied,
    ExistingObjectIsDirectory,
    InvalidAccessKeyId,
    NoSuchKey,
    ObjectParentIsFile,
    PreconditionFailed,
    WriteToOutputBranch,
)
from pachgw.s3.metadata import Metadata
from tests.objects.bodies import FakeBody
from tests.objects.direct_pfs import DirectPFS, EmbeddedTestCase

NOBODY = Caller()
IMAGES = parse_bucket("images")
Result = TypeVar("Result")
BLUE = Metadata({"content-type": "text/x-log"}, {"colour": "blue"})


class SlowPFS(DirectPFS):
    """
    Client streams are answered after a moment.
    """

    def __init__(self, embedded: EmbeddedPFS, clock: Clock) -> None:
        super().__init__(embedded)
        self._clock = clock

    def send(self, method: methods.Method[Any, Any], token: Optional[str] = None, timeout: Optional[float] = None) -> Any:
        """See L{IPFS<pachgw.pfs.interfaces.IPFS>}."""
        sink = super().send(method, token, timeout)
        finish = sink.finish
        sink.finish = lambda: deferLater(self._clock, 0.01, finish)
        return sink


class EmbeddedWritingTestCase(EmbeddedTestCase):
    """
    A store on an embedded PFS.
    """

    def setUp(self) -> None:
        """
        Make them.
        """
        self.clock = Clock()
        self.clock.advance(1_000_000)
        self.pfs = self.open_pfs(self.clock)
        self.images = self.repo(self.pfs, "default", "images", ["master", "dev"])
        self.store = ObjectStore(self.pfs, self.clock)

    def now(self, answer: Deferred[Result]) -> Result:
        """
        The answer, after a few turns of the clock if it needs them.
        """
        answers: list[object] = []
        answer.addCallback(lambda result: answers.append(result) or result)  # type: ignore[func-returns-value]
        for _ in range(1000):
            if answers:
                break
            self.clock.advance(0.05)
        return self.successResultOf(answer)

    def refused(self, answer: Deferred[Result], error: type[Exception]) -> None:
        """
        Check that the answer is an error.
        """
        caught: list[Optional[Failure]] = []
        answer.addCallbacks(lambda _: caught.append(None), caught.append)
        for _ in range(100):
            if caught:
                break
            self.clock.advance(0.05)
        self.assertTrue(caught and caught[0] is not None and caught[0].check(error), f"{caught}")

    def put(
        self, key: str, content: bytes, metadata: Optional[Metadata] = None, conditions: Conditions = NONE, bucket: Bucket = IMAGES
    ) -> Deferred[Written]:
        """
        PUT an object.
        """
        pieces = [content[start : start + 100_000] for start in range(0, len(content), 100_000)]
        return self.store.put(NOBODY, bucket, key, FakeBody(*pieces), metadata or Metadata(), conditions)

    def read(self, key: str, version: Optional[str] = None) -> tuple[ObjectInfo, bytes]:
        """
        GET an object.
        """
        found = self.now(ObjectStore(self.pfs, self.clock).open(NOBODY, IMAGES, key, version))
        if found.info.size == 0:
            return found.info, b""
        content = found.content(0, found.info.size)
        read = b""
        while buffers := self.now(content.read()):
            read += b"".join(buffers)
        return found.info, read

    def keys(self, store: Optional[ObjectStore] = None, bucket: Bucket = IMAGES) -> list[str]:
        """
        A listing.
        """
        listing = self.now((store or ObjectStore(self.pfs, self.clock)).list(NOBODY, bucket, ListQuery()))
        return [info.key for info in listing.objects]

    def head(self, branch: str) -> str:
        """
        The id of a branch's head.
        """
        request = pfs.InspectBranchRequest(branch=pfs.Branch(repo=self.images, name=branch))
        return str(self.now(self.pfs.call(methods.INSPECT_BRANCH, request)).head.id)

    def files(self, branch: str) -> list[str]:
        """
        The files of a branch.
        """
        where = pfs.Commit(repo=self.images, branch=pfs.Branch(repo=self.images, name=branch))
        stream = self.pfs.stream(methods.WALK_FILE, pfs.WalkFileRequest(file=pfs.File(commit=where, path="/")))
        found: list[str] = []
        while infos := self.now(stream.read()):
            found.extend(info.file.path for info in infos if info.file_type == pfs.FILE)
        return found

    def history(self, branch: str = "master") -> list[pfs.CommitInfo]:
        """
        The commits of a branch that are by somebody, newest first.
        """
        to = pfs.Commit(repo=self.images, branch=pfs.Branch(repo=self.images, name=branch))
        stream = self.pfs.stream(methods.LIST_COMMIT, pfs.ListCommitRequest(repo=self.images, to=to))
        found: list[pfs.CommitInfo] = []
        while infos := self.now(stream.read()):
            found.extend(infos)
        return [info for info in found if info.origin.kind == pfs.USER]


class ObjectTests(EmbeddedWritingTestCase):
    """
    PUT, DELETE, copies and conditions.
    """

    def test_what_is_answered_is_what_is_read(self) -> None:
        """
        Hash, size and version of the answer are PFS's, whatever the size and however the body travelled.
        """
        for size in (0, 1, INLINE_LIMIT, INLINE_LIMIT + 1, 5_000_000):
            content = bytes(index % 251 for index in range(min(size, 1000))) * (size // 1000 + 1)
            written = self.now(self.put(f"size-{size}", content[:size])).info
            info, read = self.read(f"size-{size}", written.version)
            self.assertEqual((info.hash, info.size, info.version), (written.hash, size, written.version))
            self.assertEqual(read, content[:size])

    def test_collisions(self) -> None:
        """
        A collision that only PFS's validation finds is told, and leaves no trace.
        """
        self.now(self.put("file", b"1"))
        self.now(self.put("dir/file", b"1"))
        before = len(self.history())
        self.refused(self.put("file/below", b"1"), ObjectParentIsFile)
        self.refused(self.put("dir", b"1"), ExistingObjectIsDirectory)
        self.assertEqual(len(self.history()), before)
        self.assertEqual(self.keys(), ["dir/file", "file"])

    def test_index_that_was_carried(self) -> None:
        """
        A listing from the index that was carried along by writes is the one that PFS gives.
        """
        self.keys(self.store)
        for number in range(30):
            self.now(self.put(f"d{number % 3}/{number}", b"x" * number))
        self.now(self.put("empty/", b""))
        self.now(self.store.delete_many(NOBODY, IMAGES, [Deletion(f"d0/{number}") for number in range(0, 30, 3)]))
        self.now(self.put("empty/not", b""))
        self.pfs.calls.clear()
        known = self.keys(self.store)
        self.assertNotIn("WalkFile", self.pfs.calls)
        self.assertEqual(known, self.keys())

    def test_copy(self) -> None:
        """
        A copy has the source's bytes and hash, on another branch too, and from an old version.
        """
        old = self.now(self.put("a", b"o" * 300_000)).info
        self.now(self.put("a", b"new"))
        for bucket in (IMAGES, parse_bucket("dev.images")):
            copied = self.now(self.store.copy(NOBODY, Source(IMAGES, "a", old.version), bucket, "b/c")).info
            self.assertEqual(copied.hash, old.hash)
            self.assertEqual(self.keys(bucket=bucket)[-1], "b/c")
        self.assertEqual(self.read("b/c")[1], b"o" * 300_000)

    def test_conditions(self) -> None:
        """
        Conditional writes and deletes.
        """
        first = self.now(self.put("a", b"1", conditions=Conditions(if_none_match=ANY))).info
        self.refused(self.put("a", b"2", conditions=Conditions(if_none_match=ANY)), PreconditionFailed)
        second = self.now(self.put("a", b"2", conditions=Conditions(if_match=(first.etag,)))).info
        self.refused(self.put("a", b"3", conditions=Conditions(if_match=(first.etag,))), PreconditionFailed)
        self.assertEqual(self.read("a"), (self.read("a", second.version)[0], b"2"))
        self.assertEqual(len(self.history()), 2)

    def test_conditions_that_fail_in_the_commit(self) -> None:
        """
        When the condition fails only in the commit that was started for it, the commit is taken away again.
        """
        other = ObjectStore(self.pfs, self.clock)
        body: Deferred[bytes] = Deferred()
        answer = self.store.put(NOBODY, IMAGES, "a", FakeBody(body), Metadata(), Conditions(if_none_match=ANY))
        self.now(other.put(NOBODY, IMAGES, "a", FakeBody(b"theirs"), Metadata()))
        body.callback(b"ours")
        self.refused(answer, PreconditionFailed)
        self.assertEqual((len(self.history()), self.read("a")[1]), (1, b"theirs"))

    def test_output_branch(self) -> None:
        """
        An output branch is refused while its job is open, and after.
        """
        output = self.repo(self.pfs, "default", "edges", [])
        branch = pfs.Branch(repo=output, name="master")
        request = pfs.CreateBranchRequest(branch=branch, provenance=[pfs.Branch(repo=self.images, name="master")])
        self.now(self.pfs.call(methods.CREATE_BRANCH, request))
        self.refused(self.put("a", b"1", bucket=parse_bucket("edges")), WriteToOutputBranch)
        head = pfs.Commit(repo=output, branch=branch)
        self.now(self.pfs.call(methods.FINISH_COMMIT, pfs.FinishCommitRequest(commit=head)))
        self.assertEqual(self.keys(bucket=parse_bucket("edges")), [])
        self.refused(self.put("a", b"1", bucket=parse_bucket("edges")), WriteToOutputBranch)

    def test_markers(self) -> None:
        """
        A directory's marker is seen while it is alone, and by HEAD as long as there is a directory.
        """
        self.now(self.put("dir/", b""))
        self.assertEqual(self.keys(), ["dir/"])
        self.now(self.put("dir/a", b"1"))
        self.assertEqual(self.keys(), ["dir/a"])
        self.assertTrue(self.read("dir/")[0].marker)
        self.now(self.store.delete(NOBODY, IMAGES, "dir/"))
        self.assertEqual(self.keys(), ["dir/a"])
        self.now(self.store.delete(NOBODY, IMAGES, "dir/a"))
        self.assertEqual(self.keys(), [])
        self.refused(self.store.open(NOBODY, IMAGES, "dir/"), NoSuchKey)


class UploadTests(EmbeddedWritingTestCase):
    """
    Multipart uploads.
    """

    def upload(self, key: str, contents: list[bytes]) -> tuple[str, list[CompletedPart]]:
        """
        Upload parts.
        """
        id = self.now(self.store.create_upload(NOBODY, IMAGES, key, BLUE)).id
        answers = [self.store.upload_part(NOBODY, IMAGES, key, id, number, FakeBody(content)) for number, content in enumerate(contents, 1)]
        return id, [CompletedPart(part.number, part.etag) for part in map(self.now, answers)]

    def test_large_parts(self) -> None:
        """
        Parts of the real size make an object whose hash is PFS's, and which replaces what was there.
        """
        self.now(self.put("big", b"before"))
        contents = [bytes([number]) * 5 * 1024 * 1024 for number in (1, 2)] + [b"end"]
        id, parts = self.upload("big", contents)
        written = self.now(self.store.complete_upload(NOBODY, IMAGES, "big", id, parts)).info
        info, read = self.read("big")
        self.assertEqual((info.hash, info.version, read), (written.hash, written.version, b"".join(contents)))
        self.assertEqual(len(self.history()), 2)

    def test_many_parts(self) -> None:
        """
        More parts than one layer has, which share commits while they are uploaded.
        """
        self.patch(part_checks, "SMALLEST", 1)
        self.store = ObjectStore(SlowPFS(self.pfs.embedded, self.clock), self.clock)
        contents = [f"{number:05}".encode() for number in range(600)]
        id, parts = self.upload("many", contents)
        self.now(self.store.complete_upload(NOBODY, IMAGES, "many", id, parts))
        self.assertEqual(self.read("many")[1], b"".join(contents))
        self.assertLess(len(self.history("_pachgw_")), 10)

    def test_hidden(self) -> None:
        """
        Nothing of an upload shows in the bucket, or as a bucket; nothing of it is left when it is given up.
        """
        id, _ = self.upload("big", [b"x"])
        self.assertEqual(self.keys(), [])
        names = [bucket.name for bucket in self.now(self.store.list_buckets(NOBODY))]
        self.assertEqual(sorted(names), ["dev.images", "master.images"])
        self.now(self.store.abort_upload(NOBODY, IMAGES, "big", id))
        self.assertEqual(self.now(self.store.list_uploads(NOBODY, IMAGES)).uploads, [])

    def test_index_of_the_own_branch(self) -> None:
        """
        What goes with an upload's directory goes from the index of the gateway's own branch too.
        """
        self.now(self.put("a", b"1", BLUE))
        id, parts = self.upload("big", [b"x"])
        head = self.head("_pachgw_")
        entries = [Entry(path[1:].encode(), 0, 0.0, bytes(32)) for path in sorted(self.files("_pachgw_"))]
        self.store.indexes.keep(CommitName("default", "images", head), Index(list(pack(entries))))
        self.now(self.store.complete_upload(NOBODY, IMAGES, "big", id, parts))
        index = self.store.indexes.find(CommitName("default", "images", self.head("_pachgw_")))
        assert index is not None
        self.assertEqual([f"/{name.decode()}" for block in index.blocks for name in block.names()], self.files("_pachgw_"))

    def test_repeated_by_another_gateway(self) -> None:
        """
        A repeated Complete has the same answer from any gateway.
        """
        id, parts = self.upload("big", [b"x"])
        first = self.now(self.store.complete_upload(NOBODY, IMAGES, "big", id, parts))
        again = self.now(ObjectStore(self.pfs, self.clock).complete_upload(NOBODY, IMAGES, "big", id, parts))
        self.assertEqual(first, again)


class AuthTests(EmbeddedTestCase):
    """
    With auth on.
    """

    def setUp(self) -> None:
        """
        Root, one who may write, and one who may only read.
        """
        self.clock = Clock()
        self.clock.advance(1_000_000)
        self.pfs = self.open_pfs(self.clock)
        self.pfs.embedded.activate_auth("root")
        self.images = self.repo(self.pfs, "default", "images", ["master"], "root")
        self.store = ObjectStore(self.pfs, self.clock)
        self.writer, self.reader = (self.robot(name, role) for name, role in (("w", "repoWriter"), ("r", "repoReader")))

    def robot(self, name: str, role: str) -> Caller:
        """
        A robot with a role on the repo.
        """
        token = self.successResultOf(self.pfs.call(methods.GET_ROBOT_TOKEN, auth.GetRobotTokenRequest(robot=name), "root")).token
        resource = auth.Resource(type=auth.REPO, name="default/images")
        request = auth.ModifyRoleBindingRequest(resource=resource, principal=f"robot:{name}", roles=[role])
        self.successResultOf(self.pfs.call(methods.MODIFY_ROLE_BINDING, request, "root"))
        return Caller(token)

    def test_who_may_not(self) -> None:
        """
        Who may only read writes nothing in any way, and is refused before the body is read.
        """
        body = FakeBody(b"1")
        answers: list[Deferred[object]] = [
            self.store.put(self.reader, IMAGES, "a", body, BLUE),
            self.store.delete(self.reader, IMAGES, "a"),
            self.store.delete_many(self.reader, IMAGES, [Deletion("a")]),
            self.store.create_upload(self.reader, IMAGES, "a", BLUE),
            self.store.put(Caller("unknown"), IMAGES, "a", body, BLUE),
        ]
        for answer in answers[:-1]:
            self.failureResultOf(answer, AccessDenied)
        self.failureResultOf(answers[-1], InvalidAccessKeyId)
        self.assertEqual(body.reads, 0)

    def test_authors(self) -> None:
        """
        Each commit is made with its own requests' token, and PFS knows its author.
        """
        for caller, author in ((self.writer, "robot:w"), (Caller("root"), "pach:root")):
            info = self.successResultOf(self.store.put(caller, IMAGES, author.replace(":", "-"), FakeBody(b"1"), BLUE)).info
            commit = pfs.Commit(repo=self.images, id=info.version)
            made = self.successResultOf(self.pfs.call(methods.INSPECT_COMMIT, pfs.InspectCommitRequest(commit=commit), "root"))
            self.assertEqual(made.created_by, author)
