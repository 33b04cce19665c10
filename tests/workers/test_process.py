"""
A worker as its supervisor sees it, with processes that are none and a clock that stands still.
"""

from __future__ import annotations

from typing import Optional

from twisted.internet.error import ConnectionDone, ProcessTerminated
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.task import Clock
from twisted.logger import formatEvent, globalLogPublisher
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from pachgw.workers.channel import Channel
from pachgw.workers.process import ANSWER_TIMEOUT, FIRST_PAUSE, LONGEST_PAUSE, START_TIMEOUT, STEADY, STOP_TIMEOUT, Worker, WorkerFailed
from tests.workers.ends import said
from tests.workers.processes import KILLED, FakeProcess


class WorkerCase(SynchronousTestCase):
    """
    A worker that was never started, and its log.
    """

    def setUp(self) -> None:
        """Nothing has happened yet."""
        self.clock = Clock()
        self.processes: list[FakeProcess] = []
        self.unable: Optional[OSError] = None
        self.deaths = 0
        self.worker = Worker(7, self.launch, {"settings": {}}, self.clock, self.died)
        self.logged: list[str] = []

        def observe(event: object) -> None:
            self.logged.append(formatEvent(event))  # type: ignore[arg-type]

        globalLogPublisher.addObserver(observe)  # type: ignore[arg-type]
        self.addCleanup(globalLogPublisher.removeObserver, observe)

    def launch(self, watcher: ProcessProtocol, channel: Channel) -> FakeProcess:
        """Start a process that is none."""
        if self.unable is not None:
            raise self.unable
        self.processes.append(FakeProcess(watcher, channel))
        return self.processes[-1]

    def died(self, worker: Worker) -> None:
        """A process has ended."""
        self.assertIs(worker, self.worker)
        self.deaths += 1

    def serve(self) -> FakeProcess:
        """Start, and have it serve."""
        started = self.worker.start()
        self.processes[-1].says(serving=True)
        self.successResultOf(started)
        said(self.processes[-1].transport)
        return self.processes[-1]

    def pause(self) -> float:
        """How long it is until the only thing that is planned."""
        (call,) = self.clock.getDelayedCalls()
        return call.getTime() - self.clock.seconds()


class StartTests(WorkerCase):
    """
    The first process.
    """

    def test_start(self) -> None:
        """A process is told its settings, and counts when it says that it serves."""
        started = self.worker.start()
        self.assertEqual(said(self.processes[0].transport), [{"settings": {}, "number": 7}])
        self.assertNoResult(started)
        self.assertFalse(self.worker.serving)
        self.processes[0].says(serving=True)
        self.successResultOf(started)
        self.assertTrue(self.worker.serving)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_cannot_start(self) -> None:
        """The first process's reason is the caller's to know, and nothing is tried again."""
        started = self.worker.start()
        self.processes[0].says(failed="the key cannot be read")
        self.processes[0].ends(ProcessTerminated(1))
        failure = self.failureResultOf(started, WorkerFailed)
        self.assertEqual(failure.getErrorMessage(), "worker 7 did not start: the key cannot be read")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_no_process(self) -> None:
        """Where no process can be made at first, that is the reason."""
        self.unable = OSError(11, "Resource temporarily unavailable")
        failure = self.failureResultOf(self.worker.start(), WorkerFailed)
        self.assertIn("Resource temporarily unavailable", failure.getErrorMessage())

    def test_too_slow(self) -> None:
        """A process that does not come to serve is killed."""
        started = self.worker.start()
        self.clock.advance(START_TIMEOUT)
        self.assertEqual(self.processes[0].signals, ["KILL"])
        self.processes[0].ends(KILLED)
        self.failureResultOf(started, WorkerFailed)


class RestartTests(WorkerCase):
    """
    The processes after the first.
    """

    def test_replaced(self) -> None:
        """A process that dies is replaced soon, by one that is told the same."""
        self.serve().ends(KILLED)
        self.assertFalse(self.worker.serving)
        self.assertEqual(self.deaths, 1)
        self.clock.advance(FIRST_PAUSE)
        self.assertEqual(said(self.processes[1].transport), [{"settings": {}, "number": 7}])
        self.processes[1].says(serving=True)
        self.assertTrue(self.worker.serving)

    def test_backoff(self) -> None:
        """The pause doubles with each process that dies soon, up to a bound, and is short again after a steady one."""
        self.serve().ends(KILLED)
        pauses = []
        for _ in range(10):
            pauses.append(self.pause())
            self.clock.advance(pauses[-1])
            self.processes[-1].ends(KILLED)
        self.assertEqual([round(pause / FIRST_PAUSE) for pause in pauses[:4]], [1, 2, 4, 8])
        self.assertAlmostEqual(pauses[-1], LONGEST_PAUSE)
        self.clock.advance(LONGEST_PAUSE)
        self.processes[-1].says(serving=True)
        self.clock.advance(STEADY)
        self.processes[-1].ends(KILLED)
        self.assertAlmostEqual(self.pause(), FIRST_PAUSE)

    def test_no_process(self) -> None:
        """Where no process can be made, it is tried again."""
        process = self.serve()
        self.unable = OSError(11, "Resource temporarily unavailable")
        process.ends(KILLED)
        self.clock.advance(FIRST_PAUSE)
        self.assertEqual((self.worker.starts, len(self.processes)), (2, 1))
        self.unable = None
        self.clock.advance(2 * FIRST_PAUSE)
        self.assertEqual((self.worker.starts, len(self.processes)), (3, 2))

    def test_reason_is_logged(self) -> None:
        """The log tells which worker has ended, and why."""
        self.serve().ends(KILLED)
        self.assertTrue([line for line in self.logged if "Worker 7 has ended" in line and "signal 9" in line], self.logged)

    def test_silent_end(self) -> None:
        """A process that closes its channel and lives on is killed."""
        process = self.serve()
        process.channel.connectionLost(Failure(ConnectionDone()))
        self.clock.advance(ANSWER_TIMEOUT)
        self.assertEqual(process.signals, ["KILL"])


