"""
ListBuckets.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

from pachgw.s3 import documents_bucket
from pachgw.s3.errors import InvalidArgument
from pachgw.s3.parameters import limit
from pachgw.web.answer import Answer, document
from pachgw.web.call import Call


async def list_buckets(call: Call) -> Answer:
    """
    ListBuckets: all, or with C{max-buckets} a page of them.
    """
    query = call.head.parameters
    prefix, token = call.parameter("prefix"), call.parameter("continuation-token")
    after = _read_token(token) if token else ""
    buckets = [bucket for bucket in await call.objects.list_buckets(call.caller) if bucket.name.startswith(prefix) and bucket.name > after]
    following = ""
    if "max-buckets" in query:
        size = limit(query, "max-buckets")
        if size < 1:
            raise InvalidArgument("max-buckets must be at least 1.", ArgumentName="max-buckets", ArgumentValue=query["max-buckets"][:64])
        if len(buckets) > size:
            buckets = buckets[:size]
            following = urlsafe_b64encode(buckets[-1].name.encode()).decode()
    return document(documents_bucket.list_buckets(buckets, prefix, following))


def _read_token(token: str) -> str:
    """
    The name behind which a page begins.
    """
    try:
        return urlsafe_b64decode(token.encode("ascii")).decode()
    except ValueError:
        raise InvalidArgument(
            "The continuation token is none that was given out.", ArgumentName="continuation-token", ArgumentValue=token[:256]
        ) from None
