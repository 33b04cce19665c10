"""
Times in the three forms of S3: seconds since the epoch within the gateway, HTTP dates in headers, ISO 8601 in documents.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from typing import Optional

_LONGEST = 64


def http_date(seconds: float) -> str:
    """
    An HTTP date, for C{Last-Modified}; fractions of a second are dropped. Source: RFC 9110, section 5.6.7.
    """
    return formatdate(int(seconds), usegmt=True)


def parse_http_date(text: str) -> Optional[int]:
    """
    Read an HTTP date in any of its forms.

    @return: seconds since the epoch, or C{None} for what is no date: RFC 9110, section 13.1.3, lets a header that is no date be ignored.
    """
    if len(text) > _LONGEST:
        return None
    try:
        when = parsedate_to_datetime(text)
        return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def iso_date(seconds: float) -> str:
    """
    A time as S3's documents show it, C{2021-06-03T01:31:36.000Z}. Like AWS it shows whole seconds, the same as C{Last-Modified}.
    """
    return _iso(int(seconds))


@lru_cache(maxsize=4096)
def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
