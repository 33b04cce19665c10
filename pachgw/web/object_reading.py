"""
GetObject and HeadObject.
"""

from __future__ import annotations

from collections.abc import Mapping

from pachgw.objects.values import ObjectInfo
from pachgw.s3.conditions import parse_conditions, range_applies
from pachgw.s3.dates import http_date
from pachgw.s3.ranges import select
from pachgw.web.answer import Answer, Header
from pachgw.web.call import Call

_OVERRIDES: Mapping[str, str] = {
    "response-cache-control": "Cache-Control",
    "response-content-disposition": "Content-Disposition",
    "response-content-encoding": "Content-Encoding",
    "response-content-language": "Content-Language",
    "response-content-type": "Content-Type",
    "response-expires": "Expires",
}


async def get_object(call: Call) -> Answer:
    """
    GetObject, and HeadObject: the same without a body.
    """
    opened = await call.objects.open(call.caller, call.bucket, call.key, call.version)
    info = opened.info
    headers = call.headers
    conditions = parse_conditions(headers)
    if conditions:
        conditions.check_read(info.etag, info.modified)
    span = None
    if "range" in headers and range_applies(headers.get("if-range"), info.etag, info.modified):
        span = select(headers["range"], info.size)
    answer = Answer(200 if span is None else 206, object_headers(info))
    if span is not None:
        answer.headers.append(("Content-Range", span.content_range))
    start, answer.length = (0, info.size) if span is None else (span.start, span.length)
    if call.request.sends_body and answer.length:
        answer.content = opened.content(start, answer.length)
    return answer


def object_headers(info: ObjectInfo) -> list[Header]:
    """
    The headers that describe an object.
    """
    return [
        ("ETag", f'"{info.etag}"'),
        ("Last-Modified", http_date(info.modified)),
        ("Accept-Ranges", "bytes"),
        ("x-amz-version-id", info.version),
    ]
