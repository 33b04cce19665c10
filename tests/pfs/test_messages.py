"""
Names of things in PFS.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from pachgw.pfs import messages


class LiteralTests(SynchronousTestCase):
    """
    L{messages.literal}.
    """

    def test_plain(self) -> None:
        """
        A path without special characters stays what it is.
        """
        path = "/a b/c-d.e,f|g$h~i"
        self.assertEqual(messages.literal(path), path)

    def test_backslash(self) -> None:
        """
        A backslash becomes a class, as a real pachd needs it.
        """
        self.assertEqual(messages.literal("/b\\s"), "/b[\\\\]s")

    def test_every_special_character(self) -> None:
        """
        Each is escaped within a class of its own.
        """
        for character in "*?[]{}!()@+^\\":
            self.assertEqual(messages.literal(f"/x{character}y"), f"/x[\\{character}]y")


class NameTests(SynchronousTestCase):
    """
    Repos, branches, commits and files.
    """

    def test_commit_of_a_branch(self) -> None:
        """
        The head of a branch is a commit without id, in a repo that says its type and project.
        """
        repo = messages.repo("default", "images")
        commit = messages.commit(repo, branch_name="master")
        self.assertEqual((commit.repo, commit.branch.repo, commit.branch.name, commit.id), (repo, repo, "master", ""))
        self.assertEqual((repo.type, repo.project.name), ("user", "default"))

    def test_commit_by_id(self) -> None:
        """
        A commit by its id needs no branch.
        """
        commit = messages.commit(messages.repo("p", "r"), "1" * 32)
        self.assertEqual((commit.id, commit.HasField("branch")), ("1" * 32, False))
        self.assertEqual(messages.file(commit, "/a").commit, commit)
