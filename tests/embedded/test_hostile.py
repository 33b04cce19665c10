"""
Requests that no honest client sends: each is answered or refused, none is taken for a defect, and the store goes on.
"""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pachgw.embedded.calls import InnerCall
from pachgw.embedded.errors import Refused
from pachgw.pfs import messages, methods
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.embedded.pfs_case import REPO, PFSCase, add, copy, delete, file_set, head

ODD = [
    "",
    "/",
    "//",
    "\0",
    "a\0b",
    "é",
    "😀",
    "..",
    "/../x",
    "a" * 70_000,
    "^",
    "master^999999999999",
    "master.",
    "@",
    "%s",
    "'; DROP TABLE commits",
]
HUGE = [-(1 << 63), -1, 0, 1, (1 << 63) - 1]
WAITING = {methods.SUBSCRIBE_COMMIT}


class HostileTests(PFSCase):
    """
    Odd texts and numbers in every place.
    """

    def setUp(self) -> None:
        super().setUp()
        self.write(add("/a", b"1"), add("/d/b", b"2"))

    def attempt(self, method: methods.Method[Any, Any], request: Any) -> None:
        """
        Make a call, which may be refused.
        """
        call = InnerCall()
        if method in WAITING:
            call.cancel()
        try:
            answer = self.pfs.procedures[method.path](request, call)
            if isinstance(method, methods.ServerStream):
                list(answer)
        except Refused:
            pass

    def test_empty_requests(self) -> None:
        """
        Every procedure takes a request with nothing in it.
        """
        for method in methods.ALL:
            request = method.request()
            self.attempt(method, iter([request]) if isinstance(method, methods.ClientStream) else request)
            if isinstance(method, methods.ClientStream):
                self.attempt(method, iter([]))

    def test_odd_texts(self) -> None:
        """
        Odd names, paths, ids, patterns and tags.
        """
        for odd in ODD:
            repo = pfs.Repo(name=odd, type=odd, project=pfs.Project(name=odd))
            for commit in (messages.commit(REPO, odd), head(odd), head(odd, repo), file_set(odd)):
                for method in (methods.INSPECT_COMMIT, methods.CLEAR_COMMIT, methods.DROP_COMMIT, methods.GET_FILE_SET):
                    self.attempt(method, method.request(commit=commit))
                self.attempt(methods.GET_FILE, pfs.GetFileRequest(file=messages.file(commit, "/a")))
            for path in (odd, "/d/" + odd):
                file = pfs.File(commit=head(), path=path, datum=odd)
                for method in (methods.GET_FILE, methods.GET_FILE_TAR, methods.INSPECT_FILE, methods.LIST_FILE, methods.WALK_FILE):
                    self.attempt(method, method.request(file=file))
                self.attempt(methods.WALK_FILE, pfs.WalkFileRequest(file=messages.file(head(), "/"), paginationMarker=file, number=2))
                self.attempt(
                    methods.GLOB_FILE, pfs.GlobFileRequest(commit=head(), pattern=path, path_range=pfs.PathRange(lower=odd, upper=odd))
                )
                self.attempt(methods.DIFF_FILE, pfs.DiffFileRequest(new_file=file))
                for change in (add(path, b"x", odd), delete(path, odd), delete(path + "/"), copy(file, path)):
                    self.attempt(methods.MODIFY_FILE, iter([pfs.ModifyFileRequest(set_commit=head("odd")), change]))
            self.attempt(methods.CREATE_BRANCH, pfs.CreateBranchRequest(branch=messages.branch(REPO, odd), trigger=pfs.Trigger(branch=odd)))
            self.attempt(methods.START_COMMIT, pfs.StartCommitRequest(branch=messages.branch(repo, odd), description=odd))
        self.assertEqual(self.files(), {"/a": b"1", "/d/b": b"2"})
        self.assertEqual(list(self.findings()), [])

    def test_huge_numbers(self) -> None:
        """
        Numbers at the ends of their ranges.
        """
        made = self.make_set(add("/x", b"1"))
        self.pfs.activate_auth("root")
        self.token = "root"
        for number in HUGE:
            everything = messages.file(head(), "/")
            for method in (methods.LIST_FILE, methods.WALK_FILE):
                self.attempt(method, method.request(file=everything, number=number, reverse=number > 1))
            self.attempt(methods.LIST_COMMIT, pfs.ListCommitRequest(repo=REPO, number=number))
            self.attempt(methods.GET_FILE, pfs.GetFileRequest(file=messages.file(head(), "/a"), offset=number))
            self.attempt(methods.RENEW_FILE_SET, pfs.RenewFileSetRequest(file_set_id=made, ttl_seconds=number))
            self.attempt(methods.COMPOSE_FILE_SET, pfs.ComposeFileSetRequest(file_set_ids=[made], ttl_seconds=number))
            self.attempt(methods.SHARD_FILE_SET, pfs.ShardFileSetRequest(file_set_id=made, num_files=number, size_bytes=number))
            self.attempt(methods.LIST_REPO, pfs.ListRepoRequest(page=pfs.RepoPage(page_size=number, page_index=number)))
            self.attempt(methods.GET_ROBOT_TOKEN, auth.GetRobotTokenRequest(robot="x", ttl=number))
        far = pfs.ListCommitRequest(repo=REPO)
        far.started_time.seconds = 253_402_300_799
        self.attempt(methods.LIST_COMMIT, far)


class PatternTests(PFSCase):
    """
    Patterns that are made to take long.
    """

    def setUp(self) -> None:
        super().setUp()
        self.write(add("/" + "a" * 200, b"1"))

    def glob(self, pattern: str) -> int:
        """
        How many paths a pattern matches; none if it is refused.
        """
        try:
            return len(self.do(methods.GLOB_FILE, commit=head(), pattern=pattern))
        except Refused:
            return 0

    def test_many_stars(self) -> None:
        """
        The time that a pattern takes does not explode with its stars.
        """
        for pattern in ("/" + "*a" * 30 + "b", "/" + "**a" * 30 + "b", "/" + "?(a)" * 200 + "b", "/*(*(*(a)))b", "/" + "{a,aa}" * 60 + "b"):
            self.assertEqual(self.glob(pattern), 0)
        self.assertEqual(self.glob("/" + "*a" * 30), 1)

    def test_deep(self) -> None:
        """
        Deep nesting is refused, or answered.
        """
        for opening, closing in (("{", "}"), ("@(", ")"), ("*(", ")")):
            for depth in (5, 50, 1000):
                self.glob("/" + opening * depth + "a" + closing * depth)

    @settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.text("a*?[]{}!()@+|,\\/^-", max_size=40))
    def test_any(self, pattern: str) -> None:
        """
        Any pattern is answered or refused.
        """
        self.glob(pattern)
