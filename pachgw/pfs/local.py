"""
The embedded PFS behind the door: a servicer's methods, called in threads with no socket and no serialisation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Optional, cast

from google.protobuf.wrappers_pb2 import BytesValue
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads, IReactorTime
from zope.interface import implementer

from pachgw.pfs.context import LocalContext
from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.feed import Feed, Sink
from pachgw.pfs.interfaces import IPFS, Content, Messages, MessageSink, Request, Response
from pachgw.pfs.methods import ClientStream, ServerStream, Unary, looks, waits
from pachgw.pfs.pending import Switchboard, UnaryCall
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.pfs.pump import BYTES, CONTENT, MESSAGES, Bound, Pump
from pachgw.pfs.servicer import Procedure, Servicer, explained, procedure
from pachgw.pfs.threads import Bell, Workers, all_stopped


@dataclass(frozen=True)
class Threads:
    """
    The most threads of each kind, so that no kind of call waits for another.

    @ivar calls: for calls that only look something up. They are short, so that more threads would only get into each other's way:
        with 16 a call took three times as long as with 4.
    @ivar changes: for calls that change something, and may have to wait for each other.
    @ivar streams: for reading from files and listings; one that waits for its reader holds none.
    @ivar uploads: for client streams of more than a MiB, each for its whole length, and for the ends of the others.
    @ivar waits: for what waits for something to happen, such as a commit that is to finish.
    """

    calls: int = 4
    changes: int = 8
    streams: int = 8
    uploads: int = 64
    waits: int = 64


def _outcome(name: str, behaviour: Procedure, request: object, context: LocalContext) -> tuple[Any, Optional[PFSError]]:
    """
    Call a procedure.

    @return: the answer, or the error.
    """
    try:
        return behaviour(request, context), None
    except Exception as error:
        return None, explained(error, name, context)
    finally:
        context.end()


def _stream(name: str, behaviour: Procedure, request: object, context: LocalContext) -> Iterator[Any]:
    """
    Call a procedure that gives a stream.
    """
    try:
        yield from behaviour(request, context)
    except Exception as error:
        raise explained(error, name, context) from error
    finally:
        context.end()


class _Call(UnaryCall):
    """
    One unary call. L{run} is for a worker.
    """

    __slots__ = ("_behaviour", "_context", "_name", "_request")

    def __init__(self, name: str, behaviour: Procedure, request: object, token: Optional[str], board: Switchboard, timeout: float) -> None:
        super().__init__(board, timeout)
        self._name = name
        self._behaviour = behaviour
        self._request = request
        self._context = LocalContext(token)

    def stop(self) -> None:
        """
        See L{UnaryCall.stop}.
        """
        self._context.end()

    def run(self) -> None:
        """
        Call the servicer, unless nobody waits any more.
        """
        context = self._context
        if context.is_active():
            outcome = _outcome(self._name, self._behaviour, self._request, context)
            self.board.bell.post(partial(self.finish, *outcome))


@implementer(IPFS)
class LocalPFS:
    """
    L{IPFS} by a servicer in this process. It starts its threads when they are first needed.
    """

    def __init__(
        self,
        servicer: Servicer,
        reactor: IReactorFromThreads,
        clock: IReactorTime,
        threads: Threads = Threads(),
        timeout: float = 60.0,
        grace: float = 10.0,
    ) -> None:
        """
        @param reactor: whose thread calls this, and is called.
        @param clock: measures timeouts.
        @param timeout: of each wait for which the caller gives none, in seconds.
        @param grace: how long L{close} waits for calls that do not give up, in seconds.
        """
        self._servicer = servicer
        self._grace = grace
        bell = Bell(reactor)
        self._board = Switchboard(bell, clock, timeout)
        self._calls = Workers("calls", threads.calls, bell)
        self._changes = Workers("changes", threads.changes, bell)
        self._streams = Workers("streams", threads.streams, bell)
        self._uploads = Workers("uploads", threads.uploads, bell)
        self._waits = Workers("waits", threads.waits, bell)

    def call(
        self, method: Unary[Request, Response], request: Request, token: Optional[str] = None, timeout: Optional[float] = None
    ) -> Deferred[Response]:
        """
        See L{IPFS.call}.
        """
        call = _Call(method.name, procedure(self._servicer, method), request, token, self._board, self._board.limit(timeout))
        closed = self._board.begin(call)
        if closed is not None:
            call.end(closed)
        else:
            workers = self._calls if looks(method) else self._changes
            (self._waits if waits(method, request) else workers).submit(call.run)
        return cast("Deferred[Response]", call.pending.deferred)

    def stream(
        self, method: ServerStream[Request, Response], request: Request, token: Optional[str] = None, timeout: Optional[float] = None
    ) -> Messages[Response]:
        """
        See L{IPFS.stream}.
        """
        bound = BYTES if method.response is BytesValue else MESSAGES
        workers = self._waits if waits(method, request) else self._streams
        behaviour = procedure(self._servicer, method)
        return self._pump(method.name, behaviour, request, token, timeout, cast("Bound[Response]", bound), workers)

    def content(self, request: pfs.GetFileRequest, token: Optional[str] = None, timeout: Optional[float] = None) -> Content:
        """
        See L{IPFS.content}.
        """
        return self._pump("GetFile", self._servicer.content, request, token, timeout, CONTENT, self._streams)

    def send(
        self, method: ClientStream[Request, Response], token: Optional[str] = None, timeout: Optional[float] = None
    ) -> MessageSink[Request, Response]:
        """
        See L{IPFS.send}. The servicer's method is called when about a MiB waits, or at the end.
        """

        def start(sink: Sink[Request, Response], feed: Feed[Request]) -> Callable[[], object]:
            context = LocalContext(token)
            self._uploads.submit(partial(self._take, method, sink, feed, context))
            return context.end

        return Sink(start, _abandoned, self._board, self._board.limit(timeout))

    def close(self) -> Deferred[None]:
        """
        See L{IPFS.close}. Fires when the threads have ended, at the latest after the grace.
        """
        self._board.close()
        return all_stopped((self._calls, self._changes, self._streams, self._uploads, self._waits), self._board.clock, self._grace)

    def _pump(
        self,
        name: str,
        behaviour: Procedure,
        request: object,
        token: Optional[str],
        timeout: Optional[float],
        bound: Bound[Any],
        workers: Workers,
    ) -> Pump[Any]:
        context = LocalContext(token)
        return Pump(
            partial(_stream, name, behaviour, request, context), context.end, bound, workers, self._board, self._board.limit(timeout)
        )

    def _take(self, method: ClientStream[Any, Any], sink: Sink[Any, Any], feed: Feed[Any], context: LocalContext) -> None:
        """
        In a worker: have the servicer take a client stream.
        """
        if context.is_active():
            outcome = _outcome(method.name, procedure(self._servicer, method), feed, context)
            self._board.bell.post(partial(sink.settle, *outcome))


def _abandoned() -> PFSError:
    return PFSError(Status.CANCELLED, "the upload was abandoned")
