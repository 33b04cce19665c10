"""
CreateBucket, DeleteBucket, HeadBucket.
"""

from __future__ import annotations

from pachgw.s3.documents_bucket import check_create_bucket
from pachgw.web.answer import Answer
from pachgw.web.call import Call
from pachgw.web.documents import read_document

REGION = "us-east-1"
"""
What clients that sign need to hear; any other region is as good.
"""


async def create_bucket(call: Call) -> Answer:
    """
    CreateBucket. A location constraint is not looked at.
    """
    bucket = call.bucket
    check_create_bucket(await read_document(call))
    await call.objects.create_bucket(call.caller, bucket)
    return Answer(200, [("Location", f"/{call.address.bucket}")])


async def delete_bucket(call: Call) -> Answer:
    """
    DeleteBucket.
    """
    await call.objects.delete_bucket(call.caller, call.bucket)
    return Answer(204)


async def head_bucket(call: Call) -> Answer:
    """
    HeadBucket.
    """
    await call.objects.head_bucket(call.caller, call.bucket)
    return Answer(200, [("x-amz-bucket-region", REGION)])
