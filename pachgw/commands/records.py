"""
C{python -m pachgw records REPO}: what the gateway keeps of the objects in a repo: list it, check it, export it, collect what is left over.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Optional

from twisted.internet.defer import Deferred
from twisted.internet.task import react
from twisted.python import usage

from pachgw.backends import open_backend
from pachgw.embedded.faults import StoreFault
from pachgw.objects.failures import s3_error
from pachgw.objects.indexes import Indexes
from pachgw.objects.record_upkeep import RecordUpkeep
from pachgw.objects.values import Caller
from pachgw.objects.writer import Writer
from pachgw.options import read_token
from pachgw.pfs.errors import PFSError
from pachgw.s3.buckets import DEFAULT_PROJECT
from pachgw.s3.errors import S3Error
from pachgw.settings import DEFAULT_DATA_DIR, Settings


class RecordsOptions(usage.Options):
    """
    The command line of C{records}.
    """

    synopsis = "records [options] [PROJECT/]REPO"
    longdesc = (
        "Prints the records of the objects in a repo: content types, metadata and checksums, a line of JSON for each, as they are kept on "
        "its branch _pachgw_. With --left-over only those of contents that no branch has or has had; --collect removes them. "
        "A gateway may be running on a pachd meanwhile, but not on the folder."
    )
    optParameters = [
        ["data-dir", None, str(DEFAULT_DATA_DIR), "The folder of the embedded store"],
        ["pachd", None, None, "The address of a pachd instead, grpc://host:port or grpcs://"],
        ["pachd-ca", None, None, "Trust the certificates in this PEM file when talking to pachd"],
        ["token-file", None, None, "A file with the token to use, if the store asks for one"],
    ]
    optFlags = [
        ["left-over", None, "Print only what is left over"],
        ["collect", None, "Remove what is left over, and print how many"],
    ]

    def __init__(self, environment: Optional[Mapping[str, str]] = None) -> None:
        """
        @param environment: the process's variables, of which C{PACHD_ADDRESS} counts; none by default.
        """
        usage.Options.__init__(self)
        self["pachd"] = (environment or {}).get("PACHD_ADDRESS")

    def parseArgs(self, repo: str) -> None:  # type: ignore[override]
        """
        @param repo: C{REPO} or C{PROJECT/REPO}.
        """
        project, slash, name = repo.partition("/")
        self["project"], self["repo"] = (project, name) if slash else (DEFAULT_PROJECT, repo)

    @property
    def settings(self) -> Settings:
        """
        Which PFS.
        """
        ca = self["pachd-ca"]
        return Settings(data_dir=Path(self["data-dir"]), pachd=self["pachd"], pachd_ca=Path(ca) if ca is not None else None)

    @property
    def caller(self) -> Caller:
        """
        By whose right.
        """
        path = self["token-file"]
        return Caller(read_token(Path(path)) if path is not None else None)


async def records(reactor: Any, options: RecordsOptions) -> None:
    """
    Do what the command line says.

    @raise SystemExit: PFS says no.
    """
    settings = options.settings
    if settings.pachd is None and not settings.data_dir.is_dir():
        raise SystemExit(f"{settings.data_dir} is no folder of a store.")
    try:
        async with AsyncExitStack() as ends:
            backend = await open_backend(settings, reactor, ends)
            upkeep = RecordUpkeep(backend.pfs, options.caller, options["project"], options["repo"])
            if options["collect"]:
                writer = Writer(backend.pfs, reactor, Indexes())
                print(f"Removed {await upkeep.collect(writer, reactor.seconds())} records.")
                return
            async for record in upkeep.left_over(reactor.seconds()) if options["left-over"] else upkeep.records():
                sys.stdout.write(record.line().decode("ascii"))
    except (S3Error, StoreFault) as error:
        raise SystemExit(str(error)) from None
    except PFSError as error:
        raise SystemExit(s3_error(error).message) from None


def run(options: RecordsOptions) -> None:
    """
    Run the command.
    """
    react(lambda reactor: Deferred.fromCoroutine(records(reactor, options)))
