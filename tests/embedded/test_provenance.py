"""
Branches that come from others: what a commit starts downstream, and what may not be.
"""

from __future__ import annotations

from pachgw.embedded.errors import Code
from pachgw.pfs import messages, methods
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.embedded.pfs_case import REPO, PFSCase, add, by_id, delete, head

EDGES = messages.repo("default", "edges")
MONTAGE = messages.repo("default", "montage")


class ProvenanceTests(PFSCase):
    """
    data@master → edges@master → montage@master, which comes from data@master as well.
    """

    def setUp(self) -> None:
        super().setUp()
        for repo in (EDGES, MONTAGE):
            self.do(methods.CREATE_REPO, repo=repo)
        self.data, self.edges, self.montage = (messages.branch(repo, "master") for repo in (REPO, EDGES, MONTAGE))
        self.do(methods.CREATE_BRANCH, branch=self.edges, provenance=[self.data])
        self.do(methods.CREATE_BRANCH, branch=self.montage, provenance=[self.edges, self.data])

    def test_made_upstream(self) -> None:
        """
        A branch that another one is to come from is made if it does not exist.
        """
        self.assertEqual(self.info(head()).origin.kind, pfs.AUTO)

    def test_relations(self) -> None:
        """
        InspectBranch tells of what a branch comes from and of what comes from it.
        """
        info = self.do(methods.INSPECT_BRANCH, branch=self.edges)
        self.assertEqual(
            (list(info.direct_provenance), list(info.provenance), list(info.subvenance)), ([self.data], [self.data], [self.montage])
        )
        info = self.do(methods.INSPECT_BRANCH, branch=self.data)
        self.assertEqual(list(info.subvenance), [self.edges, self.montage])

    def test_propagation(self) -> None:
        """
        A commit upstream starts one commit on each branch downstream, with the same id, open, and coming from the commits of that id.
        """
        self.finish(head(repo=MONTAGE))
        self.finish(head(repo=EDGES))
        self.write(add("/a", b"1"))
        id = self.info().commit.id
        for repo, upstream in ((EDGES, {"data"}), (MONTAGE, {"edges", "data"})):
            info = self.info(head(repo=repo))
            self.assertEqual((info.commit.id, info.origin.kind, info.HasField("finishing")), (id, pfs.AUTO, False))
            self.assertEqual({(one.repo.name, one.id) for one in info.direct_provenance}, {(name, id) for name in upstream})
        commits = self.do(methods.INSPECT_COMMIT_SET, commit_set=pfs.CommitSet(id=id))
        self.assertEqual([info.commit.repo.name for info in commits], ["data", "edges", "montage"])
        self.assertEqual(self.do(methods.LIST_COMMIT_SET)[0].commit_set.id, id)

    def test_open_line(self) -> None:
        """
        Commits of an output branch wait for each other: what is finished out of turn is finished when its parent is, with the parent's
        content under its own.
        """
        first = self.info(head(repo=EDGES)).commit
        self.write(add("/in", b"1"))
        second = self.info(head(repo=EDGES)).commit
        self.write(add("/o", b"2"), to=second)
        with self.refuses("unfinished"):
            self.paths(second)
        with self.refuses("unfinished"):
            self.write(delete("/d/"), to=second)
        self.finish(second)
        info = self.info(second)
        self.assertEqual((info.HasField("finishing"), info.HasField("finished")), (True, False))
        self.write(add("/o", b"1"), add("/p", b""), to=first)
        self.finish(first)
        self.assertTrue(self.info(second).HasField("finished"))
        self.assertEqual(self.files(second), {"/o": b"12", "/p": b""})

    def test_out_of_turn_collision(self) -> None:
        """
        A collision with a parent's content shows when that is known.
        """
        first = self.info(head(repo=EDGES)).commit
        self.write()
        second = self.info(head(repo=EDGES)).commit
        self.write(add("/o/p", b"2"), to=second)
        self.finish(second)
        self.write(add("/o", b"1"), to=first)
        self.finish(first)
        self.assertIn("collision (/o/p)", self.info(second).error)

    def test_output_branch_is_not_written(self) -> None:
        """
        Nobody starts commits on an output branch, but its open commit is written to.
        """
        self.write(add("/o", b""), to=head(repo=EDGES))
        self.finish(head(repo=EDGES))
        with self.refuses("cannot start a commit on an output branch: default/edges@master"):
            self.write(add("/o", b""), to=head(repo=EDGES))
        with self.refuses("start commit in transaction: cannot start a commit on an output branch"):
            self.start(repo=EDGES)

    def test_ready(self) -> None:
        """
        An output commit is ready when all that it comes from is finished; by then an open input commit is not.
        """
        opened = self.start()
        info = self.info(head(repo=EDGES))
        self.assertEqual(info.commit.id, opened)
        self.finish(by_id(opened))
        self.do(methods.INSPECT_COMMIT, commit=head(repo=EDGES), wait=pfs.READY)

    def test_by_set(self) -> None:
        """
        A commit set's id finds, in a repo upstream, the commit that the set came from.
        """
        self.write(add("/a", b"1"))
        data = self.info().commit.id
        self.do(methods.DELETE_BRANCH, branch=self.montage)
        self.do(methods.CREATE_BRANCH, branch=self.montage, provenance=[self.data])
        made = self.info(head(repo=MONTAGE)).commit.id
        self.assertNotEqual(made, data)
        self.assertEqual(self.info(by_id(made)).commit.id, data)

    def test_deleting(self) -> None:
        """
        What others come from stays, unless it is forced.
        """
        with self.refuses("cannot be deleted because it's in the direct provenance of [default/montage@master]"):
            self.do(methods.DELETE_BRANCH, branch=self.edges)
        with self.refuses("delete repo: delete branch default/data@master"):
            self.do(methods.DELETE_REPO, repo=REPO)
        self.do(methods.DELETE_BRANCH, branch=self.edges, force=True)
        self.assertEqual(list(self.do(methods.INSPECT_BRANCH, branch=self.montage).direct_provenance), [self.data])
        self.assertTrue(self.do(methods.DELETE_REPO, repo=REPO, force=True).deleted)
        self.assertEqual(self.findings(), [])

    def test_deleting_all(self) -> None:
        """
        Repos that come from each other are deleted together without force, in the order of their names.
        """
        self.do(methods.CREATE_BRANCH, branch=messages.branch(REPO, "other"))
        deleted = self.do(methods.DELETE_REPOS, all=True).repos
        self.assertEqual([repo.name for repo in deleted], ["data", "edges", "montage"])
        self.assertEqual(self.findings(), [])

    def test_dropping(self) -> None:
        """
        A commit is dropped with what came of it only if that is asked.
        """
        self.finish(head(repo=EDGES))
        self.finish(head(repo=MONTAGE))
        self.write(add("/a", b"1"))
        with self.refuses("with subvenance without recursive"):
            self.do(methods.DROP_COMMIT, commit=head())
        before = self.info(head(repo=EDGES)).commit.id
        self.do(methods.DROP_COMMIT, commit=head(), recursive=True)
        self.assertEqual(self.paths(), [])
        self.assertNotEqual(self.info(head(repo=EDGES)).commit.id, before)
        self.assertEqual(self.findings(), [])

    def test_structure(self) -> None:
        """
        A branch may not come from its own repo, from two branches of one repo, or from itself.
        """
        self.do(methods.CREATE_BRANCH, branch=messages.branch(REPO, "dev"))
        with self.refuses("cannot be in the provenance of its own branch"):
            self.do(methods.CREATE_BRANCH, branch=messages.branch(REPO, "x"), provenance=[self.data])
        with self.refuses("cannot participate in a DAG"):
            self.do(methods.CREATE_BRANCH, branch=self.edges, provenance=[self.data, messages.branch(REPO, "dev")])
        with self.refuses("loop"):
            self.do(methods.CREATE_BRANCH, branch=self.data, provenance=[self.montage])
        self.assertEqual(list(self.do(methods.INSPECT_BRANCH, branch=self.data).provenance), [])

    def test_never(self) -> None:
        """
        A branch that is set never to follow gets no commits, and says so.
        """
        spec = pfs.BranchPropagationSpec(branch=self.data, propagation_spec=pfs.PropagationSpec(never=True))
        self.do(methods.CREATE_BRANCH, branch=self.edges, provenance=[self.data], branch_propagation_specs=[spec])
        self.assertEqual(list(self.do(methods.INSPECT_BRANCH, branch=self.edges).branch_propagation_specs), [spec])
        before = self.info(head(repo=EDGES)).commit.id
        self.write(add("/a", b"1"))
        self.assertEqual(self.info(head(repo=EDGES)).commit.id, before)
        other = pfs.BranchPropagationSpec(branch=self.montage)
        with self.refuses("must reference provenant branch"):
            self.do(methods.CREATE_BRANCH, branch=self.edges, provenance=[self.data], branch_propagation_specs=[other])


