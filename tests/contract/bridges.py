"""
The way into a PFS through L{IPFS}: what the gateway itself uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import BytesValue
from twisted.internet.defer import Deferred
from twisted.internet.threads import blockingCallFromThread

from pachgw.pfs import methods
from pachgw.pfs.errors import PFSError
from tests.contract.doors import Refusal


class BridgeDoor:
    """
    L{Door<tests.contract.doors.Door>} by an L{IPFS}, whose calls are made in the reactor's thread while the player waits in another.
    """

    def __init__(self, bridge: Any, reactor: Any) -> None:
        self._bridge = bridge
        self._reactor = reactor

    def perform(self, method: methods.Method[Any, Any], requests: Sequence[Message], token: Optional[str] = None) -> list[Message]:
        """
        See L{Door<tests.contract.doors.Door>}.
        """

        def make() -> Deferred[list[Message]]:
            return Deferred.fromCoroutine(self._answers(method, requests, token))

        try:
            answers: list[Message] = blockingCallFromThread(self._reactor, make)
        except PFSError as error:
            raise Refusal(error.status.name, error.details) from error
        return answers

    async def _answers(self, method: methods.Method[Any, Any], requests: Sequence[Message], token: Optional[str]) -> list[Message]:
        if isinstance(method, methods.Unary):
            return [await self._bridge.call(method, requests[0], token)]
        if isinstance(method, methods.ClientStream):
            sink = self._bridge.send(method, token)
            for request in requests:
                await sink.write(request)
            return [await sink.finish()]
        answers: list[Message] = []
        if method is methods.GET_FILE:
            stream = self._bridge.content(requests[0], token)
            while buffers := await stream.read():
                answers += [BytesValue(value=bytes(buffer)) for buffer in buffers]
            return answers
        stream = self._bridge.stream(method, requests[0], token)
        while messages := await stream.read():
            answers += messages
        return answers
