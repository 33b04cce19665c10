"""
Patterns over paths: C{*}, C{**}, C{?}, classes, C{{a,b}} and the extended forms C{@(a|b)}, C{?(…)}, C{*(…)}, C{+(…)}, C{!(…)}.

C{*} and C{?} stay within a segment, C{**} crosses slashes. A backslash takes the special meaning from what follows, in a class as well,
where an opening bracket needs one. The end of the pattern closes braces and parentheses, but not a class.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from pachgw.embedded.errors import unknown
from pachgw.embedded.expressions import EMPTY, SLASH, Algebra, Expression
from pachgw.embedded.paths import GLOB, ROOT

_LONGEST = 4096
_DEEPEST = 16
_MOST_WILDCARDS = 100
_MOST_EXPRESSIONS = 20_000
_PRINTABLE = range(32, 127)


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
    @raise Refused: if the pattern is malformed, or too large.
    """
    parsed = _Parsed(pattern)
    prefix = literal_prefix(pattern)

    def matches(path: str) -> bool:
        nonlocal parsed
        if pattern == ROOT and path == ROOT:
            return True
        if not path.startswith(prefix):
            return False
        if len(parsed.algebra) > _MOST_EXPRESSIONS:
            parsed = _Parsed(pattern)
        return parsed.algebra.matches(parsed.whole, path.rstrip("/"))

    return matches


class _Parsed:
    """
    A pattern as an expression.

    @ivar algebra: what made it.
    @ivar whole: the expression.
    """

    def __init__(self, pattern: str) -> None:
        if len(pattern) > _LONGEST:
            raise unknown("glob pattern is too long")
        self.algebra = Algebra()
        self._pattern = pattern
        self._at = 0
        self._depth = 0
        self._wildcards = 0
        self.whole = self._until("")

    def _until(self, stops: str) -> Expression:
        parts = []
        while self._at < len(self._pattern) and self._pattern[self._at] not in stops:
            parts.append(self._one())
        return self.algebra.sequence(parts)

    def _one(self) -> Expression:
        algebra = self.algebra
        char = self._take()
        is_extended = char in "?*+@!" and self._peek() == "("
        self._wildcards += is_extended or char in "*?{"
        if self._wildcards > _MOST_WILDCARDS:
            raise unknown("glob pattern has too many wildcards")
        if is_extended:
            return self._extended(char)
        if char == "*":
            if self._peek() != "*":
                return algebra.repeated(algebra.none_of(SLASH))
            while self._peek() == "*":
                self._take()
            return algebra.repeated(algebra.none_of(""))
        if char == "?":
            return algebra.none_of(SLASH)
        if char == "[":
            return self._class()
        if char == "{":
            return self._alternatives(",", "}")
        if char == "\\" and self._peek():
            char = self._take()
        return algebra.one_of(char)

    def _extended(self, kind: str) -> Expression:
        self._take()
        inner = self._alternatives("|", ")")
        algebra = self.algebra
        return {
            "?": lambda: algebra.either(inner, EMPTY),
            "*": lambda: algebra.repeated(inner),
            "+": lambda: algebra.then(inner, algebra.repeated(inner)),
            "@": lambda: inner,
            "!": lambda: algebra.other(inner),
        }[kind]()

    def _alternatives(self, separator: str, end: str) -> Expression:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise unknown("glob pattern is too deep")
        found = [self._until(separator + end)]
        while self._peek() == separator:
            self._take()
            found.append(self._until(separator + end))
        if self._peek():
            self._take()
        self._depth -= 1
        return self.algebra.either(*found)

    def _class(self) -> Expression:
        negated = self._peek() in ("!", "^")
        if negated:
            self._take()
        members: set[str] = set()
        while not members or self._peek() != "]":
            low = high = self._member()
            if self._peek() == "-" and self._pattern[self._at + 1 : self._at + 2] not in ("]", ""):
                self._take()
                high = self._member()
                if high < low:
                    raise unknown(f"invalid glob pattern {self._pattern!r}: range from {low!r} to {high!r}")
            members.update(low, high, (chr(code) for code in _PRINTABLE if low <= chr(code) <= high))
        self._take()
        return self.algebra.none_of(members | SLASH) if negated else self.algebra.one_of(members)

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
            raise unknown("unexpected end of input")
        self._at += 1
        return char
