"""
Errors of PFS told apart: all that the recordings of a real pachd hold, older texts, and texts that try to pass for others.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

import tests.contract
from pachgw.pfs.errors import Kind, PFSError, Status, carried
from tests.pfs.toys import Refusal

RECORDED: dict[Kind, dict[str, list[str]]] = {
    Kind.ALREADY_EXISTS: {"main": ["CreateProject", "CreateRepo"]},
    Kind.BAD_NAME: {"main": ["CreateProject", *["CreateRepo"] * 5, *["CreateBranch"] * 4]},
    Kind.PROJECT_NOT_FOUND: {"main": ["InspectProject", "CreateRepo", "InspectProject"]},
    Kind.REPO_NOT_FOUND: {
        "main": ["InspectRepo", "InspectBranch", "CreateBranch", "InspectFile", "ModifyFile", "ListCommit", "InspectFile"],
    },
    Kind.BRANCH_NOT_FOUND: {"main": ["InspectBranch", "InspectFile", "DeleteBranch"]},
    Kind.IS_DIRECTORY: {"main": ["GetFile"]},
    Kind.FILE_NOT_FOUND: {"main": ["GetFile", "InspectFile", "InspectFile", "WalkFile", "WalkFile", "InspectFile", "InspectFile"]},
    Kind.BAD_PATH: {"main": ["ModifyFile"] * 17},
    Kind.COLLISION: {"main": ["InspectFile"]},
    Kind.NOT_FINISHED: {"main": ["StartCommit"]},
    Kind.ALREADY_FINISHED: {"main": ["FinishCommit", "ModifyFile", "AddFileSet"]},
    Kind.FILE_SET_GONE: {"main": ["RenewFileSet", "ComposeFileSet", "AddFileSet"]},
    Kind.OUTPUT_BRANCH: {"main": ["StartCommit", "ModifyFile"]},
    Kind.IN_PROVENANCE: {"main": ["DeleteRepo", "DeleteBranch"]},
    Kind.AUTH_OFF: {"main": ["WhoAmI"]},
    Kind.NOT_EMPTY: {"main": ["DeleteProject"]},
    Kind.UNAUTHENTICATED: {
        "auth": [
            *["WhoAmI"] * 2,
            *[
                *["ListRepo", "InspectRepo", "InspectBranch", "InspectCommit", "InspectFile", "GetFile", "ListFile", "ModifyFile"],
                *["CreateRepo", "DeleteBranch", "DeleteRepo", "CreateFileSet"],
            ]
            * 2,
        ]
    },
    Kind.PERMISSION_DENIED: {
        "auth": ["InspectCommit", "InspectFile", "GetFile", "ListFile", "ModifyFile", "DeleteBranch", "ModifyFile"],
    },
    Kind.NO_ROLES: {"auth": ["Authorize"]},
}
"""
The procedures that were refused with an error of each kind, in the order of the recordings.
"""

OTHERS = [
    (Status.UNKNOWN, "ttl (3600s) exceeds max ttl (1800s)", Kind.UNRECOGNISED),
    (Status.UNKNOWN, "base commit images@1 for commit images@2 unfinished", Kind.NOT_FINISHED),
    (Status.UNAVAILABLE, "commit images@1 not finished", Kind.NOT_FINISHED),
    (Status.UNAVAILABLE, "failed to connect to all addresses", Kind.UNAVAILABLE),
    (Status.UNKNOWN, "duplicate path output by different datums (/a from 1 and /a from 2)", Kind.DUPLICATE),
    (Status.UNKNOWN, "commit images@1 finished with an error", Kind.COMMIT_FAILED),
    (Status.UNKNOWN, "cannot drop a commit that has children: images@1", Kind.HAS_CHILDREN),
    (Status.UNKNOWN, "repo images not found", Kind.REPO_NOT_FOUND),
    (Status.UNKNOWN, 'branch "b" not found in repo images', Kind.BRANCH_NOT_FOUND),
    (Status.UNKNOWN, "commit images@1 not found", Kind.COMMIT_NOT_FOUND),
    (Status.UNKNOWN, "commit images@1 was deleted", Kind.COMMIT_NOT_FOUND),
    (Status.UNKNOWN, "repo images already exists", Kind.ALREADY_EXISTS),
    (Status.INTERNAL, "no authentication metadata (try logging in)", Kind.UNAUTHENTICATED),
    (Status.UNKNOWN, "robot:r is not authorized to perform this operation - needs …", Kind.PERMISSION_DENIED),
    (Status.UNIMPLEMENTED, "unknown method FindCommits for service pfs_v2.API", Kind.UNIMPLEMENTED),
    (Status.RESOURCE_EXHAUSTED, "grpc: received message larger than max", Kind.OVERLOADED),
    (Status.DEADLINE_EXCEEDED, "context deadline exceeded", Kind.DEADLINE),
    (Status.CANCELLED, "context canceled", Kind.CANCELLED),
    (Status.UNKNOWN, "validate commit: context canceled\ncontext created at /src/etcd_collection.go:152", Kind.CANCELLED),
    (Status.ABORTED, "transaction conflict", Kind.ABORTED),
    (Status.UNKNOWN, "commit unexpectedly resulted in rollback", Kind.OVERLOADED),
    (Status.NOT_FOUND, "the moon", Kind.UNRECOGNISED),
    (Status.DATA_LOSS, "chunk is gone", Kind.UNRECOGNISED),
    (Status.UNKNOWN, "path (/a\nb) invalid: only printable ASCII characters allowed", Kind.BAD_PATH),
    (Status.NOT_FOUND, "file /repo x not found not found in repo p/r at commit 1", Kind.FILE_NOT_FOUND),
    (Status.NOT_FOUND, "file /x: project y not found not found in repo p/r at commit 1", Kind.FILE_NOT_FOUND),
]
"""
What the recordings do not hold.
"""


class KindTests(SynchronousTestCase):
    """
    L{PFSError.kind}.
    """

    def test_recordings(self) -> None:
        """
        Every error in both recordings is of the kind that the table above says, and none is unrecognised.
        """
        found: dict[Kind, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for name in ("main", "auth"):
            path = Path(tests.contract.__file__).with_name(f"recorded-{name}.json")
            for step in json.loads(path.read_text(encoding="utf-8"))["steps"]:
                if "error" in step:
                    error = PFSError(Status[step["error"]["code"]], step["error"]["details"])
                    found[error.kind][name].append(step["rpc"])
        self.assertEqual(found, RECORDED)

    def test_others(self) -> None:
        """
        Older texts, texts of our own making, and paths that look like other errors.
        """
        for status, details, kind in OTHERS:
            self.assertEqual(PFSError(status, details).kind, kind, details)


class CarriedTests(SynchronousTestCase):
    """
    L{carried}: PFS's error in whatever exception a servicer or gRPC raises.
    """

    def test_forms(self) -> None:
        """
        A status may be given by number, by name, as a member of an enum, or by a method.
        """

        class Late(Exception):
            def code(self) -> Status:
                return Status.ABORTED

            def details(self) -> str:
                return "late"

        for code in (5, "NOT_FOUND", Status.NOT_FOUND):
            error = carried(Refusal(code, "gone"))
            assert error is not None
            self.assertEqual((error.status, error.details), (Status.NOT_FOUND, "gone"))
        late = carried(Late())
        assert late is not None
        self.assertEqual((late.status, late.details), (Status.ABORTED, "late"))

    def test_none(self) -> None:
        """
        Other exceptions, C{OK} and codes of another world carry nothing.
        """
        for error in (ValueError("x"), Refusal(0, "fine"), Refusal("NO_SUCH", "x"), Refusal(99, "x"), OSError(5, "I/O")):
            self.assertIsNone(carried(error))
