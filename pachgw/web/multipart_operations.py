"""
The multipart uploads.
"""

from __future__ import annotations

from typing import Optional
from urllib.parse import quote

from pachgw.s3 import documents_copy, documents_multipart
from pachgw.s3.checksum_headers import parse_object_checksum, parse_upload_checksum
from pachgw.s3.conditions import check_supported_write, parse_conditions
from pachgw.s3.copy_source import parse_source
from pachgw.s3.errors import InvalidArgument
from pachgw.s3.metadata_headers import parse_metadata
from pachgw.s3.parameters import limit, part_number, part_number_marker, url_encoding
from pachgw.web.answer import Answer, document
from pachgw.web.call import Call
from pachgw.web.documents import read_document
from pachgw.web.object_headers import checksum_headers

_ALGORITHM = "x-amz-checksum-algorithm"
_TYPE = "x-amz-checksum-type"
_SIZE = "x-amz-mp-object-size"


async def create_multipart_upload(call: Call) -> Answer:
    """
    CreateMultipartUpload.
    """
    algorithm, checksum_type = parse_upload_checksum(call.headers)
    metadata = parse_metadata(call.headers)
    upload = await call.objects.create_upload(call.caller, call.bucket, call.key, metadata, algorithm, checksum_type)
    answer = document(documents_multipart.initiate_result(call.address.bucket or "", call.key, upload.id))
    if upload.algorithm is not None:
        answer.headers.append((_ALGORITHM, upload.algorithm))
    if upload.checksum_type is not None:
        answer.headers.append((_TYPE, upload.checksum_type.value))
    return answer


async def upload_part(call: Call) -> Answer:
    """
    UploadPart.
    """
    number = part_number(call.head.parameters)
    body = call.body()
    try:
        part = await call.objects.upload_part(call.caller, call.bucket, call.key, call.parameter("uploadId"), number, body)
    finally:
        body.cancel()
    return Answer(200, [("ETag", f'"{part.etag}"'), *checksum_headers(part.checksums, with_type=False)])


async def upload_part_copy(call: Call) -> Answer:
    """
    UploadPartCopy.
    """
    number = part_number(call.head.parameters)
    source = parse_source(call.headers)
    part = await call.objects.upload_part_copy(call.caller, call.bucket, call.key, call.parameter("uploadId"), number, source)
    answer = document(documents_copy.copy_part_result(part.etag, part.modified, part.checksums))
    if source.version is not None:
        answer.headers.append(("x-amz-copy-source-version-id", source.version))
    return answer


async def complete_multipart_upload(call: Call) -> Answer:
    """
    CompleteMultipartUpload.
    """
    conditions = parse_conditions(call.headers)
    check_supported_write(conditions)
    checksum = parse_object_checksum(call.headers)
    parts = documents_multipart.parse_complete(await read_document(call))
    written = await call.objects.complete_upload(
        call.caller, call.bucket, call.key, call.parameter("uploadId"), parts, conditions, checksum, _size(call)
    )
    info = written.info
    answer = document(documents_multipart.complete_result(_location(call), call.address.bucket or "", call.key, info.etag, info.checksums))
    answer.headers.append(("x-amz-version-id", info.version))
    return answer


async def abort_multipart_upload(call: Call) -> Answer:
    """
    AbortMultipartUpload.
    """
    await call.objects.abort_upload(call.caller, call.bucket, call.key, call.parameter("uploadId"))
    return Answer(204)


async def list_parts(call: Call) -> Answer:
    """
    ListParts.
    """
    parameters = call.head.parameters
    encoded, after, most = url_encoding(parameters), part_number_marker(parameters), limit(parameters, "max-parts")
    page = await call.objects.list_parts(call.caller, call.bucket, call.key, call.parameter("uploadId"), after, most)
    return document(
        documents_multipart.list_parts(call.address.bucket or "", page.upload, page.parts, page.truncated, after, most, encoded)
    )


async def list_multipart_uploads(call: Call) -> Answer:
    """
    ListMultipartUploads.
    """
    parameters = call.head.parameters
    encoded = url_encoding(parameters)
    query = documents_multipart.UploadsQuery(
        call.parameter("prefix"),
        call.parameter("delimiter"),
        call.parameter("key-marker"),
        call.parameter("upload-id-marker"),
        limit(parameters, "max-uploads"),
    )
    page = await call.objects.list_uploads(
        call.caller, call.bucket, query.prefix, query.delimiter, query.key_marker, query.id_marker, query.limit
    )
    return document(documents_multipart.list_uploads(call.address.bucket or "", query, page, encoded))


def _location(call: Call) -> str:
    """
    The URL of the object, as the client addresses it.
    """
    scheme = "https" if call.request.secure else "http"
    path = call.key if call.address.virtual else f"{call.address.bucket}/{call.key}"
    return f"{scheme}://{call.headers.get('host', 'localhost')}/{quote(path)}"


def _size(call: Call) -> Optional[int]:
    value = call.headers.get(_SIZE)
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 20):
        raise InvalidArgument(f"{_SIZE} must be a number of bytes.", ArgumentName=_SIZE, ArgumentValue=value[:64])
    return int(value)
