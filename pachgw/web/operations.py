"""
Which function does which operation of L{pachgw.s3.operations}.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from twisted.internet.defer import Deferred

from pachgw.web import (
    bucket_operations,
    listing_operations,
    multipart_operations,
    object_reading,
    object_writing,
    service_operations,
    settings_operations,
)
from pachgw.web.answer import Answer
from pachgw.web.call import Call

Handler = Callable[[Call], Coroutine[Deferred[Any], Any, Answer]]

HANDLERS: Mapping[str, Handler] = {
    "ListBuckets": service_operations.list_buckets,
    "HeadBucket": bucket_operations.head_bucket,
    "CreateBucket": bucket_operations.create_bucket,
    "DeleteBucket": bucket_operations.delete_bucket,
    "GetBucketLocation": settings_operations.get_bucket_location,
    "GetBucketVersioning": settings_operations.get_bucket_versioning,
    "PutBucketVersioning": settings_operations.put_bucket_versioning,
    "GetBucketAcl": settings_operations.get_bucket_acl,
    "PutBucketAcl": settings_operations.put_bucket_acl,
    "GetObjectAcl": settings_operations.get_object_acl,
    "PutObjectAcl": settings_operations.put_object_acl,
    "ListObjects": listing_operations.list_objects,
    "ListObjectsV2": listing_operations.list_objects_v2,
    "ListObjectVersions": listing_operations.list_object_versions,
    "GetObject": object_reading.get_object,
    "HeadObject": object_reading.get_object,
    "GetObjectAttributes": object_reading.get_object_attributes,
    "PutObject": object_writing.put_object,
    "CopyObject": object_writing.copy_object,
    "DeleteObject": object_writing.delete_object,
    "DeleteObjects": object_writing.delete_objects,
    "CreateMultipartUpload": multipart_operations.create_multipart_upload,
    "UploadPart": multipart_operations.upload_part,
    "UploadPartCopy": multipart_operations.upload_part_copy,
    "CompleteMultipartUpload": multipart_operations.complete_multipart_upload,
    "AbortMultipartUpload": multipart_operations.abort_multipart_upload,
    "ListParts": multipart_operations.list_parts,
    "ListMultipartUploads": multipart_operations.list_multipart_uploads,
}
