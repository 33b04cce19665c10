"""
The indexes at hand: found by commit, carried to children, and never more than a set number of bytes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple, Optional

from pachgw.objects.blocks import Block, Entry
from pachgw.objects.index import Index

LIMIT = 256 * 1024 * 1024
"""
The memory for all indexes, in bytes, when nothing else is set: about two and a half million objects.
"""

_BRANCHES = 1000


class CommitName(NamedTuple):
    """
    A commit. The same id may name commits of several repos.
    """

    project: str
    repo: str
    id: str


class Indexes:
    """
    One index for each commit that is finished, or that nobody but this gateway writes, shared by every branch and bucket that leads to it.

    An index is never trusted for permission: who asks for one has checked the right. Blocks that several indexes share are
    counted once.

    @ivar limit: the most memory for all indexes, in bytes. Whole indexes are dropped, those first that were not used for longest.
    @ivar size: about the memory that they take now, in bytes.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self.size = 0
        self._indexes: OrderedDict[CommitName, Index] = OrderedDict()
        self._latest: OrderedDict[tuple[str, str, str], CommitName] = OrderedDict()

    def __len__(self) -> int:
        return len(self._indexes)

    def find(self, commit: CommitName) -> Optional[Index]:
        """
        The index of a commit.
        """
        index = self._indexes.get(commit)
        if index is not None:
            self._indexes.move_to_end(commit)
        return index

    def latest(self, project: str, repo: str, branch: str) -> Optional[CommitName]:
        """
        The commit of a branch whose index was kept last, if it is still there.
        """
        commit = self._latest.get((project, repo, branch))
        return commit if commit in self._indexes else None

    def keep(self, commit: CommitName, index: Index, branch: Optional[str] = None) -> None:
        """
        Remember an index, and make room for it.

        @param branch: the branch on which the commit was met.
        """
        if self._indexes.get(commit) is not index:
            self.forget(commit)
            self._indexes[commit] = index
            self.size += index.overhead + sum(_take(block) for block in index.blocks)
        if branch is not None:
            self._latest[commit.project, commit.repo, branch] = commit
            self._latest.move_to_end((commit.project, commit.repo, branch))
        self._make_room()
        while len(self._latest) > _BRANCHES:
            self._latest.popitem(last=False)

    def carry(self, parent: CommitName, child: CommitName, changes: Mapping[bytes, Optional[Entry]]) -> None:
        """
        Learn what a commit of ours changed. Both commits must hold no error and nothing that is not ours, and the change be all of it.

        @param changes: by name the files that it put, with their time, and C{None} for those that it took away.
        """
        index = self._indexes.get(parent)
        if index is None:
            return
        self.keep(child, index.changed(changes))
        for branch, commit in self._latest.items():
            if commit == parent:
                self._latest[branch] = child

    def forget(self, commit: CommitName) -> None:
        """
        Drop the index of a commit, if it has one.
        """
        index = self._indexes.pop(commit, None)
        if index is not None:
            self.size -= index.overhead + sum(_release(block) for block in index.blocks)

    def reserve(self, amount: int) -> bool:
        """
        Count memory of an index that is being built, and make room for it.

        @param amount: in bytes; to be given back by L{release}.
        @return: whether there is room.
        """
        self.size += amount
        self._make_room()
        return self.size <= self.limit

    def release(self, amount: int) -> None:
        """
        Give back what was reserved.
        """
        self.size -= amount

    def clear(self) -> None:
        """
        Forget everything.
        """
        while self._indexes:
            self._drop()

    def _make_room(self) -> None:
        while self.size > self.limit and self._indexes:
            self._drop()

    def _drop(self) -> None:
        """
        Forget the index that was not used for longest.
        """
        self.forget(next(iter(self._indexes)))


def _take(block: Block) -> int:
    """
    Count an owner of a block.

    @return: the memory that this adds, in bytes.
    """
    block.owners += 1
    return block.size if block.owners == 1 else 0


def _release(block: Block) -> int:
    """
    Count an owner less.

    @return: the memory that this frees, in bytes.
    """
    block.owners -= 1
    return block.size if block.owners == 0 else 0
