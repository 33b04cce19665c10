"""
The life of commits: starting, finishing, ancestry, waiting, taking away.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from pachgw.embedded.calls import InnerCall
from pachgw.embedded.errors import Code
from pachgw.pfs import messages, methods
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.embedded.pfs_case import REPO, PFSCase, add, by_id, delete, head
from tests.embedded.threads import run_in_thread


class StartTests(PFSCase):
    """
    StartCommit and FinishCommit.
    """

    def test_old_parent(self) -> None:
        """
        A parent that is not the head is taken, and the newer commits leave the branch; they are still found by their ids.
        """
        self.write(add("/a", b"1"))
        first = self.info().commit.id
        self.write(add("/b", b"2"))
        second = self.info().commit.id
        third = self.start(parent=by_id(first))
        self.finish(by_id(third))
        self.assertEqual(self.paths(), ["/a"])
        self.assertEqual(self.info().parent_commit.id, first)
        self.assertEqual(self.paths(by_id(second)), ["/a", "/b"])
        self.assertEqual({child.id for child in self.info(by_id(first)).child_commits}, {second, third})

    def test_refusals(self) -> None:
        """
        No branch, an open or missing parent, a missing repo, a bad name.
        """
        with self.refuses("start commit in transaction: branch must be specified"):
            self.start("")
        opened = self.start()
        with self.refuses(f"start commit in transaction: create commit: parent commit default/data@{opened} has not been finished"):
            self.start()
        missing = messages.commit(REPO, branch_name="none")
        with self.refuses("parent commit not found", Code.NOT_FOUND):
            self.start("other", parent=missing)
        with self.refuses("repo default/none not found", Code.NOT_FOUND):
            self.start(repo=messages.repo("default", "none"))
        with self.refuses("only alphanumeric"):
            self.start("a b")
        with self.refuses("not found", Code.NOT_FOUND):
            self.finish(head("none"))

    def test_descriptions(self) -> None:
        """
        A description may be given at the start and replaced at the end.
        """
        opened = self.start(description="first")
        self.finish(by_id(opened))
        self.assertEqual(self.info().description, "first")
        opened = self.start(description="first")
        self.finish(by_id(opened), description="last")
        self.assertEqual(self.info().description, "last")

    def test_survives_a_restart(self) -> None:
        """
        An open commit with what was written into it outlives the process.
        """
        opened = self.start()
        self.write(add("/a", b"1"))
        self.reopen()
        self.write(add("/b", b"2"))
        self.finish(by_id(opened))
        self.reopen()
        self.assertEqual(self.files(), {"/a": b"1", "/b": b"2"})
        self.assertEqual(self.findings(), [])


class AncestryTests(PFSCase):
    """
    Commits by their place in a line.
    """

    def setUp(self) -> None:
        super().setUp()
        self.ids = []
        for number in range(4):
            self.write(add(f"/{number}", b""))
            self.ids.append(self.info().commit.id)

    def test_back_and_on(self) -> None:
        """
        Carets and tildes count back from a branch or an id, a dot counts on from the first commit.
        """
        handles = {"master": 3, "master^": 2, "master^^": 1, "master~3": 0, "master^2": 1, "master.1": 0, "master.4": 3}
        for handle, number in handles.items():
            self.assertEqual(self.info(head(handle)).commit.id, self.ids[number], handle)
        self.assertEqual(self.info(by_id(self.ids[2] + "^2")).commit.id, self.ids[0])
        both = messages.commit(REPO, "^", "master")
        self.assertEqual(self.info(both).commit.id, self.ids[2])

    def test_too_far(self) -> None:
        """
        Beyond the ends there is nothing, and mixed signs mean nothing.
        """
        for handle in ("master^4", "master~9", "master.5", "master.0", "master^~", "master^x"):
            with self.refuses("invalid"):
                self.info(head(handle))

    def test_branch_named_like_an_id(self) -> None:
        """
        Only the form of a random UUID is an id; 32 other hex digits name a branch.
        """
        name = "0" * 32
        self.do(methods.CREATE_BRANCH, branch=messages.branch(REPO, name), head=by_id(self.ids[1]))
        self.assertEqual(self.info(by_id(name)).commit.id, self.ids[1])
        with self.refuses("not found", Code.NOT_FOUND):
            self.info(by_id("0" * 12 + "4" + "0" * 19))


class ListTests(PFSCase):
    """
    ListCommit and FindCommits.
    """

    def setUp(self) -> None:
        super().setUp()
        self.ids = []
        for number in range(3):
            self.time += 10
            self.write(delete("/a"), add("/a", b"same"), add(f"/{number}", b""))
            self.ids.append(self.info().commit.id)
        self.time += 10
        self.do(methods.CREATE_BRANCH, branch=messages.branch(REPO, "auto"))

    def listed(self, **fields: object) -> list[str]:
        """
        The ids that ListCommit tells of.
        """
        return [info.commit.id for info in self.do(methods.LIST_COMMIT, repo=REPO, **fields)]

    def test_order_and_number(self) -> None:
        """
        Newest first, or oldest first, up to a number.
        """
        self.assertEqual(self.listed()[1:], self.ids[::-1])
        self.assertEqual(self.listed(reverse=True, number=2), self.ids[:2])

    def test_filters(self) -> None:
        """
        By origin, and by the time of the start.
        """
        self.assertEqual(self.listed(origin_kind=pfs.USER), self.ids[::-1])
        self.assertEqual(len(self.listed(origin_kind=pfs.AUTO)), 1)
        self.assertEqual(len(self.listed(origin_kind=pfs.AUTO, all=True)), 4)
        moment = self.info(by_id(self.ids[1])).started
        self.assertEqual(self.listed(started_time=moment), self.ids[:1])
        self.assertEqual(self.listed(started_time=moment, reverse=True)[:1], self.ids[2:])

    def test_range(self) -> None:
        """
        From one back to another, which is left out; one that is no ancestor does not end it.
        """
        self.assertEqual(self.listed(**{"to": head(), "from": by_id(self.ids[0])}), self.ids[:0:-1])
        self.assertEqual(self.listed(**{"to": head(), "from": head("auto")}), self.ids[::-1])
        with self.refuses("cannot use `from` commit without `to` commit"):
            self.listed(**{"from": by_id(self.ids[0])})
        with self.refuses("'Reverse'"):
            self.listed(to=head(), reverse=True)
        with self.refuses("need to be from repo default/data"):
            self.listed(to=head(repo=messages.repo("default", "other")))

    def test_many(self) -> None:
        """
        More commits than are fetched at once.
        """
        for _ in range(410):
            self.write()
        self.assertEqual(len(self.listed()), 414)

    def test_found_though_the_same(self) -> None:
        """
        FindCommits tells of every commit that wrote a file, even if the content stayed the same, and of deletions.
        """
        self.write(delete("/0"), delete("/never"))
        last = self.info().commit.id

        def found(path: str, **fields: object) -> list[str]:
            answers = self.do(methods.FIND_COMMITS, start=head(), file_path=path, **fields)
            return [answer.found_commit.id for answer in answers[:-1]]

        self.assertEqual(found("/a"), self.ids[::-1])
        self.assertEqual(found("/a", limit=2), self.ids[:0:-1])
        self.assertEqual(found("/0"), [last, self.ids[0]])
        self.assertEqual(found("/never"), [last])
        with self.refuses("not finished", Code.UNAVAILABLE):
            self.start()
            found("/a")


class RemovalTests(PFSCase):
    """
    ClearCommit, DropCommit, SquashCommit, DropCommitSet.
    """

    def setUp(self) -> None:
        super().setUp()
        self.ids = []
        for number in range(3):
            self.write(add(f"/{number}", b""))
            self.ids.append(self.info().commit.id)

    def test_drop(self) -> None:
        """
        A head that is dropped, open or finished, gives way to its parent; one with children stays.
        """
        with self.refuses("cannot drop a commit that has children"):
            self.do(methods.DROP_COMMIT, commit=by_id(self.ids[1]))
        self.do(methods.DROP_COMMIT, commit=head())
        self.assertEqual((self.info().commit.id, self.paths()), (self.ids[1], ["/0", "/1"]))
        opened = self.start()
        self.do(methods.DROP_COMMIT, commit=by_id(opened))
        self.assertEqual(self.info().commit.id, self.ids[1])
        with self.refuses("not found", Code.NOT_FOUND):
            self.info(by_id(opened))

    def test_drop_the_only_one(self) -> None:
        """
        A branch whose only commit is dropped gets an empty one.
        """
        for _ in self.ids:
            self.do(methods.DROP_COMMIT, commit=head())
        info = self.info()
        self.assertEqual((info.origin.kind, self.paths()), (pfs.AUTO, []))
        self.assertNotIn(info.commit.id, self.ids)

    def test_squash(self) -> None:
        """
        A commit in the middle goes, its child keeps what it held; a head cannot be squashed, nor one whose child is open.
        """
        with self.refuses("cannot squash a commit that has no children"):
            self.do(methods.SQUASH_COMMIT, commit=head())
        self.do(methods.SQUASH_COMMIT, commit=by_id(self.ids[1]))
        self.assertEqual((self.info().parent_commit.id, self.paths()), (self.ids[0], ["/0", "/1", "/2"]))
        self.start()
        with self.refuses("cannot squash until child commit"):
            self.do(methods.SQUASH_COMMIT, commit=by_id(self.ids[2]))

    def test_clear(self) -> None:
        """
        Only an open commit can be cleared.
        """
        with self.refuses("cannot clear finished commit"):
            self.do(methods.CLEAR_COMMIT, commit=head())
        self.start()
        self.write(add("/x", b""), delete("/0"))
        self.do(methods.CLEAR_COMMIT, commit=head())
        self.assertEqual(self.paths(), ["/0", "/1", "/2"])

    def test_drop_set(self) -> None:
        """
        A whole set is dropped, as pachctl does.
        """
        self.do(methods.DROP_COMMIT_SET, commit_set=pfs.CommitSet(id=self.ids[2]))
        self.assertEqual(self.info().commit.id, self.ids[1])
        with self.refuses("has children"):
            self.do(methods.DROP_COMMIT_SET, commit_set=pfs.CommitSet(id=self.ids[0]))


class WaitTests(PFSCase):
    """
    Calls that wait. They run in a thread, and are let go by what they wait for.
    """

    def setUp(self) -> None:
        super().setUp()
        self.call = InnerCall()
        self.addCleanup(self.call.cancel)

    def wait_in_thread(self, wait: Callable[[], object]) -> tuple[threading.Thread, list[Any]]:
        """
        Run something that waits, and make sure that it has begun to.
        """
        waiting = threading.Event()
        attend = self.call.add_callback

        def attended(callback: Callable[[], None], /) -> bool:
            waiting.set()
            return attend(callback)

        self.call.add_callback = attended  # type: ignore[method-assign]
        thread, outcome = run_in_thread(wait)
        self.assertTrue(waiting.wait(30))
        return thread, outcome

    def test_until_finished(self) -> None:
        """
        InspectCommit waits until the commit is finished.
        """
        opened = self.start()
        request = {"commit": by_id(opened), "wait": pfs.FINISHED}
        thread, outcome = self.wait_in_thread(lambda: self.do(methods.INSPECT_COMMIT, self.call, **request))
        self.assertEqual(outcome, [])
        self.finish(by_id(opened))
        thread.join(30)
        self.assertTrue(outcome[0].HasField("finished"))

    def test_until_deleted(self) -> None:
        """
        The wait ends with an error when the commit is taken away.
        """
        opened = self.start()
        request = {"commit": by_id(opened), "wait": pfs.FINISHING}
        thread, outcome = self.wait_in_thread(lambda: self.do(methods.INSPECT_COMMIT, self.call, **request))
        self.do(methods.DROP_COMMIT, commit=by_id(opened))
        thread.join(30)
        self.assertIn("was deleted", str(outcome[0]))

    def test_until_cancelled(self) -> None:
        """
        The wait ends when the caller goes.
        """
        opened = self.start()
        request = {"commit": by_id(opened), "wait": pfs.FINISHED}
        thread, outcome = self.wait_in_thread(lambda: self.do(methods.INSPECT_COMMIT, self.call, **request))
        self.call.cancel()
        thread.join(30)
        self.assertIn("canceled", str(outcome[0]))

    def test_subscription(self) -> None:
        """
        SubscribeCommit tells of old and new commits of a branch, each once it is finished, until the caller goes.
        """
        self.write(add("/a", b""))
        first = self.info().commit.id
        self.write(add("/a", b""), to=head("other"))
        request = pfs.SubscribeCommitRequest(repo=REPO, branch="master", state=pfs.FINISHED)
        stream = self.pfs.procedures[methods.SUBSCRIBE_COMMIT.path](request, self.call)
        self.assertEqual(next(stream).commit.id, first)
        second = self.start()
        thread, outcome = run_in_thread(lambda: next(stream))
        self.assertEqual(outcome, [])
        self.finish(by_id(second))
        thread.join(30)
        self.assertEqual(outcome[0].commit.id, second)
        thread, outcome = run_in_thread(lambda: next(stream))
        self.call.cancel()
        thread.join(30)
        self.assertIn("canceled", str(outcome[0]))

    def test_subscription_from(self) -> None:
        """
        C{from} leaves out one commit; a filter by origin holds as well; a missing repo is named.
        """
        self.do(methods.CREATE_BRANCH, branch=messages.branch(REPO, "master"))
        ids = []
        for number in range(3):
            self.write(add(f"/{number}", b""))
            ids.append(self.info().commit.id)
        request = pfs.SubscribeCommitRequest(repo=REPO, origin_kind=pfs.USER, **{"from": by_id(ids[1])})  # type: ignore[arg-type]
        stream = self.pfs.procedures[methods.SUBSCRIBE_COMMIT.path](request, self.call)
        self.assertEqual([next(stream).commit.id for _ in range(2)], [ids[0], ids[2]])
        with self.refuses("get repo ID: repo (id=0, project=default, name=none, type=user) not found", Code.NOT_FOUND):
            self.do(methods.SUBSCRIBE_COMMIT, repo=messages.repo("default", "none"))

    def test_closing(self) -> None:
        """
        Closing the store lets waiting calls go.
        """
        opened = self.start()
        request = {"commit": by_id(opened), "wait": pfs.FINISHED}
        thread, outcome = self.wait_in_thread(lambda: self.do(methods.INSPECT_COMMIT, self.call, **request))
        self.pfs.close()
        thread.join(30)
        self.assertIn("closing", str(outcome[0]))
        self.pfs = self.opened()
