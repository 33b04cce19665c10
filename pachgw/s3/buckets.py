"""
The grammar of bucket names: C{[commit.][branch.]repo} and C{[commit.]branch.repo.project}.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional

from pachgw.s3.errors import InvalidBucketName

DEFAULT_PROJECT = "default"
DEFAULT_BRANCH = "master"

_PART = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True)
class Bucket:
    """
    What a bucket's name says. Nothing here says that it exists.

    @ivar project: the PFS project.
    @ivar repo: the repo in it.
    @ivar branch: the branch of the repo.
    @ivar commit: the id of a commit for a read-only bucket of that commit, or C{None} for the branch's head.
    """

    project: str
    repo: str
    branch: str
    commit: Optional[str] = None

    @property
    def name(self) -> str:
        """
        The bucket's name in the form in which ListBuckets gives it.
        """
        parts = [self.branch, self.repo]
        if self.commit is not None:
            parts.insert(0, self.commit)
        if self.project != DEFAULT_PROJECT:
            parts.append(self.project)
        return ".".join(parts)


def is_commit_id(text: str) -> bool:
    """
    Whether C{text} has the form of a commit's id: 32 lower-case hex digits.
    """
    return _COMMIT.fullmatch(text) is not None


def parse_bucket(name: str) -> Bucket:
    """
    Read a bucket's name.

    @raise InvalidBucketName: for too many or empty parts, or characters that PFS does not allow in a name.
    """
    parts = name.split(".")
    if not all(_PART.fullmatch(part) for part in parts):
        raise InvalidBucketName(f"{name!r}: each part of a bucket's name is made of ASCII letters, digits, '_' and '-'", BucketName=name)
    commit = parts.pop(0) if len(parts) > 1 and is_commit_id(parts[0]) else None
    if len(parts) > 3:
        raise InvalidBucketName(f"{name!r}: use [commit.][branch.]repo or [commit.]branch.repo.project", BucketName=name)
    project = parts[2] if len(parts) == 3 else DEFAULT_PROJECT
    branch = parts[0] if len(parts) > 1 else DEFAULT_BRANCH
    repo = parts[0] if len(parts) == 1 else parts[1]
    return Bucket(project, repo, branch, commit)
