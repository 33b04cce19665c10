"""
The supervisor's view of one worker: a process that is started again when it has ended.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any, Optional, cast

import txaio
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import ProcessDone, ProcessExitedAlready
from twisted.internet.interfaces import IDelayedCall, IProcessTransport, IReactorTime
from twisted.internet.protocol import Factory, ProcessProtocol
from twisted.python.failure import Failure

from pachgw.workers.channel import CHANNEL, INHERITED, Channel, Message
from pachgw.workers.relay import numbered, write

log = txaio.make_logger()

Launch = Callable[[ProcessProtocol, Channel], IProcessTransport]
"""
Starts a process, and connects the channel to it.
"""

START_TIMEOUT = 60.0
"""
Seconds in which a worker must serve.
"""

STOP_TIMEOUT = 45.0
"""
Seconds in which a worker must have ended when it is asked to. Its requests under way get 30 of them.
"""

ANSWER_TIMEOUT = 2.0
"""
Seconds in which a worker must answer a question.
"""

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 15.0
"""
Seconds before a worker is started again: the first, doubled each time up to the longest.
"""

STEADY = 30.0
"""
After so many seconds of serving, a worker's next end is a first one again.
"""

_LINE = 8192


class WorkerFailed(Exception):
    """
    A worker did not start, or cannot answer.
    """


class _Watcher(ProcessProtocol):
    """
    Passes on that the process has ended, and what it printed: most often nothing, for what it logs takes another way.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._line = b""

    def connectionMade(self) -> None:
        """
        The process runs. It has nothing to read.
        """
        assert self.transport is not None
        self.transport.closeStdin()

    def outReceived(self, data: bytes) -> None:
        """
        Log whole lines.
        """
        *lines, self._line = (self._line + data).split(b"\n")
        if len(self._line) > _LINE:
            lines.append(self._line)
            self._line = b""
        for line in lines:
            log.warn("{text}", text=numbered(self._worker.number, line.decode(errors="replace")))

    errReceived = outReceived

    def processEnded(self, reason: Failure) -> None:
        """
        The process is gone, and all that it printed has been read.
        """
        if self._line:
            self.outReceived(b"\n")
        self._worker.ended(reason)


