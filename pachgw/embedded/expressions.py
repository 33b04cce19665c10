"""
Regular expressions that are matched in time proportional to the text, whatever they look like.

An expression is matched by its derivatives: after a character, what is left to match is an expression again. These are made when they are
first needed, and kept, so that matching soon is one look-up for each character. Source: J. A. Brzozowski, Derivatives of Regular
Expressions, 1964. Unlike Python's C{re} no expression of a stranger can make it take for ever.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from enum import Enum
from functools import reduce
from typing import Any

Expression = int
"""
A number by which an L{Algebra} knows an expression: the same number, the same expression.
"""

SLASH = frozenset("/")


class _Kind(Enum):
    """
    What an expression is made of.
    """

    NEVER = 0
    EMPTY = 1
    ONE_OF = 2
    NONE_OF = 3
    THEN = 4
    EITHER = 5
    REPEATED = 6
    OTHER = 7


NEVER: Expression = 0
"""
Matches nothing.
"""

EMPTY: Expression = 1
"""
Matches the empty text.
"""


class Algebra:
    """
    Makes expressions and takes their derivatives. Safe to use from many threads for matching.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[_Kind, Any], Expression] = {}
        self._parts: list[tuple[_Kind, Any]] = []
        self._nullable: list[bool] = []
        self._after: dict[tuple[Expression, str], Expression] = {}
        self._guard = threading.Lock()
        self._make(_Kind.NEVER, None, False)
        self._make(_Kind.EMPTY, None, True)

    def __len__(self) -> int:
        """
        How many expressions have been made.
        """
        return len(self._parts)

    def _make(self, kind: _Kind, parts: Any, nullable: bool) -> Expression:
        number = self._numbers.setdefault((kind, parts), len(self._parts))
        if number == len(self._parts):
            self._parts.append((kind, parts))
            self._nullable.append(nullable)
        return number

    def one_of(self, characters: Iterable[str]) -> Expression:
        """
        One character of these.
        """
        return self._make(_Kind.ONE_OF, frozenset(characters), False)

    def none_of(self, characters: Iterable[str]) -> Expression:
        """
        One character that is none of these.
        """
        return self._make(_Kind.NONE_OF, frozenset(characters), False)

    def then(self, first: Expression, second: Expression) -> Expression:
        """
        One after the other.
        """
        if NEVER in (first, second):
            return NEVER
        if EMPTY in (first, second):
            return max(first, second)
        return self._make(_Kind.THEN, (first, second), self._nullable[first] and self._nullable[second])

    def sequence(self, expressions: list[Expression]) -> Expression:
        """
        Several in order.
        """
        return reduce(lambda rest, one: self.then(one, rest), reversed(expressions), EMPTY)

    def either(self, *expressions: Expression) -> Expression:
        """
        Any of several.
        """
        flat: set[Expression] = set()
        for expression in expressions:
            kind, parts = self._parts[expression]
            flat.update(parts if kind is _Kind.EITHER else [expression])
        flat.discard(NEVER)
        if len(flat) <= 1:
            return flat.pop() if flat else NEVER
        return self._make(_Kind.EITHER, frozenset(flat), any(self._nullable[one] for one in flat))

    def repeated(self, expression: Expression) -> Expression:
        """
        Any number of times, none included.
        """
        return EMPTY if expression in (NEVER, EMPTY) else self._make(_Kind.REPEATED, expression, True)

    def other(self, expression: Expression) -> Expression:
        """
        Any text without a slash that the expression does not match.
        """
        return self._make(_Kind.OTHER, expression, not self._nullable[expression])

    def matches(self, expression: Expression, text: str) -> bool:
        """
        Whether an expression matches the whole of a text.
        """
        after = self._after
        for char in text:
            known = after.get((expression, char))
            if known is None:
                with self._guard:
                    known = self._derive(expression, char)
            if known == NEVER:
                return False
            expression = known
        return self._nullable[expression]

    def _derive(self, expression: Expression, char: str) -> Expression:
        known = self._after.get((expression, char))
        if known is None:
            known = self._after[expression, char] = self._derived(*self._parts[expression], char)
        return known

    def _derived(self, kind: _Kind, parts: Any, char: str) -> Expression:
        """
        What is left to match after a character.
        """
        if kind is _Kind.ONE_OF:
            return EMPTY if char in parts else NEVER
        if kind is _Kind.NONE_OF:
            return NEVER if char in parts else EMPTY
        if kind is _Kind.EITHER:
            return self.either(*(self._derive(one, char) for one in parts))
        if kind is _Kind.THEN:
            first, second = parts
            left = self.then(self._derive(first, char), second)
            return self.either(left, self._derive(second, char)) if self._nullable[first] else left
        if kind is _Kind.REPEATED:
            return self.then(self._derive(parts, char), self.repeated(parts))
        if kind is _Kind.OTHER:
            return NEVER if char in SLASH else self.other(self._derive(parts, char))
        return NEVER
