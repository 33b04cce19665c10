"""
PutObject and DeleteObject.
"""

from __future__ import annotations

from pachgw.s3.conditions import check_supported_delete, check_supported_write, parse_conditions
from pachgw.s3.keys import check_key
from pachgw.s3.metadata import Metadata
from pachgw.web.answer import Answer
from pachgw.web.call import Call


async def put_object(call: Call) -> Answer:
    """
    PutObject.
    """
    conditions = parse_conditions(call.headers)
    check_supported_write(conditions)
    check_key(call.key)
    body = call.body()
    try:
        written = await call.objects.put(call.caller, call.bucket, call.key, body, Metadata(), conditions)
    finally:
        body.cancel()
    info = written.info
    return Answer(200, [("ETag", f'"{info.etag}"'), ("x-amz-version-id", info.version)])


async def delete_object(call: Call) -> Answer:
    """
    DeleteObject.
    """
    conditions = parse_conditions(call.headers)
    check_supported_delete(conditions)
    deleted = await call.objects.delete(call.caller, call.bucket, call.key, conditions)
    return Answer(204, [("x-amz-version-id", deleted.version)] if deleted.version else [])
