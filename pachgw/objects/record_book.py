"""
All records of objects of a repo, for those who list, check and export them.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, Optional

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IReactorTime

from pachgw.objects.cursors import LAST
from pachgw.objects.destinations import own_branch
from pachgw.objects.held import Held
from pachgw.objects.object_parts import pattern_of_parts, read_parts
from pachgw.objects.own_branches import OwnBranches
from pachgw.objects.recollecting import valid_records
from pachgw.objects.records import OBJECTS, VERSION, ObjectRecord, name_of_content
from pachgw.objects.resolving import Snapshot
from pachgw.objects.values import Caller
from pachgw.objects.walking import WalkReader
from pachgw.pfs.interfaces import IPFS
from pachgw.pfs.messages import literal
from pachgw.s3.buckets import Bucket

LARGE = 4 * 1024 * 1024
"""
About how many bytes of records are read at once.
"""

_RUN = 1000
_BEGIN = len(OBJECTS) + 1


class Kept(NamedTuple):
    """
    What is at one place.

    @ivar record: C{None} if there is no whole record that belongs there.
    """

    place: str
    record: Optional[ObjectRecord]


class Finding(NamedTuple):
    """
    What is wrong with a record.

    @ivar damage: whether it is of no use; else it is only superfluous.
    """

    place: str
    text: str
    damage: bool


class RecordBook:
    """
    Reads the records beside a bucket, as they are in one commit.
    """

    def __init__(self, ipfs: IPFS, clock: IReactorTime, caller: Caller, bucket: Bucket) -> None:
        self._pfs = ipfs
        self._clock = clock
        self._caller = caller
        self._bucket = bucket
        self._branches = OwnBranches(ipfs)
        self._own: Optional[Snapshot] = None

    async def all(self) -> AsyncIterator[Kept]:
        """
        Everything that is where records are, in the order of the places.
        """
        own = await self._snapshot()
        if own is None:
            return
        for prefix, places in _runs(await self._places(own)):
            content = await self._read(own, f"{literal(prefix)}{'*' if '/' in prefix[_BEGIN:] else '*/*'}")
            found = {record.place: record for text in content.splitlines() for record in valid_records(text)}
            for place in places:
                yield Kept(place, found.get(place))

    async def check(self) -> AsyncIterator[Finding]:
        """
        What is wrong: damage as it is met, and at the end the records of what no commit holds.
        """
        own = await self._snapshot()
        if own is None:
            return
        paths: dict[str, str] = {}
        async for place, record in self.all():
            if record is None:
                yield Finding(place, _fault(await self._read(own, literal(place))), True)
                continue
            paths[name_of_content(record.path, record.hash)] = record.path
            if record.parts and not await self._parts(own, record):
                yield Finding(place, f"{record.path}: its {record.parts} parts are not all described", True)
        unheld = set(paths)
        await Held(self._pfs, own_branch(self._bucket).repo, self._caller.token, lambda: succeed(None)).strike(unheld)
        for name in sorted(unheld):
            yield Finding(f"{OBJECTS}/{name}", f"{paths[name]}: no commit holds this content any more", False)

    async def export(self) -> AsyncIterator[bytes]:
        """
        All records as they are kept, each with those of its parts: lines of JSON.
        """
        own = await self._snapshot()
        async for _, record in self.all():
            if record is not None:
                yield record.line()
                if record.parts and own is not None:
                    yield await self._read(own, pattern_of_parts(record))

    async def _snapshot(self) -> Optional[Snapshot]:
        """
        The commit of the gateway's own branch, the same each time.
        """
        if self._own is None:
            self._own = await self._branches.snapshot(self._caller, self._bucket)
        return self._own

    def _read(self, own: Snapshot, pattern: str) -> Deferred[bytes]:
        return Deferred.fromCoroutine(self._branches.read(self._caller, self._bucket, pattern, own.commit))

    async def _parts(self, own: Snapshot, record: ObjectRecord) -> bool:
        content = await self._read(own, pattern_of_parts(record))
        try:
            return bool(read_parts(content, record))
        except (ValueError, TypeError, LookupError):
            return False

    async def _places(self, own: Snapshot) -> Mapping[str, int]:
        """
        The files where records are, in order, with their sizes in bytes.
        """
        begin = f"{OBJECTS[1:]}/".encode()
        found: dict[str, int] = {}
        reader = WalkReader(self._pfs, self._caller, own, self._clock.seconds(), _RUN)
        try:
            await reader.seek(begin)
            while entries := await reader.read(_RUN):
                found.update((f"/{entry.name.decode()}", entry.size) for entry in entries if entry.name.startswith(begin))
                if entries[-1].name > begin + LAST:
                    break
        finally:
            reader.close()
        return found


def _runs(places: Mapping[str, int]) -> Iterator[tuple[str, Sequence[str]]]:
    """
    Divide places so that what is read at once is not too much.

    @param places: in order, with their sizes in bytes.
    @return: runs of places, each with a beginning that they share and no other has.
    """
    left = [list(places)] if places else []
    while left:
        run = left.pop()
        shared = _shared(run[0], run[-1])
        if len(run) == 1 or sum(map(places.__getitem__, run)) <= LARGE:
            yield shared, run
        else:
            left.extend(reversed([list(part) for _, part in groupby(run, itemgetter(slice(len(shared) + 1)))]))


def _shared(first: str, last: str) -> str:
    """
    With what both begin.
    """
    return first[: next((place for place, (left, right) in enumerate(zip(first, last, strict=False)) if left != right), len(first))]


def _fault(content: bytes) -> str:
    """
    Why some content is no record of the place where it is.
    """
    try:
        values = json.loads(content)
    except ValueError:
        return "this is not one line of JSON"
    if not isinstance(values, dict) or "pachgw" not in values:
        return "this is no record of a gateway"
    if values["pachgw"] != VERSION:
        return f"version {values['pachgw']!r} of the format is not known here, which is {VERSION}"
    if values.get("kind") != "object":
        return f"a record of kind {values.get('kind')!r} does not belong here"
    return "it belongs to another place" if valid_records(content) else "some of its values are missing or wrong"
