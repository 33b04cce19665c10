"""
How PFS says no.
"""

from __future__ import annotations

from enum import Enum


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