class TriggerTests(PFSCase):
    """
    Branches that follow others of the same repo.
    """

    def trigger(self, name: str, **fields: object) -> None:
        """
        Make a branch with a trigger.
        """
        self.do(methods.CREATE_BRANCH, branch=messages.branch(REPO, name), trigger=pfs.Trigger(**fields))  # type: ignore[arg-type]

    def test_commits(self) -> None:
        """
        After so many commits the branch follows, and one that follows it in turn.
        """
        self.trigger("slow", branch="master", commits=2)
        self.trigger("slower", branch="slow", commits=1)
        heads = []
        for number in range(4):
            self.write(add(f"/{number}", b""))
            heads.append(len(self.paths(head("slow"))))
        self.assertEqual(heads, [0, 2, 2, 4])
        self.assertEqual(self.info(head("slower")).commit.id, self.info().commit.id)

    def test_size(self) -> None:
        """
        After so many bytes the branch follows; with C{all}, if every condition holds.
        """
        self.trigger("big", branch="master", size="1K")
        self.trigger("both", branch="master", size="1K", commits=3, all=True)
        self.write(add("/a", bytes(600)))
        self.assertEqual(self.paths(head("big")), [])
        self.write(add("/a", bytes(600)))
        self.assertEqual(self.paths(head("big")), ["/a"])
        self.assertEqual(self.paths(head("both")), [])
        self.write()
        self.assertEqual(self.paths(head("both")), ["/a"])

    def test_refusals(self) -> None:
        """
        Loops, nonsense, and times, which are not kept here.
        """
        self.trigger("a", branch="b", commits=1)
        for phrase, fields in (
            ("loop", {"branch": "a", "commits": 1}),
            ("must specify a branch", {"commits": 1}),
            ("negative number", {"branch": "master", "commits": -1}),
            ("invalid trigger size", {"branch": "master", "size": "big"}),
            ("no triggers by time", {"branch": "master", "cron_spec": "@daily"}),
        ):
            with self.refuses(phrase):
                self.trigger("b", **fields)  # type: ignore[arg-type]
        with self.refuses("triggered by branches [default/data@a]"):
            self.write(to=head("b"))
            self.do(methods.DELETE_BRANCH, branch=messages.branch(REPO, "b"))


