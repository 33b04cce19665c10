"""
An object of 2 GiB goes in and comes out as one stream each, and the gateway's memory does not notice.
"""

from __future__ import annotations

import hashlib
import http.client
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.clients.gateways import LISTENS, LOOPBACK, PFS_LISTENS, running

MIB = 1 << 20
SIZE = 2048 * MIB
BOUND = 200
"""
MiB of resident memory.
"""


def blocks() -> Iterator[bytes]:
    """
    The object: no two of its MiB are alike.
    """
    block = bytearray(range(256)) * (MIB // 256)
    for number in range(SIZE // MIB):
        block[:8] = number.to_bytes(8, "big")
        yield bytes(block)


def peak(process: int) -> int:
    """
    The most memory that a process has had in main memory, in MiB. Source: proc(5), C{VmHWM}.
    """
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    raise ValueError(f"process {process} has no VmHWM")


class LargeTests(SynchronousTestCase):
    """
    Constant memory, on the embedded PFS and in front of one that is served.
    """

    def setUp(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="pachgw-large-")
        self.addCleanup(shutil.rmtree, self.folder)

    def _round(self, url: str) -> None:
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=300)
        self.addCleanup(connection.close)
        connection.request("PUT", "/master.large")
        connection.getresponse().read()
        connection.request("PUT", "/master.large/object", blocks(), {"Content-Length": str(SIZE)})
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.read()), (200, b""))
        connection.request("GET", "/master.large/object")
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.getheader("Content-Length")), (200, str(SIZE)))
        expected, received = hashlib.sha256(), hashlib.sha256()
        for block in blocks():
            expected.update(block)
            received.update(answer.read(MIB))
        self.assertEqual(answer.read(), b"")
        self.assertEqual(received.hexdigest(), expected.hexdigest())

    def test_embedded(self) -> None:
        """
        One process, with the store in it, stays under 200 MiB.
        """
        with running(["--data-dir", self.folder, "--listen", LOOPBACK]) as gateway:
            self._round(gateway.wait_for(LISTENS))
            self.assertLess(peak(gateway.pid), BOUND)

    def test_in_front(self) -> None:
        """
        So does a gateway in front of another one's store.
        """
        with running(["--data-dir", self.folder, "--listen", LOOPBACK, "--pfs-listen", LOOPBACK]) as store:
            address = store.wait_for(PFS_LISTENS)
            with running(["--pachd", f"grpc://{address}", "--listen", LOOPBACK]) as gateway:
                self._round(gateway.wait_for(LISTENS))
                self.assertLess(peak(gateway.pid), BOUND)
