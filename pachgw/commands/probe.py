"""
C{python -m pachgw probe URL}: whether a gateway answers, for health checks that can run a program.
"""

from __future__ import annotations

from typing import Any

import treq
from twisted.internet.defer import Deferred
from twisted.internet.task import react
from twisted.python import usage

TIMEOUT = 10.0
"""
Seconds to wait for the answer.
"""


class ProbeOptions(usage.Options):
    """
    The command line of C{probe}.
    """

    synopsis = "probe URL"
    longdesc = (
        "Asks URL, such as http://localhost:30600/ or an administration endpoint's /readyz, and ends with status 0 if it answers, "
        "with anything but a server error, and 1 if it does not."
    )

    def parseArgs(self, url: str) -> None:  # type: ignore[override]
        """
        @param url: what to ask.
        """
        self["url"] = url


async def probe(reactor: Any, url: str, agent: Any = treq) -> None:
    """
    Ask a URL.

    @param agent: treq, or something like it.
    @raise SystemExit: it does not answer, or with a server error.
    """
    try:
        response = await agent.get(url, timeout=TIMEOUT, reactor=reactor)
        await treq.content(response)
    except Exception as error:
        raise SystemExit(f"{url} does not answer: {type(error).__name__} {error}") from None
    if response.code >= 500:
        raise SystemExit(f"{url} answers {response.code}")
    print(f"{url} answers {response.code}")


def run(options: ProbeOptions) -> None:
    """
    Run the command.
    """
    react(lambda reactor: Deferred.fromCoroutine(probe(reactor, options["url"])))
