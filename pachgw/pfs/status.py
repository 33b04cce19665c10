"""
The status codes of gRPC.
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
