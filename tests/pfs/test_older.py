"""
Older versions of Pachyderm, played by the embedded PFS with what they lack taken away.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from google.protobuf.empty_pb2 import Empty
from twisted.internet.defer import CancelledError, Deferred, gatherResults
from twisted.trial.unittest import TestCase

from pachgw.embedded.servicer import EmbeddedPFS
from pachgw.pfs import methods
from pachgw.pfs.errors import Kind, PFSError, Status
from pachgw.pfs.local import LocalPFS
from pachgw.pfs.messages import FILE_SETS, branch, commit, file, repo
from pachgw.pfs.older import OlderPFS
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.pfs.doors import add, drained
from tests.pfs.older_servicer import Older

REPO = repo("default", "images")
ROOT = "iamroot"
MINORS = (0, 4, 5, 6, 7, 8, 11)


class OlderTests(TestCase):
    """
    L{OlderPFS}.
    """

    def setUp(self) -> None:
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        self.embedded = EmbeddedPFS(Path(folder), time.time)
        self.embedded.open()
        self.addCleanup(self.embedded.close)

    def open(self, minor: int) -> Any:
        """
        The door to Pachyderm 2.C{minor}, all on the same data.
        """
        from twisted.internet import reactor

        self.server = Older(self.embedded, minor)
        door = OlderPFS(LocalPFS(self.server, reactor, reactor))  # type: ignore[arg-type]
        self.addCleanup(door.close)
        return door

    async def write(self, door: Any, paths: list[str]) -> str:
        """
        Write files, each with its path as content.

        @return: the commit that holds them.
        """
        sink = door.send(methods.MODIFY_FILE)
        await sink.write(pfs.ModifyFileRequest(set_commit=commit(REPO, branch_name="master")))
        for path in paths:
            message = add(path)
            message.add_file.raw.value = path.encode()
            await sink.write(message)
        await sink.finish()
        head = await door.call(methods.INSPECT_BRANCH, pfs.InspectBranchRequest(branch=branch(REPO, "master")))
        return str(head.head.id)

    async def read(self, door: Any, where: pfs.Commit, path: str) -> bytes:
        """
        The content of a file.
        """
        return b"".join(map(bytes, await drained(door.content(pfs.GetFileRequest(file=file(where, path))))))

    async def refused(self, deferred: Deferred[Any], kind: Kind) -> None:
        """
        A call must end with an error of a kind.
        """
        error = await self.assertFailure(deferred, PFSError)
        self.assertEqual(error.kind, kind, error.details)

    async def test_everyday(self) -> None:
        """
        Every version can be written to and read from, by branch, by commit and by file set, and names repo and project in its answers.
        """
        for minor in MINORS:
            door = self.open(minor)
            await door.call(methods.CREATE_REPO, pfs.CreateRepoRequest(repo=REPO))
            id = await self.write(door, ["/a", "/b"])
            self.assertEqual(await self.read(door, commit(REPO, branch_name="master"), "/a"), b"/a")
            self.assertEqual(await self.read(door, commit(REPO, id), "/b"), b"/b")
            info = await door.call(methods.INSPECT_COMMIT, pfs.InspectCommitRequest(commit=commit(REPO, id), wait=pfs.FINISHED))
            self.assertEqual((info.commit.id, info.commit.repo), (id, REPO))
            found = await door.call(methods.INSPECT_FILE, pfs.InspectFileRequest(file=file(commit(REPO, id), "/a")))
            self.assertEqual(found.file.commit.repo, REPO)
            commits = await drained(door.stream(methods.LIST_COMMIT, pfs.ListCommitRequest(repo=REPO, to=commit(REPO, id))))
            self.assertEqual(commits[0].commit, info.commit)
            sink = door.send(methods.CREATE_FILE_SET)
            await sink.write(add("/c", 3))
            made = await sink.finish()
            self.assertEqual(await self.read(door, commit(repo("default", FILE_SETS), made.file_set_id), "/c"), bytes(3))
            repos = await drained(door.stream(methods.LIST_REPO, pfs.ListRepoRequest(type="user", projects=[REPO.project])))
            self.assertEqual([entry.repo for entry in repos], [REPO])
            gone = await door.call(methods.DELETE_REPO, pfs.DeleteRepoRequest(repo=REPO))
            self.assertTrue(gone.deleted)

    async def test_pages(self) -> None:
        """
        WalkFile and ListFile give pages behind a marker, whoever makes them; a directory as marker is not given again.
        """
        door = self.open(11)
        await door.call(methods.CREATE_REPO, pfs.CreateRepoRequest(repo=REPO))
        head = commit(REPO, await self.write(door, [*(f"/d/{number:03}" for number in range(300)), "/e", "/f"]))
        for minor in MINORS:
            door = self.open(minor)
            for method, make, path in (
                (methods.WALK_FILE, pfs.WalkFileRequest, "/"),
                (methods.LIST_FILE, pfs.ListFileRequest, "/"),
                (methods.LIST_FILE, pfs.ListFileRequest, "/d"),
            ):
                whole = [info.file.path for info in await drained(door.stream(method, make(file=file(head, path))))]
                paged: list[str] = []
                while True:
                    request = make(file=file(head, path), number=37)
                    if paged:
                        request.paginationMarker.CopyFrom(file(head, paged[-1]))
                    page = [info.file.path for info in await drained(door.stream(method, request))]
                    self.assertLessEqual(len(page), 37)
                    paged += page
                    if not page:
                        break
                self.assertEqual(paged, whole, f"2.{minor} {method.name} {path}")

    async def test_reverse(self) -> None:
        """
        Reverse order is refused where the server cannot do it, and nowhere else.
        """
        request = pfs.WalkFileRequest(file=file(commit(REPO, branch_name="master"), "/"), number=9, reverse=True)
        await self.refused(self.open(4).stream(methods.WALK_FILE, request).read(), Kind.UNIMPLEMENTED)
        door = self.open(5)
        await door.call(methods.CREATE_REPO, pfs.CreateRepoRequest(repo=REPO))
        await self.write(door, ["/a", "/b"])
        paths = [info.file.path for info in await drained(door.stream(methods.WALK_FILE, request))]
        self.assertEqual(paths[0], "/b")

    async def test_no_projects(self) -> None:
        """
        Before 2.5 there is only the project C{default}, and it cannot be changed.
        """
        door = self.open(4)
        listed = await drained(door.stream(methods.LIST_PROJECT, pfs.ListProjectRequest()))
        self.assertEqual([info.project.name for info in listed], ["default"])
        default, other = pfs.Project(name="default"), pfs.Project(name="other")
        await door.call(methods.INSPECT_PROJECT, pfs.InspectProjectRequest(project=default))
        await self.refused(door.call(methods.INSPECT_PROJECT, pfs.InspectProjectRequest(project=other)), Kind.PROJECT_NOT_FOUND)
        await self.refused(door.call(methods.CREATE_PROJECT, pfs.CreateProjectRequest(project=other)), Kind.UNIMPLEMENTED)
        elsewhere = repo("other", "images")
        await self.refused(door.call(methods.CREATE_REPO, pfs.CreateRepoRequest(repo=elsewhere)), Kind.PROJECT_NOT_FOUND)
        await self.refused(self.read_one(door, elsewhere), Kind.PROJECT_NOT_FOUND)
        sink = door.send(methods.MODIFY_FILE)
        await self.refused(sink.write(pfs.ModifyFileRequest(set_commit=commit(elsewhere, branch_name="master"))), Kind.PROJECT_NOT_FOUND)
        self.assertEqual(await drained(door.stream(methods.LIST_REPO, pfs.ListRepoRequest(projects=[other]))), [])

    def read_one(self, door: Any, where: pfs.Repo) -> Deferred[Any]:
        """
        The first read of a file in a repo.
        """
        read: Deferred[Any] = door.content(pfs.GetFileRequest(file=file(commit(where, branch_name="master"), "/a"))).read()
        return read

    async def test_rights(self) -> None:
        """
        Before 2.5 a right on a repo is asked for by the repo's bare name, and one on the project default is everybody's with a token.
        """
        self.embedded.activate_auth(ROOT)
        for minor in (4, 5):
            door = self.open(minor)
            await door.call(methods.CREATE_REPO, pfs.CreateRepoRequest(repo=REPO), ROOT)
            for type, name, permission in (
                (auth.REPO, "default/images", auth.REPO_READ),
                (auth.PROJECT, "default", auth.PROJECT_CREATE_REPO),
            ):
                request = auth.AuthorizeRequest(resource=auth.Resource(type=type, name=name), permissions=[permission])
                answer = await door.call(methods.AUTHORIZE, request, ROOT)
                self.assertEqual((answer.authorized, answer.principal), (True, "pach:root"))
                await self.refused(door.call(methods.AUTHORIZE, request, "bad"), Kind.UNAUTHENTICATED)
            await door.call(methods.DELETE_REPO, pfs.DeleteRepoRequest(repo=REPO), ROOT)

    async def test_find_commits(self) -> None:
        """
        FindCommits is refused with the version that it needs.
        """
        request = pfs.FindCommitsRequest(start=commit(REPO, branch_name="master"), file_path="/a")
        error = await self.assertFailure(self.open(5).stream(methods.FIND_COMMITS, request).read(), PFSError)
        self.assertEqual(error.status, Status.UNIMPLEMENTED)
        self.assertIn("2.6", error.details)

    async def test_drop_commit(self) -> None:
        """
        Before 2.8 a commit is dropped with its set.
        """
        for minor in (7, 8):
            door = self.open(minor)
            await door.call(methods.CREATE_REPO, pfs.CreateRepoRequest(repo=REPO))
            await self.write(door, ["/a"])
            started = await door.call(methods.START_COMMIT, pfs.StartCommitRequest(branch=branch(REPO, "master")))
            await door.call(methods.DROP_COMMIT, pfs.DropCommitRequest(commit=started))
            self.assertIn("DropCommitSet" if minor < 8 else "DropCommit", self.server.asked)
            await self.refused(door.call(methods.INSPECT_COMMIT, pfs.InspectCommitRequest(commit=started)), Kind.COMMIT_NOT_FOUND)
            await door.call(methods.DELETE_REPO, pfs.DeleteRepoRequest(repo=REPO))

    async def test_asked_once(self) -> None:
        """
        Calls that begin together ask for the version once, and later ones not at all.
        """
        door = self.open(3)
        await gatherResults([door.call(methods.WHO_AM_I, auth.WhoAmIRequest()).addErrback(lambda _: None) for _ in range(5)])
        await self.refused(door.call(methods.WHO_AM_I, auth.WhoAmIRequest()), Kind.AUTH_OFF)
        self.assertEqual(self.server.asked.count("GetVersion"), 1)

    async def test_upgraded(self) -> None:
        """
        When the server answers that it does not know a procedure, it may have been replaced: its version is asked for again.
        """
        door = self.open(8)
        await door.call(methods.CREATE_REPO, pfs.CreateRepoRequest(repo=REPO))
        self.server.minor = 7
        drop = pfs.DropCommitRequest(commit=commit(REPO, "1" * 32))
        await self.refused(door.call(methods.DROP_COMMIT, drop), Kind.UNIMPLEMENTED)
        await door.call(methods.DROP_COMMIT, drop)
        self.assertEqual(self.server.asked.count("GetVersion"), 2)
        self.assertIn("DropCommitSet", self.server.asked)

    async def test_too_old(self) -> None:
        """
        Pachyderm 1 is refused, on every kind of call.
        """
        door = self.open(0)
        self.server._version = lambda *_: methods.version.Version(major=1, minor=13)  # type: ignore[method-assign]
        for deferred in (
            door.call(methods.WHO_AM_I, auth.WhoAmIRequest()),
            door.stream(methods.LIST_REPO, pfs.ListRepoRequest()).read(),
            self.read_one(door, REPO),
            door.send(methods.MODIFY_FILE).finish(),
        ):
            await self.refused(deferred, Kind.UNIMPLEMENTED)

    async def test_cancelled(self) -> None:
        """
        Streams that are cancelled before the version is known never begin.
        """
        door = self.open(4)
        stream = door.stream(methods.LIST_REPO, pfs.ListRepoRequest())
        sink = door.send(methods.MODIFY_FILE)
        read, write = stream.read(), sink.write(add("/a"))
        stream.cancel()
        sink.cancel()
        await self.assertFailure(read, CancelledError)
        await self.assertFailure(write, CancelledError)
        await self.assertFailure(stream.read(), CancelledError)
        await self.assertFailure(sink.finish(), CancelledError)
        await door.call(methods.INSPECT_CLUSTER, methods.INSPECT_CLUSTER.request())
        self.assertEqual(self.server.asked, ["GetVersion", "InspectCluster"])

    async def test_current(self) -> None:
        """
        To a current server everything goes through as it is, once it is known.
        """
        door = self.open(12)
        await door.call(methods.GET_VERSION, Empty())
        self.assertIs(type(door.stream(methods.LIST_REPO, pfs.ListRepoRequest())).__name__, "Pump")
