"""
How the embedded PFS says no: a status and a text, as a pachd would send them over gRPC.
"""

from __future__ import annotations

from enum import IntEnum


class Code(IntEnum):
    """
    The status codes of gRPC that the embedded PFS answers with, by their numbers.
    Source: U{https://grpc.io/docs/guides/status-codes/}.
    """

    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


class Refused(Exception):
    """
    The embedded PFS answers a call with an error.

    @ivar code: the status.
    @ivar details: the text, worded as pachd words it, since clients look for phrases of it.
    """

    def __init__(self, code: Code, details: str) -> None:
        super().__init__(f"{code.name}: {details}")
        self.code = code
        self.details = details


def unknown(details: str) -> Refused:
    """
    The refusal that pachd uses for all that it has no status of its own for.
    """
    return Refused(Code.UNKNOWN, details)


def not_found(details: str) -> Refused:
    """
    The refusal that names something missing.
    """
    return Refused(Code.NOT_FOUND, details)
