"""
Ways into a PFS, so that one suite can be played against each.

A door takes the request messages of a call and hands out what was answered, whoever answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Optional, Protocol

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import BytesValue

from pachgw.embedded.calls import InnerCall
from pachgw.embedded.errors import Refused
from pachgw.embedded.servicer import EmbeddedPFS
from pachgw.pfs import methods
from pachgw.pfs.errors import PFSError
from pachgw.pfs.interfaces import IPFS


class Refusal(NamedTuple):
    """
    The error that a call ended with.

    @ivar code: the name of the gRPC status.
    @ivar details: the text.
    """

    code: str
    details: str


class Answer(NamedTuple):
    """
    What a call brought.

    @ivar messages: of the answer, in order; those before an error as well.
    @ivar refusal: the error, or C{None}.
    """

    messages: list[Message]
    refusal: Optional[Refusal]


class Door(Protocol):
    """
    One way into a PFS.
    """

    async def perform(self, method: methods.Method[Any, Any], requests: Sequence[Message], token: Optional[str] = None) -> Answer:
        """
        Make one call.
        """


class ServicerDoor:
    """
    The procedures of the embedded PFS, called as they are.
    """

    def __init__(self, embedded: EmbeddedPFS) -> None:
        self._embedded = embedded

    async def perform(self, method: methods.Method[Any, Any], requests: Sequence[Message], token: Optional[str] = None) -> Answer:
        """
        As in L{Door}.
        """
        procedure = self._embedded.procedures[method.path]
        call = InnerCall(token)
        messages: list[Message] = []
        try:
            answer = procedure(iter(requests) if isinstance(method, methods.ClientStream) else requests[0], call)
            messages.extend(answer if isinstance(method, methods.ServerStream) else [answer])
        except Refused as refused:
            return Answer(messages, Refusal(refused.code.name, refused.details))
        finally:
            call.cancel()
        return Answer(messages, None)


class BridgeDoor:
    """
    L{IPFS}, whatever lies behind it.
    """

    def __init__(self, pfs: IPFS) -> None:
        self._pfs = pfs

    async def perform(self, method: methods.Method[Any, Any], requests: Sequence[Message], token: Optional[str] = None) -> Answer:
        """
        As in L{Door}.
        """
        messages: list[Message] = []
        try:
            if isinstance(method, methods.ClientStream):
                messages.append(await self._send(method, requests, token))
            elif isinstance(method, methods.ServerStream):
                await self._read(method, requests[0], token, messages)
            else:
                messages.append(await self._pfs.call(method, requests[0], token))
        except PFSError as error:
            return Answer(messages, Refusal(error.status.name, error.details))
        return Answer(messages, None)

    async def _send(self, method: methods.ClientStream[Any, Any], requests: Sequence[Message], token: Optional[str]) -> Message:
        sink = self._pfs.send(method, token)
        for request in requests:
            await sink.write(request)
        answer: Message = await sink.finish()
        return answer

    async def _read(self, method: methods.ServerStream[Any, Any], request: Any, token: Optional[str], messages: list[Message]) -> None:
        if method is methods.GET_FILE:
            content = self._pfs.content(request, token)
            while buffers := await content.read():
                messages.extend(BytesValue(value=bytes(buffer)) for buffer in buffers)
        else:
            stream = self._pfs.stream(method, request, token)
            while items := await stream.read():
                messages.extend(items)