class BranchTests(PFSCase):
    """
    Plain branches.
    """

    def test_moved(self) -> None:
        """
        A branch can be pointed at any commit of its repo, and nowhere else.
        """
        self.write(add("/a", b"1"))
        first = self.info().commit
        self.write(add("/b", b"1"))
        self.do(methods.CREATE_BRANCH, branch=messages.branch(REPO, "master"), head=first)
        self.assertEqual(self.paths(), ["/a"])
        with self.refuses("must belong to the same repo"):
            self.do(methods.CREATE_BRANCH, branch=messages.branch(REPO, "x"), head=head(repo=EDGES))
        with self.refuses("unable to inspect", Code.NOT_FOUND):
            self.do(methods.CREATE_BRANCH, branch=messages.branch(REPO, "x"), head=head("none"))

    def test_all(self) -> None:
        """
        ListBranch without a repo tells of all branches.
        """
        self.do(methods.CREATE_REPO, repo=EDGES)
        for repo in (REPO, EDGES):
            self.do(methods.CREATE_BRANCH, branch=messages.branch(repo, "master"))
        listed = [info.branch.repo.name for info in self.do(methods.LIST_BRANCH, reverse=True)]
        self.assertEqual(listed, ["data", "edges"])

    def test_unfinished(self) -> None:
        """
        Missing parts of requests are refused, not crashed on.
        """
        for method in (methods.CREATE_BRANCH, methods.INSPECT_BRANCH):
            with self.refuses("branch cannot be nil"):
                self.do(method)
            with self.refuses("branch repo cannot be nil"):
                self.do(method, branch=pfs.Branch(name="x"))
        with self.refuses("repo type cannot be empty"):
            self.do(methods.INSPECT_BRANCH, branch=pfs.Branch(name="x", repo=pfs.Repo(name="data")))
