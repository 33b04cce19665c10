"""
Plays a recording of a real pachd against a PFS and compares the answers.

A recording is a list of steps. Ids are named (C{$c1}): a name stands for the same id everywhere, and no two names for one id. Times are
C{<time>}: there must be one. A long run of one byte is C{{"repeat": ..., "count": ...}}.

Not compared: hashes of directories and of files of more than one chunk, and upper bounds of sizes, which are an implementation's own; the
order of permissions and of the branches of a repo, which PFS leaves open.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.wrappers_pb2 import BytesValue

from pachgw.pfs import methods
from tests.contract.doors import Door

METHODS = {(method.service, method.name): method for method in methods.ALL}
SERVICES = {"pfs": methods.PFS, "auth": methods.AUTH}
SETS = {"branches", "permissions", "satisfied", "missing"}
ONE_CHUNK = 1 << 20
"""
Files up to this size, in bytes, are one chunk everywhere.
"""

_NAME = re.compile(r"\$[a-z]+\d*")


class Mismatch(AssertionError):
    """
    PFS did not answer as the recording says.
    """


def load(name: str) -> list[dict[str, Any]]:
    """
    The steps of a recording.
    """
    steps: list[dict[str, Any]] = json.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))["steps"]
    return steps


class Player:
    """
    Plays one recording through one door.

    @ivar names: what the names of the recording stand for by now.
    """

    def __init__(self, door: Door, token: Optional[str] = None) -> None:
        """
        @param token: what steps without a token of their own carry.
        """
        self._door = door
        self._token = token
        self.names: dict[str, str] = {}

    async def play(self, step: dict[str, Any]) -> None:
        """
        Make the call of one step.

        @raise Mismatch: when the answer differs.
        """
        method = METHODS[SERVICES[step["service"]], step["rpc"]]
        requests = [ParseDict(self._filled(request), method.request()) for request in step["requests"]]
        answer = await self._door.perform(method, requests, self._token_of(step))
        self._compare(step.get("error"), answer.refusal and answer.refusal._asdict(), "error")
        if "bytes" in step:
            content = b"".join(message.value for message in answer.messages if isinstance(message, BytesValue))
            self._compare(step["bytes"], base64.b64encode(content).decode(), "bytes")
        else:
            answers = [MessageToDict(message, preserving_proto_field_name=True) for message in answer.messages]
            self._compare(step.get("responses", []), answers, "responses")

    def _token_of(self, step: dict[str, Any]) -> Optional[str]:
        token = step.get("token", self._token)
        if token == "(absent)":
            return None
        return self.names.get(token, token) if token else token

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            if "repeat" in value:
                return base64.b64encode(base64.b64decode(value["repeat"]) * value["count"]).decode()
            return {key: self._filled(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner) for inner in value]
        return _NAME.sub(lambda match: self.names.get(match.group(), match.group()), value) if isinstance(value, str) else value

    def _compare(self, expected: Any, actual: Any, where: str) -> None:
        if isinstance(expected, dict) and isinstance(actual, dict):
            self._compare_objects(expected, actual, where)
        elif isinstance(expected, list) and isinstance(actual, list):
            if where.rpartition(".")[2] in SETS:
                expected, actual = sorted(expected, key=json.dumps), sorted(actual, key=json.dumps)
            if len(expected) != len(actual):
                raise Mismatch(f"{where}: expected {len(expected)} entries\n{expected}\nbut got {len(actual)}\n{actual}")
            for number, (one, other) in enumerate(zip(expected, actual, strict=True)):
                self._compare(one, other, f"{where}[{number}]")
        elif isinstance(expected, str) and isinstance(actual, str):
            if not self._same_text(expected, actual):
                raise Mismatch(f"{where}: expected {self._filled(expected)!r} but got {actual!r}")
        elif expected != actual:
            raise Mismatch(f"{where}: expected {expected!r} but got {actual!r}")

    def _compare_objects(self, expected: dict[str, Any], actual: dict[str, Any], where: str) -> None:
        skipped = set(_skipped(expected))
        for key in skipped & {"hash"}:
            if key not in actual:
                raise Mismatch(f"{where}: no {key}")
        wanted, got = expected.keys() - skipped, actual.keys() - skipped
        if wanted != got:
            raise Mismatch(f"{where}: lacks {sorted(wanted - got)}, has {sorted(got - wanted)} too many\n{expected}\n{actual}")
        for key in sorted(wanted):
            self._compare(expected[key], actual[key], f"{where}.{key}")

    def _same_text(self, expected: str, actual: str) -> bool:
        if expected == "<time>":
            return bool(actual)
        pattern, unknown = "", []
        at = 0
        for found in _NAME.finditer(expected):
            pattern += re.escape(expected[at : found.start()])
            at = found.end()
            if found.group() in self.names:
                pattern += re.escape(self.names[found.group()])
            else:
                pattern += r"([0-9a-f]+(?:\.[0-9a-f]+)?)"  # a pachd's file sets have ids of two parts
                unknown.append(found.group())
        match = re.fullmatch(pattern + re.escape(expected[at:]), actual, re.DOTALL)
        if match is None:
            return False
        for name, value in zip(unknown, match.groups(), strict=True):
            if value in self.names.values():
                return False
            self.names[name] = value
        return True


def _skipped(expected: dict[str, Any]) -> Iterator[str]:
    yield "size_bytes_upper_bound"
    if expected.get("file_type") == "DIR" or int(expected.get("size_bytes", 0)) > ONE_CHUNK:
        yield "hash"
