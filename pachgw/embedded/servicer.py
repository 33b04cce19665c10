"""
The embedded PFS as a whole: its procedures by name, its opening, upkeep and closing.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Optional

from pachgw.embedded.about import Cluster, Version
from pachgw.embedded.auth import Auth
from pachgw.embedded.branches import Branches
from pachgw.embedded.calls import Call
from pachgw.embedded.commits import Commits
from pachgw.embedded.commitsets import CommitSets
from pachgw.embedded.diff import Differences
from pachgw.embedded.errors import Code, Refused
from pachgw.embedded.faults import Busy, Damaged, DiskFull, StoreFault
from pachgw.embedded.files import Files
from pachgw.embedded.filesets import FileSets
from pachgw.embedded.fsck import Finding
from pachgw.embedded.gate import Gate
from pachgw.embedded.gc import Collected
from pachgw.embedded.ground import Ground
from pachgw.embedded.history import History
from pachgw.embedded.modify import Modify
from pachgw.embedded.projects import Projects
from pachgw.embedded.repos import Repos
from pachgw.embedded.store import Store
from pachgw.embedded.upkeep import Fsck, Upkeep
from pachgw.pfs.proto import pfs_pb2 as pfs

Procedure = Callable[..., Any]
_END = object()
_PUBLIC = ("Authenticate", "GetVersion", "InspectCluster")
"""
What needs no token though auth is on.
"""
_PATIENCE = 30.0


class EmbeddedPFS:
    """
    A PFS in a folder.

    A procedure is called in any thread, which it blocks. It takes the request, or an iterator of requests, and the call; it returns the
    response, or an iterator of responses, which has to be read to its end or closed, and may go from thread to thread. It raises
    L{Refused<pachgw.embedded.errors.Refused>} to say no.

    @ivar procedures: every procedure by its gRPC path, C{/pfs_v2.API/GetFile}.
    """

    def __init__(self, folder: Path, clock: Callable[[], float], rest: float = 1.0) -> None:
        """
        @param folder: where the data is; made if it does not exist.
        @param clock: the time in seconds since 1970.
        @param rest: how long L{maintain} pauses after each step, in multiples of the time that it took.
        """
        self._rest = rest
        self._folder = folder
        self._clock = clock
        self._gate = Gate()
        self._ground: Optional[Ground] = None
        self.procedures: dict[str, Procedure] = {}

    def open(self) -> None:
        """
        Open the store.

        @raise StoreFault: with a text for the operator.
        """
        store = Store(self._folder)
        try:
            self._ground = ground = Ground(store, self._clock)
        except BaseException:
            store.close()
            raise
        self._upkeep = Upkeep(ground, self._rest)
        self._files = Files(ground)
        self._fsck = Fsck(ground)
        commits = Commits(ground)
        for service, subjects in (
            ("pfs_v2.API", (Projects(ground), Repos(ground), Branches(ground), commits, History(ground, commits))),
            ("pfs_v2.API", (CommitSets(ground, commits), self._files, Modify(ground), FileSets(ground), Differences(ground), self._fsck)),
            ("auth_v2.API", (Auth(ground),)),
            ("versionpb_v2.API", (Version(),)),
            ("admin_v2.API", (Cluster(ground),)),
        ):
            for subject in subjects:
                self._register(service, subject)

    def _register(self, service: str, subject: object) -> None:
        for name, procedure in inspect.getmembers(subject, inspect.ismethod):
            if name[0].isupper():
                self.procedures[f"/{service}/{name}"] = self._guarded(procedure, name in _PUBLIC)

    def content(self, request: pfs.GetFileRequest, call: Call) -> Iterator[bytes]:
        """
        What GetFile answers, as bare buffers of at most 1 MiB, none of them empty. To be read to its end or closed.

        @raise Refused: as GetFile does.
        """
        with self._inside():
            self._admit(call)
        return self._stepwise(self._files.content(request, call))

    def _admit(self, call: Call) -> None:
        """
        Make sure that a call has a token if auth is on.
        """
        ground = self._opened()
        if ground.authority.active:
            ground.authority.caller(ground.read(), call)

    def check(self, contents: bool = True) -> Iterator[Finding]:
        """
        Check the store, by right of having its folder: as Fsck does, and telling of what is harmless as well.

        @param contents: whether to read all contents; otherwise only that they are there.
        """
        self._opened()
        return self._stepwise(self._fsck.findings(contents))

    def changes(self) -> int:
        """
        How many changes of the store there were: as long as this stays the same, so do the answers of all that only looks. The change
        that a call makes is counted before the call answers.
        """
        return self._opened().watch.changes()

    def tell_changes(self, told: Callable[[int], None]) -> None:
        """
        Have something called with each new value of L{changes}. See L{Watch.tell<pachgw.embedded.watch.Watch.tell>}.
        """
        self._opened().watch.tell(told)

    def activate_auth(self, root_token: str) -> None:
        """
        Switch auth on, or replace root's token if it is on. The token is kept as a hash.
        """
        ground = self._opened()
        with ground.write() as db:
            ground.authority.activate(db, root_token)
        ground.authority.load(ground.read())

    def deactivate_auth(self) -> None:
        """
        Switch auth off, and forget all tokens and role bindings.
        """
        ground = self._opened()
        with ground.write() as db:
            ground.authority.deactivate(db)
        ground.authority.load(ground.read())

    def maintain(self, stop: threading.Event) -> Collected:
        """
        Let go of what has expired, and remove what nothing refers to any more. Blocks, and takes as long as the store is large, but
        leaves half of the time to others. For a thread of its own, now and then.

        @param stop: set by another thread to end it early; it should be before L{close}.
        @return: what was removed.
        @raise StoreFault: something stored cannot be read, so nothing was removed; or it runs already.
        """
        with self._inside():
            return self._upkeep.run(stop)

    def close(self) -> None:
        """
        Close the store. Calls that wait for something are refused; others are waited for, streams up to their next message. May be called
        twice.

        @raise Busy: a call has not ended in half a minute; the store stays open.
        """
        if self._ground is not None:
            self._ground.watch.close()
            self._gate.shut(_PATIENCE)
            self._ground.store.close()

    def _opened(self) -> Ground:
        assert self._ground is not None, "the store is not open"
        return self._ground

    def _guarded(self, procedure: Procedure, is_public: bool) -> Procedure:
        """
        A procedure that keeps the store open while it runs, and answers faults of the store as well with L{Refused}.

        @param is_public: whether it asks for no token though auth is on.
        """

        @functools.wraps(procedure)
        def guarded(request: Any, call: Call) -> Any:
            with self._inside():
                if not is_public:
                    self._admit(call)
                answer = procedure(request, call)
            return self._stepwise(answer) if isinstance(answer, Iterator) else answer

        return guarded

    def _stepwise(self, answer: Iterator[Any]) -> Iterator[Any]:
        """
        As L{_guarded} for a stream, while it works on a message.
        """
        try:
            while True:
                self._gate.enter()
                try:
                    message = next(answer, _END)
                finally:
                    self._gate.leave()
                if message is _END:
                    return
                yield message
        except StoreFault as fault:
            raise _refusal(fault) from fault
        finally:
            answer.close()  # type: ignore[attr-defined]

    @contextmanager
    def _inside(self) -> Iterator[None]:
        self._gate.enter()
        try:
            yield
        except StoreFault as fault:
            raise _refusal(fault) from fault
        finally:
            self._gate.leave()


def _refusal(fault: StoreFault) -> Refused:
    codes = ((DiskFull, Code.RESOURCE_EXHAUSTED), (Busy, Code.UNAVAILABLE), (Damaged, Code.DATA_LOSS))
    code = next((code for kind, code in codes if isinstance(fault, kind)), Code.INTERNAL)
    return Refused(code, str(fault))
