"""
GetObject and HeadObject.
"""

from __future__ import annotations

from typing import Optional

from pachgw.objects.interfaces import OpenObject
from pachgw.objects.values import ObjectInfo
from pachgw.s3.conditions import parse_conditions, range_applies
from pachgw.s3.content_types import SNIFFED, UNKNOWN, by_content
from pachgw.s3.errors import InvalidPart, InvalidRequest, NotModified
from pachgw.s3.parameters import part_number, version_id
from pachgw.s3.ranges import Span, select
from pachgw.web.answer import Answer, Header
from pachgw.web.call import Call
from pachgw.web.object_headers import OVERRIDES, checksum_headers, describing, known_type, overridden, validators


async def get_object(call: Call) -> Answer:
    """
    GetObject, and HeadObject, which is the same without a body.

    @raise InvalidRequest: the request contradicts itself.
    """
    query, headers = call.head.parameters, call.headers
    if query:
        _check_overrides(call)
    opened = await call.objects.open(call.caller, call.bucket, call.key, version_id(query))
    info = opened.info
    conditions = parse_conditions(headers)
    if conditions:
        try:
            conditions.check_read(info.etag, info.modified)
        except NotModified:
            return Answer(304, validators(info))
    span = _span(call, info)
    answer = Answer(200, validators(info), length=info.size)
    answer.headers += await _described(call, opened)
    start = 0
    if span is not None:
        answer.status, start, answer.length = 206, span.start, span.length
        answer.headers.append(("Content-Range", span.content_range))
    if call.request.sends_body and answer.length:
        answer.content = opened.content(start, answer.length)
    return answer


def _span(call: Call, info: ObjectInfo) -> Optional[Span]:
    """
    Which bytes are wanted, C{None} for all. Every object is its own first and only part.

    @raise InvalidPart: another part is wanted.
    @raise InvalidRange: there are no such bytes.
    """
    headers = call.headers
    wanted = headers.get("range")
    if "partNumber" in call.head.parameters:
        if wanted is not None:
            raise InvalidRequest("Range and partNumber do not go together.")
        if part_number(call.head.parameters) != 1:
            raise InvalidPart("Objects are kept whole, as one part.")
        return Span(0, info.size, info.size) if info.size else None
    if wanted is None or not range_applies(headers.get("if-range"), info.etag, info.modified):
        return None
    return select(wanted, info.size)


async def _described(call: Call, opened: OpenObject) -> list[Header]:
    """
    What describes the object, as the request wants to see it.
    """
    info = opened.info
    headers = describing(info, known_type(info) or await _sniff(opened))
    if info.checksums and call.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED" and "range" not in call.headers:
        headers += checksum_headers(info.checksums)
    return overridden(headers, call.head.parameters) if call.head.parameters else headers


async def _sniff(opened: OpenObject) -> str:
    """
    The type that the object's first bytes show.
    """
    size = min(opened.info.size, SNIFFED)
    if not size:
        return UNKNOWN
    content = opened.content(0, size)
    try:
        start = b""
        while len(start) < size and (buffers := await content.read()):
            start += b"".join(buffers)
        return by_content(start)
    finally:
        content.cancel()


def _check_overrides(call: Call) -> None:
    """
    Let only those replace headers who sign their requests, as AWS does: a link by somebody else could make a page of a text.
    While auth is off nobody looks at the signature, but it must be there.
    """
    if call.head.parameters.keys() & OVERRIDES.keys() and not call.signed:
        raise InvalidRequest("Request specific response headers cannot be used for anonymous GET requests.")
