"""
Telling PFS's errors apart. A pachd sends most of them with status C{UNKNOWN}, so their text must say which they are.

Sources: the recordings C{shared/pfs/recorded-*.json} (2.12) and the error types of Pachyderm's public API. Servers before 2.12 send with
C{UNKNOWN} what later ones send with C{NOT_FOUND} or C{ALREADY_EXISTS}.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from pachgw.pfs.status import Status


class Kind(Enum):
    """
    What an error of PFS means to its caller.
    """

    PROJECT_NOT_FOUND = auto()
    REPO_NOT_FOUND = auto()
    BRANCH_NOT_FOUND = auto()
    COMMIT_NOT_FOUND = auto()
    FILE_NOT_FOUND = auto()
    FILE_SET_GONE = auto()
    """A file set that never was or has expired."""
    ALREADY_EXISTS = auto()
    NOT_EMPTY = auto()
    """A project that holds repos."""
    BAD_NAME = auto()
    BAD_PATH = auto()
    IS_DIRECTORY = auto()
    COLLISION = auto()
    """A file where a directory is, or the other way round."""
    DUPLICATE = auto()
    """A path that is written twice, or that holds content with a datum tag."""
    OUTPUT_BRANCH = auto()
    IN_PROVENANCE = auto()
    """Something that others come from cannot go."""
    HAS_CHILDREN = auto()
    """A commit in the middle cannot go."""
    NOT_FINISHED = auto()
    """A commit that must be finished first: the parent, the base, or the one asked for."""
    ALREADY_FINISHED = auto()
    COMMIT_FAILED = auto()
    """A commit whose C{error} is set."""
    NO_ROLES = auto()
    """Auth knows nothing of the resource: it does not exist."""
    AUTH_OFF = auto()
    UNAUTHENTICATED = auto()
    PERMISSION_DENIED = auto()
    UNIMPLEMENTED = auto()
    OVERLOADED = auto()
    ABORTED = auto()
    CANCELLED = auto()
    DEADLINE = auto()
    UNAVAILABLE = auto()
    UNRECOGNISED = auto()


_ANY = frozenset(Status)
_MISSING = frozenset({Status.NOT_FOUND, Status.UNKNOWN})
_VAGUE = frozenset({Status.UNKNOWN, Status.INTERNAL, Status.INVALID_ARGUMENT, Status.FAILED_PRECONDITION, Status.UNAVAILABLE})

_TABLE: tuple[tuple[frozenset[Status], str, Kind], ...] = (
    (_VAGUE, r"\bpath \([\s\S]*\) invalid: ", Kind.BAD_PATH),
    (_VAGUE, r"\bname \([\s\S]*\) invalid: ", Kind.BAD_NAME),
    (_VAGUE, r"file / directory path collision \(", Kind.COLLISION),
    (_VAGUE, r"duplicate path output by different datums", Kind.DUPLICATE),
    (_VAGUE, r"cannot get directory or non-regular file", Kind.IS_DIRECTORY),
    (_MISSING, r"(?:^|: )file (?:/.*)? ?not found in repo ", Kind.FILE_NOT_FOUND),
    (_MISSING, r"does not contain item: \(/", Kind.FILE_NOT_FOUND),
    (_MISSING, r"does not contain item: \(fileset/", Kind.FILE_SET_GONE),
    (_VAGUE, r"would create a dangling reference", Kind.FILE_SET_GONE),
    (_VAGUE, r"add file set: path does not exist", Kind.FILE_SET_GONE),
    (_VAGUE, r"cannot start a commit on an output branch", Kind.OUTPUT_BRANCH),
    (_VAGUE, r"cannot be deleted because it's in the direct provenance of", Kind.IN_PROVENANCE),
    (_VAGUE, r"cannot be dropped because it has subvenant commit sets", Kind.IN_PROVENANCE),
    (_VAGUE, r"cannot drop a commit that has children|cannot squash a commit that has no children", Kind.HAS_CHILDREN),
    (_VAGUE, r"parent commit .* has not been finished", Kind.NOT_FINISHED),
    (_VAGUE, r"base commit .* unfinished", Kind.NOT_FINISHED),
    (_VAGUE, r"\bcommit .* not finished", Kind.NOT_FINISHED),
    (_VAGUE, r"\bcommit .* has already finished", Kind.ALREADY_FINISHED),
    (_VAGUE, r"\bcommit .* finished with an error", Kind.COMMIT_FAILED),
    (_VAGUE, r"no role binding exists for ", Kind.NO_ROLES),
    (_MISSING, r"(?:^|: )project [^\n]+ not found", Kind.PROJECT_NOT_FOUND),
    (_MISSING, r"(?:^|: )repo [^\n]+ not found", Kind.REPO_NOT_FOUND),
    (_MISSING, r"(?:^|: )branch [^\n]+ not found", Kind.BRANCH_NOT_FOUND),
    (_MISSING, r"\bcommit [^\n]+ (?:not found|was deleted)|no commits found for commitset", Kind.COMMIT_NOT_FOUND),
    (frozenset({Status.ALREADY_EXISTS}), r"", Kind.ALREADY_EXISTS),
    (_VAGUE, r"(?:repo|project|branch) [^\n]+ already exists", Kind.ALREADY_EXISTS),
    (_VAGUE, r"\brepo [^\n]+ still exists", Kind.NOT_EMPTY),
    (frozenset({Status.UNIMPLEMENTED}), r"auth service is not activated", Kind.AUTH_OFF),
    (frozenset({Status.UNIMPLEMENTED}), r"", Kind.UNIMPLEMENTED),
    (frozenset({Status.UNAUTHENTICATED}), r"", Kind.UNAUTHENTICATED),
    (_VAGUE, r"no authentication (?:token|metadata) \(try logging in\)|auth token is corrupted or has expired", Kind.UNAUTHENTICATED),
    (frozenset({Status.PERMISSION_DENIED}), r"", Kind.PERMISSION_DENIED),
    (_VAGUE, r"is not authorized to perform this operation", Kind.PERMISSION_DENIED),
    (frozenset({Status.RESOURCE_EXHAUSTED}), r"", Kind.OVERLOADED),
    # A busy pachd's database gave up; seen once in some 2,000 calls. Nothing was applied.
    (_VAGUE, r"commit unexpectedly resulted in rollback", Kind.OVERLOADED),
    # A busy pachd lost a lease, and with it what it was doing; seen as the error of a commit.
    (_VAGUE, r"context canceled", Kind.CANCELLED),
    (frozenset({Status.ABORTED}), r"", Kind.ABORTED),
    (frozenset({Status.CANCELLED}), r"", Kind.CANCELLED),
    (frozenset({Status.DEADLINE_EXCEEDED}), r"", Kind.DEADLINE),
    (frozenset({Status.UNAVAILABLE}), r"", Kind.UNAVAILABLE),
    (_ANY, r"", Kind.UNRECOGNISED),
)
"""
Status and text to kind; the first row that fits counts. Texts with a client's path come first, so that no path passes for another error.
What each kind becomes in S3 is in C{pachgw.objects.failures}.
"""

_ROWS = tuple((statuses, re.compile(pattern, re.MULTILINE), kind) for statuses, pattern, kind in _TABLE)


def kind_of(status: Status, details: str) -> Kind:
    """
    What an error means.
    """
    return next(kind for statuses, pattern, kind in _ROWS if status in statuses and pattern.search(details))
