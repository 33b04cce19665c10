"""
C{python -m pachgw records …}: what the gateway keeps of objects beside their bytes, in an embedded store or a pachd.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
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
from pachgw.objects.old_commits import OldCommits
from pachgw.objects.own_branches import OwnBranches
from pachgw.objects.record_book import RecordBook
from pachgw.objects.record_sweeps import RecordSweeps
from pachgw.objects.records import ObjectRecord
from pachgw.objects.values import Caller
from pachgw.objects.writer import Writer
from pachgw.options import ROOT_TOKEN_VARIABLE, read_token
from pachgw.pfs.errors import PFSError
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.messages import repo
from pachgw.pfs.methods import INSPECT_REPO
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.pfs.status import Status
from pachgw.s3.buckets import Bucket, parse_bucket
from pachgw.s3.dates import iso_date
from pachgw.s3.errors import InvalidBucketName, S3Error
from pachgw.settings import DEFAULT_DATA_DIR, Settings


class BucketOptions(usage.Options):
    """
    A command on the records beside one bucket.
    """

    def parseArgs(self, bucket: str) -> None:  # type: ignore[override]
        """
        @param bucket: by its name in S3.
        @raise usage.UsageError: it is no bucket's name.
        """
        try:
            self["bucket"] = parse_bucket(bucket)
        except InvalidBucketName as error:
            raise usage.UsageError(str(error)) from None


class ListOptions(BucketOptions):
    """
    C{records list}.
    """

    synopsis = "list BUCKET"
    longdesc = "Shows the records of the bucket's repo, which all of its branches share."

    async def run(self, ipfs: IPFS, reactor: Any, caller: Caller) -> None:
        """Run the command."""
        print(row("TIME", "SIZE", "HASH", "CONTENT TYPE", "PATH, METADATA, CHECKSUMS"))
        async for _, record in RecordBook(ipfs, reactor, caller, self["bucket"]).all():
            if record is not None:
                print(described(record))


class CheckOptions(BucketOptions):
    """
    C{records check}.
    """

    synopsis = "check BUCKET"
    longdesc = (
        "Tells which records are damaged or of a version that is not known, and which are of a content that no commit holds any more. "
        "Ends with status 1 if any is damaged."
    )

    async def run(self, ipfs: IPFS, reactor: Any, caller: Caller) -> None:
        """
        Run the command.

        @raise SystemExit: there is damage.
        """
        damaged = orphans = 0
        async for place, text, damage in RecordBook(ipfs, reactor, caller, self["bucket"]).check():
            damaged, orphans = damaged + damage, orphans + (not damage)
            print(f"{'damaged' if damage else 'orphan'}  {place}  {text}")
        if damaged:
            raise SystemExit(1)
        print("The records are whole." + (f" {orphans} can be collected." if orphans else ""))


class ExportOptions(BucketOptions):
    """
    C{records export}.
    """

    synopsis = "export BUCKET"
    longdesc = "Prints the records as they are kept, one line of JSON each."

    async def run(self, ipfs: IPFS, reactor: Any, caller: Caller) -> None:
        """Run the command."""
        async for lines in RecordBook(ipfs, reactor, caller, self["bucket"]).export():
            sys.stdout.write(lines.decode())


class CollectOptions(BucketOptions):
    """
    C{records collect}.
    """

    synopsis = "collect BUCKET"
    longdesc = (
        "Removes the records, older than a day, of what no commit holds any more, and squashes the old commits of their branch, "
        "for ten minutes at the most. A gateway does so by itself, now and then, as far as its callers may."
    )

    async def run(self, ipfs: IPFS, reactor: Any, caller: Caller) -> None:
        """Run the command."""
        writer = Writer(ipfs, reactor, Indexes(0))
        sweeps = RecordSweeps(ipfs, reactor, OwnBranches(ipfs), writer)
        looked = removed = 0
        after: Optional[str] = None
        while after != "":
            swept = await sweeps.sweep(caller, self["bucket"], after or "")
            looked, removed, after = looked + swept.looked, removed + swept.removed, swept.after
        await writer.close()
        print(f"Removed the records of {removed} of {looked} contents.")
        try:
            squashed = await OldCommits(ipfs, reactor).squash(caller, self["bucket"])
        except PFSError as error:
            if error.status is not Status.PERMISSION_DENIED:
                raise
            print("The old commits of the branch with the records stay: where auth is on, only a clusterAdmin may squash them.")
        else:
            print(f"Squashed {squashed} old commits of the branch with the records.")


_COMMANDS: list[tuple[str, Callable[[], BucketOptions], str]] = [
    ("list", ListOptions, "Show the records"),
    ("check", CheckOptions, "Look whether they are whole, and needed"),
    ("export", ExportOptions, "Print them as lines of JSON"),
    ("collect", CollectOptions, "Remove those that nothing needs"),
]


class RecordsOptions(usage.Options):
    """
    The command line of C{records}.
    """

    synopsis = "records [options] COMMAND BUCKET"
    longdesc = "Content types, metadata and checksums, which the gateway keeps on a hidden branch of each repo."
    optParameters = [
        ["data-dir", None, None, f"The folder of the embedded store; no gateway may be running on it [default: {DEFAULT_DATA_DIR}]"],
        ["pachd", None, None, "The address of a pachd to look at instead, or of a gateway's --pfs-listen"],
        ["pachd-ca", None, None, "A PEM file with the certificates of those who may have signed pachd's"],
        ["token-file", None, None, f"A token, if PFS asks for one; or in the environment, as {ROOT_TOKEN_VARIABLE}"],
    ]
    subCommands = [[name, None, make, text] for name, make, text in _COMMANDS]

    def __init__(self, environment: Optional[Mapping[str, str]] = None) -> None:
        """
        @param environment: the process's variables, of which a token and C{PACHD_ADDRESS} count; none by default.
        """
        usage.Options.__init__(self)
        self._environment = environment or {}

    def postOptions(self) -> None:
        """
        @raise usage.UsageError: there is no command, or it is not clear where the data is.
        """
        if self["data-dir"] is not None and self["pachd"] is not None:
            raise usage.UsageError("--pachd and --data-dir do not go together: the data is either pachd's or in the folder.")
        if self.subCommand is None:
            raise usage.UsageError("Say what to do: " + ", ".join(name for name, _, _ in _COMMANDS))

    @property
    def caller(self) -> Caller:
        """
        Whose right counts.

        @raise usage.UsageError: the token cannot be read.
        """
        path = self["token-file"]
        return Caller(read_token(Path(path)) if path is not None else self._environment.get(ROOT_TOKEN_VARIABLE))

    @property
    def settings(self) -> Settings:
        """
        Where the data is.
        """
        folder, authorities = self["data-dir"], self["pachd-ca"]
        pachd = self["pachd"] or (self._environment.get("PACHD_ADDRESS") if folder is None else None)
        return Settings(
            data_dir=DEFAULT_DATA_DIR if folder is None else Path(folder),
            pachd=pachd or None,
            pachd_ca=None if authorities is None else Path(authorities),
        )


def row(time: str, size: str, hash: str, content_type: str, rest: str) -> str:
    """
    A row of the table.
    """
    return f"{time:<24}  {size:>13}  {hash:<64}  {content_type:<24}  {rest}"


def described(record: ObjectRecord) -> str:
    """
    A record as a row of the table.
    """
    headers = dict(record.metadata.headers)
    content_type = headers.pop("content-type", "-")
    words = [f"{name}={value!r}" for name, value in headers.items()]
    words += [f"x-amz-meta-{name}={value!r}" for name, value in record.metadata.user.items()]
    words += [f"{sum.algorithm}={sum.value}" for sum in record.checksums]
    if record.parts:
        words.append(f"parts={record.parts}")
    return row(iso_date(record.modified), str(record.size), record.hash.hex(), content_type, " ".join([record.path, *words]))


async def look(reactor: Any, options: RecordsOptions) -> None:
    """
    Open PFS and run the command on it.

    @raise SystemExit: PFS refuses, or the records are damaged.
    """
    settings = options.settings
    if settings.pachd is None and not settings.data_dir.is_dir():
        raise SystemExit(f"{settings.data_dir} is no folder of a store.")
    try:
        async with AsyncExitStack() as ends:
            backend = await open_backend(settings, reactor, ends)
            await act(backend.pfs, reactor, options.caller, options.subOptions)
    except StoreFault as fault:
        raise SystemExit(str(fault)) from None


async def act(ipfs: IPFS, reactor: Any, caller: Caller, command: Any) -> None:
    """
    Run a command on the repo of its bucket.

    @raise SystemExit: PFS refuses, or the records are damaged.
    """
    bucket: Bucket = command["bucket"]
    try:
        await ipfs.call(INSPECT_REPO, pfs.InspectRepoRequest(repo=repo(bucket.project, bucket.repo)), caller.token)
        await command.run(ipfs, reactor, caller)
    except PFSError as error:
        raise SystemExit(s3_error(error).message) from None
    except S3Error as error:
        raise SystemExit(str(error)) from None


def run(options: RecordsOptions) -> None:
    """
    Run the command.
    """
    react(lambda reactor: Deferred.fromCoroutine(look(reactor, options)))
