"""
GetObject, HeadObject and GetObjectAttributes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from pachgw.objects.interfaces import OpenObject
from pachgw.objects.values import ObjectInfo, Wanted
from pachgw.pfs.interfaces import Buffer, Content
from pachgw.s3.conditions import parse_conditions, range_applies
from pachgw.s3.content_types import SNIFFED, UNKNOWN, by_content
from pachgw.s3.documents_attributes import object_attributes, parse_attributes
from pachgw.s3.errors import InvalidRequest, NotModified
from pachgw.s3.parameters import limit, part_number, part_number_marker, version_id
from pachgw.s3.ranges import Span, foreseen, select
from pachgw.web.answer import Answer, document
from pachgw.web.call import Call
from pachgw.web.object_headers import OVERRIDES, checksum_headers, describing, known_type, overridden, validators
from pachgw.web.object_parts import WantedPart, find_part
from pachgw.web.resumed import Resumed

_UNCHANGED = {"if-none-match", "if-modified-since"}


async def get_object(call: Call) -> Answer:
    """
    GetObject, and HeadObject, which is the same without a body.

    @raise InvalidRequest: the request contradicts itself.
    """
    query = call.head.parameters
    if query:
        _check_overrides(call)
    opened = await call.objects.open(call.caller, call.bucket, call.key, version_id(query), _wanted(call))
    try:
        return await _answer(call, opened)
    finally:
        opened.close()


def _wanted(call: Call) -> Optional[Wanted]:
    """
    The bytes that will be wanted, if that can be told before the object is known. A client that asks whether something has changed
    will most often hear that it has not.
    """
    headers = call.headers
    if not call.request.sends_body or "partNumber" in call.head.parameters or headers.keys() & _UNCHANGED:
        return None
    bounds = foreseen(headers.get("range"))
    return None if bounds is None else Wanted(*bounds)


async def _answer(call: Call, opened: OpenObject) -> Answer:
    """
    What to answer with of an object.
    """
    query, info = call.head.parameters, opened.info
    conditions = parse_conditions(call.headers)
    if conditions:
        try:
            conditions.check_read(info.etag, info.modified)
        except NotModified:
            return Answer(304, validators(info))
    part = await _part(call, opened) if "partNumber" in query else None
    span = part.span if part is not None else _span(call, info)
    answer = await _bytes(call, opened, span)
    sums = info.checksums if span is None else ()
    if part is not None:
        answer.headers += part.headers
        sums = part.checksums
    if sums and call.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED":
        answer.headers += checksum_headers(sums)
    if query:
        answer.headers = overridden(answer.headers, query)
    return answer


async def _bytes(call: Call, opened: OpenObject, span: Optional[Span]) -> Answer:
    """
    The answer with some of the object's bytes, or all.
    """
    info = opened.info
    start, length = (0, info.size) if span is None else (span.start, span.length)
    content = opened.content(start, length) if length and call.request.sends_body else None
    try:
        content_type, content = await _typed(opened, content, start)
    except BaseException:
        if content is not None:
            content.cancel()
        raise
    answer = Answer(200, [*validators(info), *describing(info, content_type)], content=content, length=length)
    if span is not None:
        answer.status = 206
        answer.headers.append(("Content-Range", span.content_range))
    return answer


async def get_object_attributes(call: Call) -> Answer:
    """
    GetObjectAttributes.
    """
    wanted = parse_attributes(call.headers)
    after, most = part_number_marker(call.headers, "x-amz-part-number-marker"), limit(call.headers, "x-amz-max-parts")
    opened = await call.objects.open(call.caller, call.bucket, call.key, version_id(call.head.parameters))
    parts = await opened.parts() if "ObjectParts" in wanted and opened.info.parts else ()
    answer = document(object_attributes(opened.info, wanted, parts, after, most))
    answer.headers += validators(opened.info)[1:]
    return answer


async def _part(call: Call, opened: OpenObject) -> WantedPart:
    """
    The part that is wanted.

    @raise InvalidRequest: so is a range.
    """
    if "range" in call.headers:
        raise InvalidRequest("Range and partNumber do not go together.")
    return await find_part(opened, part_number(call.head.parameters))


def _span(call: Call, info: ObjectInfo) -> Optional[Span]:
    """
    Which bytes are wanted, C{None} for all.

    @raise InvalidRange: there are no such bytes.
    """
    headers = call.headers
    wanted = headers.get("range")
    if wanted is None or not range_applies(headers.get("if-range"), info.etag, info.modified):
        return None
    return select(wanted, info.size)


async def _typed(opened: OpenObject, content: Optional[Content], start: int) -> tuple[str, Optional[Content]]:
    """
    The object's content type. If only its bytes can tell, they are looked at: those that are on their way to the client if
    they are the first ones, else by a read of its own.

    @param content: what is on its way to the client, if anything is.
    @param start: its first byte.
    @return: the type, and what is on its way to the client from now on.
    """
    known = known_type(opened.info)
    if known is not None or not opened.info.size:
        return known or UNKNOWN, content
    if content is not None and start == 0:
        buffers = await content.read()
        return by_content(_start_of(buffers)), Resumed(buffers, content)
    looked_at = opened.content(0, min(opened.info.size, SNIFFED))
    try:
        return by_content(_start_of(await looked_at.read())), content
    finally:
        looked_at.cancel()


def _start_of(buffers: Sequence[Buffer]) -> bytes:
    """
    As much of what has been read as a look at the type takes.
    """
    return b"".join(bytes(buffer[:SNIFFED]) for buffer in buffers[:4])[:SNIFFED]


def _check_overrides(call: Call) -> None:
    """
    Let only those replace headers who sign their requests, as AWS does: a link by somebody else could make a page of a text.
    While auth is off nobody looks at the signature, but it must be there.
    """
    if call.head.parameters.keys() & OVERRIDES.keys() and not call.signed:
        raise InvalidRequest("Request specific response headers cannot be used for anonymous GET requests.")
