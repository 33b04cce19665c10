"""
Conditional requests. Source: RFC 9110, section 13, with AWS's precedence (GetObject, "If-Match and If-Unmodified-Since").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

from pachgw.s3.dates import parse_http_date
from pachgw.s3.errors import InvalidArgument, NoSuchKey, NotImplemented, NotModified, PreconditionFailed

ANY = ("*",)
"""
What C{*} is read as.
"""

COPY_SOURCE = "x-amz-copy-source-"
"""
What the headers about the source of a copy begin with.
"""

_MAX_ETAGS = 100
_ETAG = re.compile(r'[ \t]*((?:W/)?"[^"]*"|[^",\s]+)[ \t]*(?:,|$)')
_WEAK = "W/"


@dataclass(frozen=True)
class Conditions:
    """
    The conditions of one request.

    @ivar if_match: ETags as in the header, without quotes, or C{("*",)}; empty for no condition. A weak ETag keeps its C{W/}.
    @ivar if_none_match: the same, weak ones without their C{W/}, since their comparison here is the weak one.
    @ivar if_modified_since: seconds since the epoch.
    @ivar if_unmodified_since: seconds since the epoch.
    """

    if_match: tuple[str, ...] = ()
    if_none_match: tuple[str, ...] = ()
    if_modified_since: Optional[int] = None
    if_unmodified_since: Optional[int] = None

    def __bool__(self) -> bool:
        return self != NONE

    def check_read(self, etag: str, modified: float) -> None:
        """
        Whether an object that exists may be answered with.

        @param etag: its ETag, without quotes.
        @param modified: when it changed, in seconds since the epoch; compared as C{Last-Modified} shows it, in whole seconds.
        @raise PreconditionFailed: it is not the one that the client wants.
        @raise NotModified: the client has it already.
        """
        self._check_unchanged(etag, modified)
        if self._has_it(etag, modified):
            raise NotModified

    def check_copy(self, etag: str, modified: float) -> None:
        """
        Whether an object may be copied from; like L{check_read}, but there is no 304.

        @raise PreconditionFailed: a condition does not hold.
        """
        self._check_unchanged(etag, modified)
        if self._has_it(etag, modified):
            condition = COPY_SOURCE + ("if-none-match" if self.if_none_match else "if-modified-since")
            raise PreconditionFailed(Condition=condition)

    def check_write(self, etag: Optional[str]) -> None:
        """
        Whether an object may be replaced. L{check_supported_write} has said yes before.

        @param etag: the ETag of what is at the key now, C{None} for nothing.
        @raise NoSuchKey: C{If-Match} where nothing is.
        @raise PreconditionFailed: something is there, or something else than the client expects.
        """
        if self.if_match and etag is None:
            raise NoSuchKey("If-Match was given, but there is no object under this key.")
        self.check_delete(etag)
        if etag is not None and (self.if_none_match == ANY or etag in self.if_none_match):
            raise PreconditionFailed("If-None-Match was given, and there is such an object under this key.", Condition="If-None-Match")

    def check_delete(self, etag: Optional[str]) -> None:
        """
        Whether an object may be deleted. What is not there is deleted already, whatever C{If-Match} says.

        @param etag: the ETag of what is at the key now, C{None} for nothing.
        @raise PreconditionFailed: something else is there than the client expects.
        """
        if etag is not None and self.if_match not in ((), ANY) and etag not in self.if_match:
            raise PreconditionFailed(Condition="If-Match")

    def _check_unchanged(self, etag: str, modified: float) -> None:
        if self.if_match:
            if self.if_match != ANY and etag not in self.if_match:
                raise PreconditionFailed(Condition="If-Match")
        elif self.if_unmodified_since is not None and int(modified) > self.if_unmodified_since:
            raise PreconditionFailed(Condition="If-Unmodified-Since")

    def _has_it(self, etag: str, modified: float) -> bool:
        if self.if_none_match:
            return self.if_none_match == ANY or etag in self.if_none_match
        return self.if_modified_since is not None and int(modified) <= self.if_modified_since


NONE = Conditions()


def parse_conditions(headers: Mapping[str, str], prefix: str = "") -> Conditions:
    """
    Read the four headers.

    @param headers: by lower-case name.
    @param prefix: L{COPY_SOURCE} for those about the source of a copy.
    @raise InvalidArgument: a list of ETags is none. A date that is none is ignored, as RFC 9110 wants it.
    """

    def date(name: str) -> Optional[int]:
        value = headers.get(prefix + name)
        return None if value is None else parse_http_date(value)

    return Conditions(
        if_match=_etags(prefix + "if-match", headers),
        if_none_match=tuple(etag.removeprefix(_WEAK) for etag in _etags(prefix + "if-none-match", headers)),
        if_modified_since=date("if-modified-since"),
        if_unmodified_since=date("if-unmodified-since"),
    )


def check_supported_write(conditions: Conditions) -> None:
    """
    Refuse the condition that is not done on a write, so that it is not ignored. C{If-Modified-Since} is no condition on a write
    (RFC 9110, section 13.1.3).

    @raise NotImplemented: C{If-Unmodified-Since}.
    """
    if conditions.if_unmodified_since is not None:
        raise NotImplemented("A write does not take If-Unmodified-Since. Use If-Match with the object's ETag.")


def check_supported_delete(conditions: Conditions) -> None:
    """
    Refuse the conditions that AWS does not know on a delete.

    @raise NotImplemented: anything but C{If-Match}.
    """
    if conditions.if_none_match or conditions.if_unmodified_since is not None:
        raise NotImplemented("A delete takes If-Match with the object's ETag, and no other condition.")


def range_applies(if_range: Optional[str], etag: str, modified: float) -> bool:
    """
    Whether C{Range} is to be looked at, given C{If-Range}. Source: RFC 9110, section 13.1.5.
    """
    if if_range is None:
        return True
    value = if_range.strip()
    date = parse_http_date(value) if not value.startswith(('"', _WEAK)) else None
    return value.strip('"') == etag if date is None else int(modified) == date


def _etags(name: str, headers: Mapping[str, str]) -> tuple[str, ...]:
    """
    The ETags of a header, without quotes. AWS takes them without quotes too.
    """
    value = headers.get(name)
    if value is None:
        return ()
    found: list[str] = []
    position = 0
    while position < len(value):
        match = _ETAG.match(value, position)
        if match is None or len(found) == _MAX_ETAGS:
            raise InvalidArgument(f"{name} must be a list of at most {_MAX_ETAGS} ETags.", ArgumentName=name, ArgumentValue=value[:256])
        found.append(_without_quotes(match.group(1)))
        position = match.end()
    if not found:
        raise InvalidArgument(f"{name} must not be empty.", ArgumentName=name, ArgumentValue=value)
    return ANY if "*" in found else tuple(found)


def _without_quotes(etag: str) -> str:
    weak = etag.startswith(_WEAK)
    return (_WEAK if weak else "") + etag.removeprefix(_WEAK).strip('"')
