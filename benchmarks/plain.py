"""
What twisted.web does with nothing behind it: the measure for the embedded PFS. C{python -m benchmarks.plain} prints its URL.

It discards the bodies of PUTs, answers GET and HEAD of any path with the same 4 KiB from memory, and serves C{/BUCKET/large} from a file.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from twisted.internet import endpoints, task
from twisted.internet.defer import Deferred
from twisted.web.resource import Resource
from twisted.web.server import Site
from twisted.web.static import File

BODY = bytes(4096)
MIB = 1 << 20


class Plain(Resource):
    """
    The same for every path.
    """

    isLeaf = True

    def __init__(self, large: Path) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Resource is not annotated
        self._large = File(str(large), defaultType="application/octet-stream")

    def render_GET(self, request: Any) -> Any:
        """
        4 KiB from memory, or the large file.
        """
        if request.path.endswith(b"/large"):
            return self._large.render_GET(request)
        request.setHeader(b"content-type", b"application/octet-stream")
        return BODY

    def render_PUT(self, request: Any) -> bytes:
        """
        Nothing is kept.
        """
        request.content.close()
        request.setHeader(b"etag", b'"0"')
        return b""

    render_DELETE = render_PUT
    render_POST = render_PUT


def main(reactor: Any, large_mib: int) -> Deferred[None]:
    """
    Serve until the process is ended.
    """
    folder = tempfile.mkdtemp()
    large = Path(folder) / "large"
    with large.open("wb") as out:
        for _ in range(large_mib):
            out.write(bytes(MIB))
    endpoint = endpoints.serverFromString(reactor, "tcp:0:interface=127.0.0.1")

    def listening(port: Any) -> Deferred[None]:
        print(f"plain on http://127.0.0.1:{port.getHost().port}", flush=True)
        return Deferred()

    waiting: Deferred[None] = endpoint.listen(Site(Plain(large))).addCallback(listening)
    return waiting


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", type=int, default=256, help="the size of the large file in MiB")
    task.react(main, (parser.parse_args(sys.argv[1:]).large,))