class StopTests(WorkerCase):
    """
    The end.
    """

    def test_stop(self) -> None:
        """A process is asked to end; when it has, there is none, and none is started."""
        process = self.serve()
        stopped = self.worker.stop()
        self.assertEqual(said(process.transport), [{"stop": True}])
        self.assertNoResult(stopped)
        process.ends()
        self.successResultOf(stopped)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(process.signals, [])

    def test_by_force(self) -> None:
        """A process that does not end when it is asked to is killed."""
        process = self.serve()
        stopped = self.worker.stop()
        self.clock.advance(STOP_TIMEOUT)
        self.assertEqual(process.signals, ["KILL"])
        process.ends(KILLED)
        self.successResultOf(stopped)

    def test_between_two(self) -> None:
        """Stopping while the next process waits for its turn ends the waiting."""
        self.serve().ends(KILLED)
        self.successResultOf(self.worker.stop())
        self.clock.advance(LONGEST_PAUSE)
        self.assertEqual(len(self.processes), 1)

    def test_before_it_serves(self) -> None:
        """A process that comes to serve after it was asked to end is not counted any more."""
        self.worker.start()
        stopped = self.worker.stop()
        self.processes[0].says(serving=True)
        self.assertFalse(self.worker.serving)
        self.processes[0].ends()
        self.successResultOf(stopped)

    def test_kill_comes_late(self) -> None:
        """A kill that comes when the process is gone, but its end was not seen yet, does no harm."""
        process = self.serve()
        self.worker.stop()
        process.gone = True
        self.clock.advance(STOP_TIMEOUT)
        self.assertEqual(process.signals, [])


class TalkTests(WorkerCase):
    """
    What is said meanwhile.
    """

    def test_questions(self) -> None:
        """Answers go to their questions, in any order."""
        process = self.serve()
        first, second = self.worker.ask("metrics"), self.worker.ask("ready")
        ids = {message["ask"]: message["id"] for message in said(process.transport)}
        process.says(answer=ids["ready"], error="no route")
        process.says(answer=ids["metrics"], text="numbers")
        self.assertEqual(self.successResultOf(first), "numbers")
        self.assertEqual(self.failureResultOf(second, WorkerFailed).getErrorMessage(), "no route")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_no_answer(self) -> None:
        """A question is not waited for forever, and a late answer does no harm."""
        process = self.serve()
        asked = self.worker.ask("metrics")
        (question,) = said(process.transport)
        self.clock.advance(ANSWER_TIMEOUT)
        self.failureResultOf(asked)
        process.says(answer=question["id"], text="late")

    def test_ends_instead_of_answering(self) -> None:
        """The end of the process fails its questions, and none can be put to it after that."""
        process = self.serve()
        asked = self.worker.ask("metrics")
        process.ends(KILLED)
        self.failureResultOf(asked, WorkerFailed)
        self.failureResultOf(self.worker.ask("metrics"), WorkerFailed)

    def test_log(self) -> None:
        """Each line that a worker logs carries its number."""
        self.serve().says(log="one\ntwo", level="info")
        self.assertIn("worker 7: one\nworker 7: two", self.logged)

    def test_output(self) -> None:
        """What the process prints is logged by lines, the last one also if it does not end; one that never ends, in pieces."""
        process = self.serve()
        process.watcher.childDataReceived(1, b"first\nsec")
        process.watcher.childDataReceived(2, b"ond\n")
        process.watcher.childDataReceived(1, b"x" * 20_000)
        self.assertEqual([line[:20] for line in self.logged[-3:]], ["worker 7: first", "worker 7: second", "worker 7: xxxxxxxxxx"])
        process.watcher.childDataReceived(2, b"rest")
        process.ends(KILLED)
        self.assertIn("worker 7: rest", self.logged)
