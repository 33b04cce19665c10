"""
Projects and repos beyond what the recordings show.
"""

from __future__ import annotations

from pachgw.embedded.errors import Code
from pachgw.pfs import messages, methods
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.embedded.pfs_case import REPO, PFSCase, add, head


class ProjectTests(PFSCase):
    """
    Projects.
    """

    def test_listed_and_described(self) -> None:
        """
        Projects come in order, with their descriptions, which can be changed.
        """
        for name in ("b", "a"):
            self.do(methods.CREATE_PROJECT, project=pfs.Project(name=name), description="old")
        self.do(methods.CREATE_PROJECT, project=pfs.Project(name="a"), description="new", update=True)
        found = [(info.project.name, info.description) for info in self.do(methods.LIST_PROJECT)]
        self.assertEqual(found, [("a", "new"), ("b", "old"), ("default", "")])
        self.assertEqual(self.do(methods.INSPECT_PROJECT, project=pfs.Project(name="a")).created_at.seconds, int(self.time))
        with self.refuses("not found", Code.NOT_FOUND):
            self.do(methods.CREATE_PROJECT, project=pfs.Project(name="none"), update=True)

    def test_names(self) -> None:
        """
        Too long, or not beginning with a letter or digit.
        """
        for name, phrase in (("x" * 52, "1 characters longer than the 51 max"), ("-a", "must start with an alphanumeric"), ("", "invalid")):
            with self.refuses(phrase):
                self.do(methods.CREATE_PROJECT, project=pfs.Project(name=name))

    def test_deleted_by_force(self) -> None:
        """
        A project with repos goes only by force, and takes them along.
        """
        project = pfs.Project(name="p")
        self.do(methods.CREATE_PROJECT, project=project)
        repo = messages.repo("p", "r")
        self.do(methods.CREATE_REPO, repo=repo)
        self.write(add("/a", b"1"), to=head(repo=repo))
        with self.refuses("repo p/r still exists", Code.FAILED_PRECONDITION):
            self.do(methods.DELETE_PROJECT, project=project)
        self.do(methods.DELETE_PROJECT, project=project, force=True)
        with self.refuses('project "p" not found', Code.NOT_FOUND):
            self.do(methods.DELETE_PROJECT, project=project)
        self.assertEqual(list(self.findings()), [])

    def test_all_deleted(self) -> None:
        """
        DeleteAll leaves an empty default project.
        """
        self.write(add("/a", b"1"))
        self.do(methods.CREATE_PROJECT, project=pfs.Project(name="p"))
        self.do(methods.DELETE_ALL)
        self.assertEqual([info.project.name for info in self.do(methods.LIST_PROJECT)], ["default"])
        self.assertEqual(self.do(methods.LIST_REPO), [])
        self.do(methods.CREATE_REPO, repo=REPO)


class RepoTests(PFSCase):
    """
    Repos.
    """

    def test_pages(self) -> None:
        """
        ListRepo by pages, by project and by type.
        """
        for name in ("c", "a", "b"):
            self.do(methods.CREATE_REPO, repo=messages.repo("default", name))
        self.do(methods.CREATE_REPO, repo=pfs.Repo(name="a", type="spec"))

        def names(**fields: object) -> list[str]:
            return [info.repo.name for info in self.do(methods.LIST_REPO, **fields)]

        self.assertEqual(names(type="user"), ["a", "b", "c", "data"])
        self.assertEqual(names(), ["a", "a", "b", "c", "data"])
        self.assertEqual(names(type="user", page=pfs.RepoPage(page_size=3, page_index=1)), ["data"])
        self.assertEqual(names(projects=[pfs.Project(name="other")]), [])

    def test_system_repo(self) -> None:
        """
        A pipeline's repo needs the user repo of its name, is written with its type, and goes with it.
        """
        with self.refuses("without a corresponding 'user' repo", Code.NOT_FOUND):
            self.do(methods.CREATE_REPO, repo=pfs.Repo(name="none", type="meta"))
        meta = pfs.Repo(name="data", type="meta")
        self.do(methods.CREATE_REPO, repo=meta)
        with self.refuses("repo default/data.meta already exists", Code.ALREADY_EXISTS):
            self.do(methods.CREATE_REPO, repo=meta)
        self.assertTrue(self.do(methods.DELETE_REPO, repo=REPO).deleted)
        self.assertEqual(self.do(methods.LIST_REPO), [])

    def test_only_the_system_repo(self) -> None:
        """
        Deleting a pipeline's repo leaves the user repo.
        """
        meta = pfs.Repo(name="data", type="meta")
        self.do(methods.CREATE_REPO, repo=meta)
        self.do(methods.DELETE_REPO, repo=meta)
        self.assertEqual(len(self.do(methods.LIST_REPO)), 1)

    def test_several_deleted(self) -> None:
        """
        DeleteRepos takes those of some projects, or all.
        """
        self.do(methods.CREATE_PROJECT, project=pfs.Project(name="p"))
        self.do(methods.CREATE_REPO, repo=messages.repo("p", "r"))
        deleted = self.do(methods.DELETE_REPOS, projects=[pfs.Project(name="p")]).repos
        self.assertEqual([repo.name for repo in deleted], ["r"])
        self.assertEqual([repo.name for repo in self.do(methods.DELETE_REPOS, all=True).repos], ["data"])
        self.assertEqual(list(self.do(methods.DELETE_REPOS).repos), [])

    def test_size(self) -> None:
        """
        A repo is as large as the last finished commit of C{master}.
        """
        self.write(add("/a", b"12345"))
        self.start()
        self.write(add("/b", b"12345"))
        self.assertEqual(self.do(methods.INSPECT_REPO, repo=REPO).details.size_bytes, 5)

    def test_incomplete_requests(self) -> None:
        """
        What is missing from a request is named.
        """
        for method, phrase, code in (
            (methods.CREATE_REPO, "repo cannot be nil", Code.UNKNOWN),
            (methods.DELETE_REPO, "no repo specified", Code.INVALID_ARGUMENT),
            (methods.INSPECT_REPO, "repo type cannot be empty", Code.UNKNOWN),
            (methods.DELETE_BRANCH, "branch cannot be nil", Code.UNKNOWN),
            (methods.LIST_COMMIT, "repo cannot be nil", Code.UNKNOWN),
            (methods.INSPECT_COMMIT, "commit must have a repo", Code.UNKNOWN),
            (methods.INSPECT_COMMIT_SET, "commitset cannot be nil", Code.UNKNOWN),
        ):
            with self.refuses(phrase, code):
                self.do(method)
        with self.refuses("no ID or branch"):
            self.info(pfs.Commit(repo=REPO))
        with self.refuses("no commits found for commitset", Code.NOT_FOUND):
            self.do(methods.INSPECT_COMMIT_SET, commit_set=pfs.CommitSet(id="none"))
