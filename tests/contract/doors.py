"""
Ways into a PFS, so that one suite can be played against each.

A door takes the request messages of a call and hands out the response messages, whoever answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Optional, Protocol

from google.protobuf.message import Message

from pachgw.embedded.calls import InnerCall
from pachgw.embedded.errors import Refused
from pachgw.embedded.servicer import EmbeddedPFS
from pachgw.pfs import methods

METHODS = {(method.service, method.name): method for method in vars(methods).values() if isinstance(method, methods.Method)}
"""
Every procedure that pachgw knows, by service and name.
"""


class Refusal(Exception):
    """
    PFS answered with an error.

    @ivar code: the name of the gRPC status.
    @ivar details: the text.
    """

    def __init__(self, code: str, details: str) -> None:
        super().__init__(f"{code}: {details}")
        self.code = code
        self.details = details


class Door(Protocol):
    """
    One way into a PFS.
    """

    def perform(self, method: methods.Method[Any, Any], requests: Sequence[Message], token: Optional[str] = None) -> Iterable[Message]:
        """
        Make one call.

        @return: the messages of the answer, in order. They may come lazily.
        @raise Refusal: when PFS refuses, here or while the answer is read.
        """


class ServicerDoor:
    """
    The methods of the embedded PFS, called as they are.
    """

    def __init__(self, embedded: EmbeddedPFS) -> None:
        self._embedded = embedded

    def perform(self, method: methods.Method[Any, Any], requests: Sequence[Message], token: Optional[str] = None) -> Iterator[Message]:
        """
        As in L{Door}.
        """
        procedure = self._embedded.procedures[method.path]
        call = InnerCall(token)
        try:
            answer = procedure(iter(requests) if isinstance(method, methods.ClientStream) else requests[0], call)
            if isinstance(method, methods.ServerStream):
                yield from answer
            else:
                yield answer
        except Refused as refused:
            raise Refusal(refused.code.name, refused.details) from refused
        finally:
            call.cancel()
