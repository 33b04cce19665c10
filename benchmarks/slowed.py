"""
The embedded PFS at the price of a real pachd: C{python -m benchmarks.slowed --data-dir DIR --pfs-listen unix:/tmp/slowed}

Each call takes as long as it took on the quiet machine of C{shared/pfs/behaviour.md}, "What costs what". Only the proportions carry over.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Optional

from google.protobuf.wrappers_pb2 import BytesValue

from pachgw.embedded.servicer import EmbeddedPFS
from pachgw.pfs import methods
from pachgw.pfs.methods import Method
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.pfs.servicer import Procedure, Servicer
from pachgw.pfs.serving import PFSServer

MIB = 1 << 20

CALLS: dict[Method[Any, Any], float] = {
    methods.INSPECT_BRANCH: 0.0045,
    methods.INSPECT_COMMIT: 0.011,
    methods.INSPECT_FILE: 0.014,
    methods.GET_FILE: 0.035,
    methods.START_COMMIT: 0.04,
    methods.FINISH_COMMIT: 0.04,
    methods.ADD_FILE_SET: 0.013,
    methods.MODIFY_FILE: 0.094,
    methods.CREATE_FILE_SET: 0.011,
    methods.AUTHORIZE: 0.0045,
    methods.WHO_AM_I: 0.0015,
}
"""
Seconds that a call takes at least.
"""

OTHER = 0.005
"""
The same for those that were not measured.
"""

ENTRY = 65e-6
"""
Seconds for each message of a listing.
"""

HELD = 3.4e-6
"""
Seconds for each file that the commit holds, for finding one of them or the beginning of a page.
"""

COMPOSED = 0.0005
"""
Seconds for each file set that is composed.
"""

WRITTEN, FILE = 38 * MIB, 0.0002
"""
Bytes a second that are taken in, and seconds for each file or deletion.
"""

READ, MESSAGE = 467 * MIB, 19 * MIB
"""
Bytes a second that are given out, and how many come in one message.
"""

FINISHING = 0.4
"""
Seconds from the end of ModifyFile or FinishCommit until the commit is finished.
"""

SERIAL = (methods.MODIFY_FILE, methods.CREATE_FILE_SET, methods.FINISH_COMMIT)
"""
Calls that do not overlap: eight writers get no more done than one.
"""


class Slowed:
    """
    A servicer that answers as another does, but not as soon.
    """

    def __init__(
        self,
        servicer: Servicer,
        files: int = 0,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        @param files: how many files a commit is taken to hold.
        """
        self._servicer = servicer
        self._files = files
        self._sleep = sleep
        self._clock = clock
        self._serial: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._ready: dict[str, float] = {}
        self.procedures: dict[str, Procedure] = {
            method.path: partial(self._kind(method), method, servicer.procedures[method.path])
            for method in methods.ALL
            if method.path in servicer.procedures
        }

    def content(self, request: pfs.GetFileRequest, call: Any) -> Iterator[bytes]:
        """
        See L{Servicer<pachgw.pfs.servicer.Servicer>}.
        """
        for message in self.procedures[methods.GET_FILE.path](request, call):
            yield message.value

    def _kind(self, method: Method[Any, Any]) -> Callable[..., Any]:
        if method is methods.GET_FILE:
            return self._get_file
        if isinstance(method, methods.ServerStream):
            return self._listing
        return self._upload if isinstance(method, methods.ClientStream) else self._call

    def _call(self, method: Method[Any, Any], procedure: Procedure, request: Any, call: Any) -> Any:
        self._pay(method, self._extra(method, request))
        answer = procedure(request, call)
        if method is methods.FINISH_COMMIT:
            self._ready[request.commit.id] = self._clock() + FINISHING
        if method is methods.INSPECT_COMMIT and request.wait == pfs.FINISHED:
            self._sleep(max(0.0, self._ready.pop(answer.commit.id, 0.0) - self._clock()))
        return answer

    def _extra(self, method: Method[Any, Any], request: Any) -> float:
        if method is methods.INSPECT_FILE:
            return self._files * HELD
        return len(request.file_set_ids) * COMPOSED if method is methods.COMPOSE_FILE_SET else 0.0

    def _upload(self, method: Method[Any, Any], procedure: Procedure, requests: Iterator[Any], call: Any) -> Any:
        seconds = 0.0
        target: Optional[pfs.Commit] = None

        def counted() -> Iterator[Any]:
            nonlocal seconds, target
            for request in requests:
                if request.HasField("set_commit"):
                    target = pfs.Commit()
                    target.CopyFrom(request.set_commit)
                else:
                    seconds += FILE + len(request.add_file.raw.value) / WRITTEN
                yield request

        answer = procedure(counted(), call)
        self._pay(method, seconds)
        if target is not None and not target.id:
            head = self._servicer.procedures[methods.INSPECT_BRANCH.path](pfs.InspectBranchRequest(branch=target.branch), call)
            self._ready[head.head.id] = self._clock() + FINISHING
        return answer

    def _listing(self, method: Method[Any, Any], procedure: Procedure, request: Any, call: Any) -> Iterator[Any]:
        walks = method in (methods.WALK_FILE, methods.LIST_FILE, methods.GLOB_FILE)
        self._pay(method, self._files * HELD if walks else 0.0)
        owed = 0.0
        for message in procedure(request, call):
            owed += ENTRY
            if owed > 0.01:
                self._sleep(owed)
                owed = 0.0
            yield message
        self._sleep(owed)

    def _get_file(self, method: Method[Any, Any], procedure: Procedure, request: Any, call: Any) -> Iterator[BytesValue]:
        self._pay(method, self._files * HELD)
        gathered = bytearray()
        for message in procedure(request, call):
            gathered += message.value
            if len(gathered) >= MESSAGE:
                self._sleep(len(gathered) / READ)
                yield BytesValue(value=bytes(gathered))
                gathered.clear()
        self._sleep(len(gathered) / READ)
        if gathered:
            yield BytesValue(value=bytes(gathered))

    def _pay(self, method: Method[Any, Any], extra: float) -> None:
        seconds = CALLS.get(method, OTHER) + extra
        if method in SERIAL:
            with self._serial[method.name]:
                self._sleep(seconds)
        else:
            self._sleep(seconds)


def main() -> None:
    """
    Serve an embedded PFS, slowed, until it is interrupted.
    """
    from twisted.internet import reactor

    parser = argparse.ArgumentParser(prog="python -m benchmarks.slowed", description="Serve the embedded PFS at the price of a real pachd.")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--pfs-listen", default="tcp:0:interface=127.0.0.1", help="an endpoint: tcp:PORT:interface=ADDRESS or unix:PATH")
    parser.add_argument("--files", type=int, default=0, help="how many files a commit is taken to hold")
    options = parser.parse_args()
    embedded = EmbeddedPFS(options.data_dir, time.time)
    embedded.open()
    server = PFSServer(Slowed(embedded, options.files), options.pfs_listen, reactor)  # type: ignore[arg-type]
    server.startService()
    print(f"PFS on {server.address}", flush=True)
    reactor.addSystemEventTrigger("before", "shutdown", server.stopService)
    reactor.addSystemEventTrigger("after", "shutdown", embedded.close)
    reactor.run()


if __name__ == "__main__":
    main()
