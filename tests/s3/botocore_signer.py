"""
Requests signed by botocore: an independent oracle for our reading of signatures.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Optional
from unittest import mock
from urllib.parse import quote, urlsplit

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import settings
from hypothesis import strategies as st

from pachgw.s3.request_head import RequestHead

TOKEN = "0123456789abcdef0123456789abcdef"
NOW = 1764157000.0
HOST = "gateway.example:30600"

PROPERTY = settings(derandomize=True, deadline=None, max_examples=100)
"""
Hypothesis as the tests here use it: the same examples at each run.
"""

METHODS = st.sampled_from(["GET", "PUT", "HEAD", "DELETE", "POST"])
KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
QUERIES = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12), KEYS, max_size=4)
PLAIN = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20)
META = st.dictionaries(st.from_regex(r"x-amz-meta-[a-z0-9-]{1,8}", fullmatch=True), PLAIN, max_size=4)


def url_of(key: str, query: Mapping[str, str]) -> str:
    """
    The URL of a key, encoded as botocore's client does it.
    """
    pairs = "&".join(f"{quote(name, safe='-._~')}={quote(value, safe='-._~')}" for name, value in query.items())
    return f"http://{HOST}/bucket/{quote(key, safe='/~')}" + ("?" + pairs if pairs else "")


def sign(signer: type[Any], method: str, url: str, headers: Mapping[str, str], **options: Any) -> RequestHead:
    """
    Sign a request at L{NOW} with L{TOKEN} as both keys.

    @param signer: a class of L{botocore.auth}.
    @param options: further arguments of C{signer}.
    """
    request = AWSRequest(method=method, url=url, headers=dict(headers), data=b"")
    frozen = datetime.fromtimestamp(NOW, UTC)
    with (
        mock.patch.object(botocore.auth, "get_current_datetime", lambda: frozen),
        mock.patch.object(botocore.auth.time, "time", lambda: NOW),
        mock.patch.object(botocore.auth, "formatdate", lambda usegmt: frozen.strftime("%a, %d %b %Y %H:%M:%S GMT")),
    ):
        signer(Credentials(TOKEN, TOKEN), **options).add_auth(request)
    return head_of(method, request.url, request.headers.items())


def head_of(method: str, url: str, headers: Any, bucket: Optional[str] = None) -> RequestHead:
    """
    What a server would see of a request.
    """
    parts = urlsplit(url)
    target = parts.path + ("?" + parts.query if parts.query else "")
    values: dict[str, list[str]] = {"host": [parts.netloc]}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(value.encode().decode("latin-1"))
    return RequestHead(method, target, values, bucket)
