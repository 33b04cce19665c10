"""
What answers the procedures of PFS in this process: driven by L{LocalPFS<pachgw.pfs.local.LocalPFS>} with nothing between, and by
L{PFSServer<pachgw.pfs.serving.PFSServer>} as gRPC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Optional, Protocol

import txaio

from pachgw.pfs.errors import PFSError, Status, carried
from pachgw.pfs.interfaces import Buffer
from pachgw.pfs.methods import Method
from pachgw.pfs.proto import pfs_pb2 as pfs

log = txaio.make_logger()

Procedure = Callable[[Any, Any], Any]
"""
Takes a request, or an iterator of them, and a L{CallContext}; gives the response, or an iterator of responses.
"""


class CallContext(Protocol):
    """
    What a procedure sees of its caller.
    """

    @property
    def token(self) -> Optional[str]:
        """
        The caller's Pachyderm token, or C{None}.
        """

    def is_active(self) -> bool:
        """
        Whether anybody still waits for the answer.
        """

    def add_callback(self, callback: Callable[[], None], /) -> bool:
        """
        Have C{callback}, which must not block, called when the call has ended, for whatever reason.

        @return: C{False} if it has ended already, and C{callback} will not be called.
        """


class Servicer(Protocol):
    """
    A PFS. Its procedures run in any thread, and may block it.

      - Its own errors have C{code} (a status as L{status_of<pachgw.pfs.status.status_of>} takes it) and C{details}; any other exception
        is taken for a defect.
      - An iterator of responses may be resumed in another thread than before, never in two at once. It is closed when nobody reads it.
      - An iterator of requests raises when its writer has gone; only its end means that all has been sent.
      - What waits (a subscription, a commit that is to finish) gives up soon after its call has ended.
    """

    @property
    def procedures(self) -> Mapping[str, Procedure]:
        """
        Every procedure by its gRPC path, such as C{/pfs_v2.API/GetFile}.
        """

    def content(self, request: pfs.GetFileRequest, call: Any) -> Iterator[Buffer]:
        """
        What GetFile answers, as bare buffers.
        """


def explained(error: Exception, name: str, call: CallContext) -> PFSError:
    """
    The error of PFS for whatever a procedure has raised. A defect is logged, unless the call had been abandoned: then much can break.

    @param name: the procedure's.
    """
    known = carried(error)
    if known is not None:
        return known
    if call.is_active():
        log.failure("the embedded PFS failed in {name}", name=name)
    return PFSError(Status.INTERNAL, f"{type(error).__name__} in {name}")


def procedure(servicer: Servicer, method: Method[Any, Any]) -> Procedure:
    """
    A servicer's procedure, or one that says that it has none.
    """

    def missing(request: object, call: object) -> Any:
        raise PFSError(Status.UNIMPLEMENTED, f"unknown method {method.name} for service {method.service}")

    return servicer.procedures.get(method.path, missing)
