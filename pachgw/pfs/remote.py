"""
A pachd behind the door: gRPC calls as Deferreds.

  - No thread is parked for a unary call. A server stream holds one of a bounded pool while it waits for pachd, but not while it waits for
    its reader. gRPC makes a thread for each client stream, whose number is bounded as well.
  - A call fails with C{UNAVAILABLE} when pachd cannot be reached, at once or within the two seconds of an attempt; later calls make the
    channel try again, every few seconds at most. Nothing needs to be restarted. Nor when pachd hangs: see L{pachgw.pfs.watch}.
  - Timeouts are measured here, and pachd is told to give up. A call that ends with C{DEADLINE_EXCEEDED} may have been applied, or may
    still be.
  - A message must not exceed L{SENT<pachgw.pfs.channel.SENT>} bytes, or its stream fails with C{RESOURCE_EXHAUSTED}: who writes files
    splits their content into several AddFile messages of a little less than 2 MiB.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Optional, cast
from urllib.parse import quote

import grpc
import txaio
from google.protobuf.empty_pb2 import Empty
from google.protobuf.wrappers_pb2 import BytesValue
from twisted.internet.defer import CancelledError, Deferred, DeferredSemaphore
from twisted.internet.interfaces import IReactorFromThreads, IReactorTime
from zope.interface import implementer

from pachgw.pfs.address import Target
from pachgw.pfs.channel import connect
from pachgw.pfs.context import TOKEN_KEY
from pachgw.pfs.errors import PFSError, Status, carried
from pachgw.pfs.feed import Feed, Sink
from pachgw.pfs.framing import payload
from pachgw.pfs.interfaces import IPFS, Content, Messages, MessageSink, Request, Response
from pachgw.pfs.methods import GET_FILE, GET_VERSION, ClientStream, Method, ServerStream, Unary, waits
from pachgw.pfs.pending import Switchboard, UnaryCall
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.pfs.pump import BYTES, MESSAGES, RAW, Bound, Pump
from pachgw.pfs.threads import Bell, Workers, all_stopped
from pachgw.pfs.watch import PATIENCE, Watch

log = txaio.make_logger()

Metadata = tuple[tuple[str, str], ...]


_SENDABLE = string.digits + string.ascii_letters + string.punctuation + " "
_LONGEST = 4096


def _metadata(token: Optional[str]) -> Metadata:
    """
    The metadata of a call. A token that gRPC could not carry is sent in another form: no PFS knows it, but one without auth does not mind.
    """
    return () if token is None else ((TOKEN_KEY, quote(token, safe=_SENDABLE)[:_LONGEST]),)


def _outcome(call: Any) -> tuple[Optional[Any], Optional[PFSError]]:
    """
    What became of a call that is done: its response, or its error.
    """
    if call.code() is grpc.StatusCode.OK:
        return call.result(), None
    return None, carried(call) or PFSError(Status.UNKNOWN, "a call of PFS ended without a status")


class _Call(UnaryCall):
    """
    One unary call.
    """

    __slots__ = ("_call",)

    def __init__(self, board: Switchboard, timeout: float) -> None:
        super().__init__(board, timeout)
        self._call: Any = None

    def start(self, make: Callable[[], Any]) -> None:
        """
        Make the call.
        """
        self._call = make()
        self._call.add_done_callback(self._done)

    def stop(self) -> None:
        """
        See L{UnaryCall.stop}.
        """
        if self._call is not None:
            self._call.cancel()

    def _done(self, call: Any) -> None:
        """
        In a thread of gRPC: pass the outcome on.
        """
        self.board.bell.post(partial(self.finish, *_outcome(call)))


class _Stream:
    """
    One server stream. It may be cancelled before it has begun, and while it begins in another thread.
    """

    __slots__ = ("_begin", "_call", "_cancelled", "_convert")

    def __init__(self, begin: Callable[[], Any], convert: Optional[Callable[[bytes], Any]]) -> None:
        """
        @param convert: what becomes of each message.
        """
        self._begin = begin
        self._convert = convert
        self._call: Any = None
        self._cancelled = False

    def begin(self) -> Iterator[Any]:
        """
        Make the call; in a worker.
        """
        call = self._call = self._begin()
        if self._cancelled:
            call.cancel()
        return call if self._convert is None else map(self._convert, call)

    def cancel(self) -> None:
        """
        End the call, or keep it from being made.
        """
        self._cancelled = True
        if self._call is not None:
            self._call.cancel()


class _Upload:
    """
    One client stream.
    """

    def __init__(self, begin: Callable[..., Any], sink: Sink[Any, Any], feed: Feed[Any], turns: DeferredSemaphore, bell: Bell) -> None:
        self._begin = begin
        self._sink = sink
        self._feed = feed
        self._bell = bell
        self._call: Any = None
        self._over: Deferred[None] = Deferred()
        self._turn = turns.run(self._start)
        self._turn.addErrback(lambda failure: failure.trap(CancelledError))

    def cancel(self) -> None:
        """
        End the call, or give up its turn.
        """
        if self._call is None:
            self._turn.cancel()
        else:
            self._call.cancel()

    def _start(self) -> Deferred[None]:
        self._call = self._begin(self._feed)
        self._call.add_done_callback(self._done)
        return self._over

    def _done(self, call: Any) -> None:
        """
        In a thread of gRPC: pass the outcome on.
        """
        self._bell.post(partial(self._finish, *_outcome(call)))

    def _finish(self, answer: Any, error: Optional[PFSError]) -> None:
        self._sink.settle(answer, error)
        self._over.callback(None)


@implementer(IPFS)
class GrpcPFS:
    """
    L{IPFS} by a pachd, or by anything else that serves pfs_v2. It connects when it is first used.
    """

    def __init__(
        self,
        to: Target,
        reactor: IReactorFromThreads,
        clock: IReactorTime,
        authorities: Optional[bytes] = None,
        streams: int = 64,
        uploads: int = 64,
        timeout: float = 60.0,
        backoff: float = 3.0,
        grace: float = 10.0,
    ) -> None:
        """
        @param to: the pachd.
        @param reactor: whose thread calls this, and is called.
        @param clock: measures timeouts.
        @param authorities: PEM of the certificate authorities to trust, C{None} for the system's.
        @param streams: how many server streams may wait for pachd at once; as many again for those that wait for an event.
        @param uploads: how many client streams may be sent at once.
        @param timeout: of each wait for which the caller gives none, in seconds.
        @param backoff: the longest time between two attempts to connect, in seconds.
        @param grace: how long L{close} waits for threads, in seconds.
        """
        self._connect = partial(connect, to, authorities, backoff)
        self._channel = self._connect()
        self._grace = grace
        bell = Bell(reactor)
        self._board = Switchboard(bell, clock, timeout)
        self._streams = Workers("streams", streams, bell)
        self._waits = Workers("waits", streams, bell)
        self._uploads = DeferredSemaphore(uploads)
        self._callables: dict[str, Any] = {}
        watch = Watch(clock, self._probe, self._reconnect)
        self._board.busy, self._board.idle = watch.busy, watch.idle

    def call(
        self, method: Unary[Request, Response], request: Request, token: Optional[str] = None, timeout: Optional[float] = None
    ) -> Deferred[Response]:
        """
        See L{IPFS.call}.
        """
        limit = self._board.limit(timeout)
        call = _Call(self._board, limit)
        closed = self._board.begin(call)
        if closed is not None:
            call.end(closed)
        else:
            self._start(call, method, request, token, limit)
        return cast("Deferred[Response]", call.pending.deferred)

    def stream(
        self, method: ServerStream[Request, Response], request: Request, token: Optional[str] = None, timeout: Optional[float] = None
    ) -> Messages[Response]:
        """
        See L{IPFS.stream}.
        """
        bound = cast("Bound[Response]", BYTES if method.response is BytesValue else MESSAGES)
        workers = self._waits if waits(method, request) else self._streams
        return self._pump(self._callable(method, self._channel.unary_stream), request, token, timeout, bound, workers, None)

    def content(self, request: pfs.GetFileRequest, token: Optional[str] = None, timeout: Optional[float] = None) -> Content:
        """
        See L{IPFS.content}.
        """
        raw = self._callables.get("content")
        if raw is None:
            raw = self._channel.unary_stream(GET_FILE.path, GET_FILE.request.SerializeToString, None)
            self._callables["content"] = raw
        return self._pump(raw, request, token, timeout, RAW, self._streams, payload)

    def send(
        self, method: ClientStream[Request, Response], token: Optional[str] = None, timeout: Optional[float] = None
    ) -> MessageSink[Request, Response]:
        """
        See L{IPFS.send}. The call is made when about a MiB waits, or at the end.
        """
        begin = self._callable(method, self._channel.stream_unary).future
        return Sink(
            partial(self._upload, partial(begin, metadata=_metadata(token))), StopIteration, self._board, self._board.limit(timeout)
        )

    def close(self) -> Deferred[None]:
        """
        See L{IPFS.close}. Fires when the threads have ended, at the latest after the grace.
        """
        self._board.close()
        ended = all_stopped((self._streams, self._waits), self._board.clock, self._grace)
        return ended.addCallback(lambda _: self._channel.close())

    def _start(self, call: _Call, method: Unary[Any, Any], request: object, token: Optional[str], limit: float) -> None:
        begin = self._callable(method, self._channel.unary_unary).future
        # The second limit travels to pachd, for when word of our giving up does not.
        call.start(partial(begin, request, timeout=limit, metadata=_metadata(token)))

    def _probe(self) -> Deferred[Any]:
        """
        A call that is not on the list of those under way.
        """
        call = _Call(self._board, PATIENCE)
        self._start(call, GET_VERSION, Empty(), None, PATIENCE)
        return call.pending.deferred

    def _reconnect(self) -> None:
        """
        Give up a connection over which nothing comes any more.
        """
        log.warn("PFS does not answer; connecting anew")
        silent, self._channel, self._callables = self._channel, self._connect(), {}
        self._board.end(PFSError(Status.UNAVAILABLE, "PFS has fallen silent"))
        silent.close()

    def _callable(self, method: Method[Any, Any], kind: Callable[..., Any]) -> Any:
        made = self._callables.get(method.path)
        if made is None:
            made = kind(method.path, method.request.SerializeToString, method.response.FromString)
            self._callables[method.path] = made
        return made

    def _pump(
        self,
        begin: Callable[..., Any],
        request: object,
        token: Optional[str],
        timeout: Optional[float],
        bound: Bound[Any],
        workers: Workers,
        convert: Optional[Callable[[bytes], Any]],
    ) -> Pump[Any]:
        call = _Stream(partial(begin, request, metadata=_metadata(token)), convert)
        return Pump(call.begin, call.cancel, bound, workers, self._board, self._board.limit(timeout))

    def _upload(self, begin: Callable[..., Any], sink: Sink[Any, Any], feed: Feed[Any]) -> Callable[[], object]:
        return _Upload(begin, sink, feed, self._uploads, self._board.bell).cancel
