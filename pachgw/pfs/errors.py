"""
How PFS says no.
"""

from __future__ import annotations

from functools import cached_property
from typing import Optional

from pachgw.pfs.kinds import Kind, kind_of
from pachgw.pfs.status import Status, status_of

__all__ = ["Kind", "PFSError", "Status", "carried"]


class PFSError(Exception):
    """
    PFS answered a call with an error, or could not be reached.

    @ivar status: the gRPC status.
    @ivar details: PFS's own text, for logs.
    """

    def __init__(self, status: Status, details: str) -> None:
        super().__init__(f"{status.name}: {details}")
        self.status = status
        self.details = details

    @cached_property
    def kind(self) -> Kind:
        """
        What the error means, found from the status and the text.
        """
        return kind_of(self.status, self.details)


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
