"""
PutObject, CopyObject and DeleteObject.
"""

from __future__ import annotations

from pachgw.objects.values import ObjectInfo
from pachgw.s3.conditions import check_supported_delete, check_supported_write, parse_conditions
from pachgw.s3.keys import check_key
from pachgw.s3.metadata_headers import parse_metadata
from pachgw.web.answer import Answer, Header
from pachgw.web.call import Call
from pachgw.web.object_headers import checksum_headers


def written_headers(info: ObjectInfo) -> list[Header]:
    """
    What is said of an object that has just been made.
    """
    return [("ETag", f'"{info.etag}"'), ("x-amz-version-id", info.version), *checksum_headers(info.checksums)]


async def put_object(call: Call) -> Answer:
    """
    PutObject.
    """
    conditions = parse_conditions(call.headers)
    check_supported_write(conditions)
    check_key(call.key)
    metadata = parse_metadata(call.headers)
    body = call.body()
    try:
        written = await call.objects.put(call.caller, call.bucket, call.key, body, metadata, conditions)
    finally:
        body.cancel()
    return Answer(200, written_headers(written.info))


async def delete_object(call: Call) -> Answer:
    """
    DeleteObject.
    """
    conditions = parse_conditions(call.headers)
    check_supported_delete(conditions)
    deleted = await call.objects.delete(call.caller, call.bucket, call.key, conditions)
    return Answer(204, [("x-amz-version-id", deleted.version)] if deleted.version else [])
