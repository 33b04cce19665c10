"""
Conditional requests. Source: RFC 9110, section 13, with AWS's precedence (GetObject, "If-Match and If-Unmodified-Since").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Conditions:
    """
    The conditions of one request.

    @ivar if_match: ETags as in the header, without quotes, or C{("*",)}; empty for no condition.
    @ivar if_none_match: the same.
    @ivar if_modified_since: seconds since the epoch.
    @ivar if_unmodified_since: seconds since the epoch.
    """

    if_match: tuple[str, ...] = ()
    if_none_match: tuple[str, ...] = ()
    if_modified_since: Optional[int] = None
    if_unmodified_since: Optional[int] = None

    def __bool__(self) -> bool:
        return self != NONE


NONE = Conditions()
