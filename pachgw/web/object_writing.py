"""
PutObject, CopyObject, DeleteObject and DeleteObjects.
"""

from __future__ import annotations

from pachgw.objects.values import Deleted, ObjectInfo
from pachgw.s3.checksums import parse_algorithm
from pachgw.s3.conditions import check_supported_delete, check_supported_write, parse_conditions
from pachgw.s3.copy_source import check_changes_something, parse_source
from pachgw.s3.documents_copy import copy_object_result
from pachgw.s3.documents_delete import delete_result, parse_delete
from pachgw.s3.errors import NotImplemented
from pachgw.s3.metadata_headers import parse_metadata, replaces_metadata
from pachgw.s3.operations import VERSION_STAYS
from pachgw.web.answer import Answer, Header, document
from pachgw.web.call import Call
from pachgw.web.documents import read_document
from pachgw.web.object_headers import checksum_headers

_ALGORITHM = "x-amz-checksum-algorithm"


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
    return Answer(204, [("x-amz-delete-marker", "true"), ("x-amz-version-id", deleted.version)] if deleted.version else [])


async def copy_object(call: Call) -> Answer:
    """
    CopyObject.
    """
    headers = call.headers
    conditions = parse_conditions(headers)
    check_supported_write(conditions)
    source = parse_source(headers)
    replaces = replaces_metadata(headers)
    check_changes_something(source, call.bucket, call.key, replaces)
    metadata = parse_metadata(headers) if replaces else None
    algorithm = parse_algorithm(headers[_ALGORITHM]) if _ALGORITHM in headers else None
    written = await call.objects.copy(call.caller, source, call.bucket, call.key, metadata, conditions, algorithm)
    info = written.info
    answer = document(copy_object_result(info.etag, info.modified, info.checksums))
    answer.headers.append(("x-amz-version-id", info.version))
    if source.version is not None:
        answer.headers.append(("x-amz-copy-source-version-id", source.version))
    return answer


async def delete_objects(call: Call) -> Answer:
    """
    DeleteObjects. Versions cannot be deleted; a key for which one is named fails alone.
    """
    asked = parse_delete(await read_document(call))
    keys = [key for key in asked.keys if key.version is None]
    deleted = iter(await call.objects.delete_many(call.caller, call.bucket, keys) if keys else ())
    results = [next(deleted) if key.version is None else Deleted(key.key, key.version, NotImplemented(VERSION_STAYS)) for key in asked.keys]
    return document(delete_result(results, asked.quiet))
