"""
When a request was signed, and whether that is near enough to now.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Optional

from pachgw.s3.dates import iso_date, parse_http_date
from pachgw.s3.errors import AccessDenied, RequestTimeTooSkewed

MAX_SKEW = 15 * 60
"""
How far a client's clock may be off, in seconds.
"""

_BASIC = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)


def parse_basic(text: str) -> Optional[float]:
    """
    Read a time such as C{20130524T000000Z}.

    @return: seconds since the epoch, or C{None} if it is none.
    """
    match = _BASIC.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    except ValueError:
        return None


def format_basic(when: float) -> str:
    """
    Write a time as C{20130524T000000Z}.

    @param when: seconds since the epoch, after 1970 and before the year 10000.
    """
    return datetime.fromtimestamp(when, UTC).strftime("%Y%m%dT%H%M%SZ")


def parse_signing_date(text: str) -> float:
    """
    Read the C{x-amz-date} or C{Date} of a signed request: basic ISO 8601, or a date as in mail and HTTP.

    @return: seconds since the epoch.
    @raise AccessDenied: it is no date, or one before 1970.
    """
    when = parse_basic(text)
    if when is None:
        when = parse_http_date(text)
    if when is None or when < 0:
        raise AccessDenied("AWS authentication requires a valid Date or x-amz-date header")
    return when


def check_skew(when: float, now: float, text: str) -> None:
    """
    @param text: the time as the client wrote it.
    @raise RequestTimeTooSkewed: the request was signed more than L{MAX_SKEW} seconds ago or ahead.
    """
    if abs(now - when) > MAX_SKEW:
        raise RequestTimeTooSkewed(RequestTime=text, ServerTime=iso_date(now), MaxAllowedSkewMilliseconds=str(MAX_SKEW * 1000))