class Worker:
    """
    One of the workers.

    @ivar number: from 1; it is in each line that the worker logs.
    @ivar serving: whether it accepts connections, as far as is known.
    @ivar starts: how often a process was started.
    """

    def __init__(self, number: int, launch: Launch, introduction: Message, clock: IReactorTime, died: Callable[[Worker], None]) -> None:
        """
        @param introduction: the first message to each process, which is told the number beside.
        @param died: called when a process has ended.
        """
        self.number = number
        self.serving = False
        self.starts = 0
        self._launch = launch
        self._introduction = {**introduction, "number": number}
        self._clock = clock
        self._died = died
        self._channel: Optional[Channel] = None
        self._process: Optional[IProcessTransport] = None
        self._timer: Optional[IDelayedCall] = None
        self._since = 0.0
        self._pause = FIRST_PAUSE
        self._first: Optional[Deferred[None]] = None
        self._last: Optional[Deferred[None]] = None
        self._reason = ""
        self._ids = count(1)
        self._questions: dict[int, Deferred[str]] = {}

    def start(self) -> Deferred[None]:
        """
        Start the first process.

        @return: fires when it serves.
        @raise WorkerFailed: (by the Deferred) it ended, or said that it cannot. It is not tried again.
        """
        first = self._first = Deferred()
        self._begin()
        return first

    def stop(self) -> Deferred[None]:
        """
        Ask the process to end, and kill it if it does not.

        @return: fires when there is none.
        """
        self._forget_timer()
        self._last = Deferred()
        if self._process is None:
            self._last.callback(None)
        else:
            if self._channel is not None:
                self._channel.send({"stop": True})
            self._timer = self._clock.callLater(STOP_TIMEOUT, self._kill)
        return self._last

    def ask(self, what: str) -> Deferred[str]:
        """
        Ask the process something.

        @raise WorkerFailed: (by the Deferred) it cannot answer.
        @raise TimeoutError: (by the Deferred) it does not.
        """
        if self._channel is None or not self.serving:
            return fail(WorkerFailed("it does not run"))
        id = next(self._ids)
        answer: Deferred[str] = Deferred()
        self._questions[id] = answer
        self._channel.send({"ask": what, "id": id})
        answer.addTimeout(ANSWER_TIMEOUT, self._clock)

        def forget(result: Any) -> Any:
            self._questions.pop(id, None)
            return result

        return answer.addBoth(forget)

    def ended(self, reason: Failure) -> None:
        """
        The process is gone.
        """
        self._forget_timer()
        self.serving = False
        self._process = self._channel = None
        for question in list(self._questions.values()):
            question.errback(WorkerFailed("it has ended"))
        self._died(self)
        if self._last is not None:
            if reason.check(ProcessDone) is None:
                log.warn("Worker {number} did not end well: {reason}", number=self.number, reason=reason.getErrorMessage())
            self._last.callback(None)
        elif self._first is not None:
            first, self._first = self._first, None
            first.errback(WorkerFailed(f"worker {self.number} did not start: {self._reason or reason.getErrorMessage()}"))
        else:
            self._again(reason)

    def _begin(self) -> None:
        self.starts += 1
        self._reason = ""
        channel: Channel = Channel(lambda: channel.send(self._introduction), self._received, lambda: self._lost(channel))
        self._channel = channel
        try:
            self._process = self._launch(_Watcher(self), channel)
        except OSError as error:  # no more processes or files
            self.ended(Failure(error))
            return
        self._timer = self._clock.callLater(START_TIMEOUT, self._kill)

    def _again(self, reason: Failure) -> None:
        if self._since and self._clock.seconds() - self._since >= STEADY:
            self._pause = FIRST_PAUSE
        pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE)
        self._since = 0.0
        log.error(
            "Worker {number} has ended ({reason}); the next begins in {pause} s",
            number=self.number,
            reason=self._reason or reason.getErrorMessage(),
            pause=pause,
        )
        self._timer = self._clock.callLater(pause, self._begin)

    def _received(self, message: Message) -> None:
        if "log" in message:
            write(self.number, message["level"], message["log"])
        elif "answer" in message:
            self._answered(message)
        elif "failed" in message:
            self._reason = message["failed"]
        elif "serving" in message:
            self._serves()

    def _serves(self) -> None:
        if self._last is not None:
            return
        self._forget_timer()
        self.serving = True
        self._since = self._clock.seconds()
        log.info("Worker {number} serves", number=self.number)
        first, self._first = self._first, None
        if first is not None:
            first.callback(None)

    def _answered(self, message: Message) -> None:
        question = self._questions.get(message["answer"])
        if question is None:
            return
        if "error" in message:
            question.errback(WorkerFailed(message["error"]))
        else:
            question.callback(message["text"])

    def _lost(self, channel: Channel) -> None:
        """
        The process has closed its end: it is about to be gone, or must be.
        """
        if channel is not self._channel:
            return
        self._channel = None
        if self._last is None:
            self._forget_timer()
            self._timer = self._clock.callLater(ANSWER_TIMEOUT, self._kill)

    def _kill(self) -> None:
        self._timer = None
        if self._process is not None:
            log.warn("Worker {number} is killed", number=self.number)
            with suppress(ProcessExitedAlready):
                self._process.signalProcess("KILL")

    def _forget_timer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None and timer.active():
            timer.cancel()


def launcher(reactor: Any, command: list[str], environment: dict[str, str], inherited: list[int]) -> Launch:
    """
    What starts workers.

    @param inherited: the descriptors of the sockets to accept on: L{INHERITED} and those after it, in the process.
    """

    def launch(watcher: ProcessProtocol, channel: Channel) -> IProcessTransport:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            reactor.adoptStreamConnection(ours.fileno(), socket.AF_UNIX, Factory.forProtocol(lambda: channel))
            given = {0: "w", 1: "r", 2: "r", CHANNEL: theirs.fileno(), **dict(enumerate(inherited, INHERITED))}
            return cast(IProcessTransport, reactor.spawnProcess(watcher, command[0], command, environment, childFDs=given))

    return launch
