"""
What S3 lets one set on buckets and objects, and what is always so here: location, versioning, access control lists.
"""

from __future__ import annotations

from pachgw.s3 import documents_acl, documents_bucket
from pachgw.s3.parameters import version_id
from pachgw.web.answer import Answer, document
from pachgw.web.call import Call
from pachgw.web.documents import read_document


async def get_bucket_location(call: Call) -> Answer:
    """
    GetBucketLocation.
    """
    await call.objects.head_bucket(call.caller, call.bucket)
    return document(documents_bucket.location())


async def get_bucket_versioning(call: Call) -> Answer:
    """
    GetBucketVersioning.
    """
    await call.objects.head_bucket(call.caller, call.bucket)
    return document(documents_bucket.versioning())


async def put_bucket_versioning(call: Call) -> Answer:
    """
    PutBucketVersioning: what is so anyway may be asked for.
    """
    documents_bucket.check_versioning(await read_document(call))
    await call.objects.head_bucket(call.caller, call.bucket)
    return Answer()


async def get_bucket_acl(call: Call) -> Answer:
    """
    GetBucketAcl.
    """
    await call.objects.head_bucket(call.caller, call.bucket)
    return document(documents_acl.access_control_policy())


async def put_bucket_acl(call: Call) -> Answer:
    """
    PutBucketAcl: what is so anyway may be asked for.
    """
    documents_acl.check_access_control_policy(await read_document(call))
    await call.objects.head_bucket(call.caller, call.bucket)
    return Answer()


async def get_object_acl(call: Call) -> Answer:
    """
    GetObjectAcl.
    """
    await call.objects.open(call.caller, call.bucket, call.key, version_id(call.head.parameters))
    return document(documents_acl.access_control_policy())


async def put_object_acl(call: Call) -> Answer:
    """
    PutObjectAcl: what is so anyway may be asked for.
    """
    documents_acl.check_access_control_policy(await read_document(call))
    await call.objects.open(call.caller, call.bucket, call.key, version_id(call.head.parameters))
    return Answer()
