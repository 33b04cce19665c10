"""
Patterns over paths: C{*}, C{**}, C{?}, classes, C{{a,b}} and the extended forms C{@(a|b)}, C{?(…)}, C{*(…)}, C{+(…)}, C{!(…)}.

C{*} and C{?} stay within a segment, C{**} crosses slashes. A backslash takes the special meaning from what follows, in a class as well,
where an opening bracket needs one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from pachgw.embedded.errors import unknown
from pachgw.embedded.paths import GLOB, ROOT

_REPEAT = {"?": "?", "*": "*", "+": "+", "@": ""}
_LONGEST = 4096


def literal_prefix(pattern: str) -> str:
    """
    What every match begins with: the pattern up to its first special character.
    """
    special = GLOB.search(pattern)
    return pattern[: special.start()] if special else pattern


def is_literal(pattern: str) -> bool:
    """
    Whether the pattern can match no path but itself.
    """
    return "\\" not in pattern and not GLOB.search(pattern)


@lru_cache(maxsize=256)
def matcher(pattern: str) -> Callable[[str], bool]:
    """
    A function that tells whether a path, with or without the slash at a directory's end, matches.

    @param pattern: canonical, see L{pachgw.embedded.paths.clean}.
    @raise Refused: if the pattern is malformed.
    """
    if len(pattern) > _LONGEST:
        raise unknown("glob pattern is too long")
    expression = re.compile(_Translation(pattern).whole(), re.DOTALL)
    prefix = literal_prefix(pattern)

    def matches(path: str) -> bool:
        if pattern == ROOT and path == ROOT:
            return True
        return path.startswith(prefix) and expression.fullmatch(path.rstrip("/")) is not None

    return matches


class _Translation:
    """
    One pass over a pattern that turns it into a regular expression.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def whole(self) -> str:
        text = self._until("")
        if self._at < len(self._pattern):
            raise unknown(f"invalid glob pattern {self._pattern!r}: unexpected {self._pattern[self._at]!r}")
        return text

    def _until(self, stops: str) -> str:
        parts = []
        while self._at < len(self._pattern) and self._pattern[self._at] not in stops:
            parts.append(self._one())
        return "".join(parts)

    def _one(self) -> str:
        char = self._take()
        if char in "?*+@!" and self._peek() == "(":
            return self._extended(char)
        if char == "*":
            if self._peek() != "*":
                return "[^/]*"
            while self._peek() == "*":
                self._take()
            return ".*"
        if char == "?":
            return "[^/]"
        if char == "[":
            return self._class()
        if char == "{":
            return f"(?:{self._alternatives(',', '}')})"
        if char == "\\":
            char = self._take()
        return re.escape(char)

    def _extended(self, kind: str) -> str:
        self._take()
        inner = self._alternatives("|", ")")
        if kind == "!":
            return f"(?:(?!(?:{inner})(?:/|$))[^/]*)"
        return f"(?:{inner}){_REPEAT[kind]}"

    def _alternatives(self, separator: str, end: str) -> str:
        found = [self._until(separator + end)]
        while self._peek() == separator:
            self._take()
            found.append(self._until(separator + end))
        self._take()
        return "|".join(found)

    def _class(self) -> str:
        negated = self._peek() in ("!", "^")
        if negated:
            self._take()
        members: list[str] = []
        while not members or self._peek() != "]":
            low = self._member()
            if self._peek() == "-" and self._pattern[self._at + 1 : self._at + 2] not in ("]", ""):
                self._take()
                high = self._member()
                if high < low:
                    raise unknown(f"invalid glob pattern {self._pattern!r}: range from {low!r} to {high!r}")
                members.append(f"{re.escape(low)}-{re.escape(high)}")
            else:
                members.append(re.escape(low))
        self._take()
        return f"[{'^/' if negated else ''}{''.join(members)}]"

    def _member(self) -> str:
        char = self._take()
        if char == "[":
            raise unknown(f"invalid glob pattern {self._pattern!r}: unexpected '[' in a class")
        return self._take() if char == "\\" else char

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self) -> str:
        char = self._peek()
        if not char:
            raise unknown(f"invalid glob pattern {self._pattern!r}: unexpected end")
        self._at += 1
        return char
