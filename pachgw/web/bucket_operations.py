"""
CreateBucket, DeleteBucket, HeadBucket.
"""

from __future__ import annotations

from pachgw.web.answer import Answer
from pachgw.web.call import Call


async def create_bucket(call: Call) -> Answer:
    """
    CreateBucket. A location constraint is not looked at.
    """
    await call.objects.create_bucket(call.caller, call.bucket)
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
    return Answer(200, [("x-amz-bucket-region", "us-east-1")])
