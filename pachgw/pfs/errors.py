"""
How PFS says no.
"""

from __future__ import annotations

from enum import Enum
from typing import Optional


class Status(Enum):
    """
    The status codes of gRPC, by their numbers. Source: U{https://grpc.io/docs/guides/status-codes/}.
    """

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


class PFSError(Exception):
    """
    PFS answered a call with an error, or could not be reached.

    @ivar status: the gRPC status.
    @ivar details: PFS's own text; for logs, and for telling errors of status C{UNKNOWN} apart.
    """

    def __init__(self, status: Status, details: str) -> None:
        super().__init__(f"{status.name}: {details}")
        self.status = status
        self.details = details


def status_of(code: object) -> Optional[Status]:
    """
    The status that a code means, in any of the forms that servicers and gRPC use: the number, the name, or an enum member of that name.

    @return: C{None} if it is no status code, or C{OK}, which is no error.
    """
    name = getattr(code, "name", code)
    if isinstance(name, str):
        found = Status.__members__.get(name)
    elif isinstance(name, int):
        found = next((status for status in Status if status.value == name), None)
    else:
        found = None
    return None if found is Status.OK else found


def carried(error: BaseException) -> Optional[PFSError]:
    """
    The error of PFS that an exception carries.

    @param error: one with a C{code} and C{details}, as attributes or as methods: a servicer's own error, or C{grpc.RpcError}.
    @return: C{None} if it carries none: then it is a failure of the program.
    """
    if isinstance(error, PFSError):
        return error
    code, details = getattr(error, "code", None), getattr(error, "details", "")
    status = status_of(code() if callable(code) else code)
    return None if status is None else PFSError(status, str((details() if callable(details) else details) or ""))
