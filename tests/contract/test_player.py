"""
The player itself: it must see every kind of difference, or the recordings prove nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from twisted.trial.unittest import TestCase

from pachgw.pfs import methods
from tests.contract.doors import Answer, Refusal
from tests.contract.player import Mismatch, Player


class ScriptedDoor:
    """
    Answers every call with what it was told, and notes what was asked.
    """

    def __init__(self, *messages: dict[str, Any], refusal: Optional[Refusal] = None) -> None:
        self._messages = messages
        self._refusal = refusal
        self.asked: list[tuple[Sequence[Message], Optional[str]]] = []

    async def perform(self, method: methods.Method[Any, Any], requests: Sequence[Message], token: Optional[str] = None) -> Answer:
        """
        As in L{Door<tests.contract.doors.Door>}.
        """
        self.asked.append((requests, token))
        return Answer([ParseDict(message, method.response()) for message in self._messages], self._refusal)


def step(rpc: str, *responses: dict[str, Any], **more: Any) -> dict[str, Any]:
    """
    A step of a recording.
    """
    return {"service": "pfs", "rpc": rpc, "requests": [{}], "responses": list(responses), **more}


class PlayerTests(TestCase):
    """
    What is the same, and what is not.
    """

    async def check(self, door: ScriptedDoor, *steps: dict[str, Any]) -> None:
        """
        Play steps.
        """
        player = Player(door)
        for one in steps:
            await player.play(one)

    async def check_differs(self, door: ScriptedDoor, *steps: dict[str, Any]) -> None:
        """
        Play steps of which only the last one is to fail.
        """
        player = Player(door)
        for one in steps[:-1]:
            await player.play(one)
        with self.assertRaises(Mismatch):
            await player.play(steps[-1])

    async def test_other_value(self) -> None:
        """
        A field with another value, one too few and one too many are differences.
        """
        door = ScriptedDoor({"project": {"name": "a"}, "description": "x"})
        await self.check(door, step("ListProject", {"project": {"name": "a"}, "description": "x"}))
        for other in (
            {"project": {"name": "b"}, "description": "x"},
            {"project": {"name": "a"}},
            {"description": "x", "metadata": {"a": "b"}},
        ):
            await self.check_differs(door, step("ListProject", other))

    async def test_number_of_answers(self) -> None:
        """
        One answer too few, or too many, is a difference.
        """
        await self.check_differs(ScriptedDoor({}), step("ListProject"))
        await self.check_differs(ScriptedDoor({}), step("ListProject", {}, {}))

    async def test_names(self) -> None:
        """
        A name stands for one id, and no two names for the same.
        """
        door = ScriptedDoor({"file_set_id": "ab12"})
        await self.check(door, step("GetFileSet", {"file_set_id": "$one"}), step("GetFileSet", {"file_set_id": "$one"}))
        await self.check_differs(door, step("GetFileSet", {"file_set_id": "$one"}), step("GetFileSet", {"file_set_id": "$two"}))
        player = Player(door)
        player.names["$one"] = "cd34"
        with self.assertRaises(Mismatch):
            await player.play(step("GetFileSet", {"file_set_id": "$one"}))

    async def test_names_in_requests(self) -> None:
        """
        Names in requests and tokens are filled in, and long runs of a byte are spelled out.
        """
        door = ScriptedDoor({})
        player = Player(door)
        player.names.update({"$one": "ab12", "$robot": "secret"})
        request = {"add_file": {"path": "$one", "raw": {"repeat": "eg==", "count": 3}}}
        await player.play({**step("ModifyFile", {}), "requests": [request], "token": "$robot"})
        [([sent], token)] = door.asked
        self.assertEqual((sent.add_file.path, sent.add_file.raw.value, token), ("ab12", b"zzz", "secret"))

    async def test_times(self) -> None:
        """
        A time must be there, whichever it is.
        """
        expected = step("ListProject", {"created_at": "<time>"})
        await self.check(ScriptedDoor({"created_at": "2020-01-01T00:00:00Z"}), expected)
        await self.check_differs(ScriptedDoor({}), expected)

    async def test_errors(self) -> None:
        """
        The code and the text of an error count, and that there is one.
        """
        expected = step("ListProject", error={"code": "UNKNOWN", "details": "commit $c1 is odd"})
        await self.check(ScriptedDoor(refusal=Refusal("UNKNOWN", "commit ab12 is odd")), expected)
        await self.check_differs(ScriptedDoor(refusal=Refusal("NOT_FOUND", "commit ab12 is odd")), expected)
        await self.check_differs(ScriptedDoor(refusal=Refusal("UNKNOWN", "commit ab12 is even")), expected)
        await self.check_differs(ScriptedDoor(), expected)
        await self.check_differs(ScriptedDoor(refusal=Refusal("UNKNOWN", "no")), step("ListProject"))

    async def test_content(self) -> None:
        """
        Bytes are compared as a whole, however they come.
        """
        expected = {**step("GetFile"), "bytes": "aGVsbG8="}
        await self.check_differs(ScriptedDoor(), expected)

    async def test_sets(self) -> None:
        """
        Permissions come in any order, other lists in theirs.
        """
        door = ScriptedDoor({"auth_info": {"permissions": ["REPO_WRITE", "REPO_READ"], "roles": ["b", "a"]}})
        await self.check(door, step("ListRepo", {"auth_info": {"permissions": ["REPO_READ", "REPO_WRITE"], "roles": ["b", "a"]}}))
        await self.check_differs(door, step("ListRepo", {"auth_info": {"permissions": ["REPO_READ"], "roles": ["b", "a"]}}))
        await self.check_differs(door, step("ListRepo", {"auth_info": {"permissions": ["REPO_READ", "REPO_WRITE"], "roles": ["a", "b"]}}))

    async def test_hashes(self) -> None:
        """
        The hash of a small file counts; that of a directory has to be there.
        """
        file = {"file_type": "FILE", "size_bytes": "3", "hash": "YWJj"}
        await self.check_differs(ScriptedDoor({**file, "hash": "YWJk"}), step("ListFile", file))
        directory = {"file_type": "DIR", "size_bytes": "3", "hash": "YWJj"}
        await self.check(ScriptedDoor({**directory, "hash": "YWJk"}), step("ListFile", directory))
        await self.check_differs(ScriptedDoor({"file_type": "DIR", "size_bytes": "3"}), step("ListFile", directory))
