"""
Which function does which operation of L{pachgw.s3.operations}.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from twisted.internet.defer import Deferred

from pachgw.web import bucket_operations, object_reading, object_writing
from pachgw.web.answer import Answer
from pachgw.web.call import Call

Handler = Callable[[Call], Coroutine[Deferred[Any], Any, Answer]]

HANDLERS: Mapping[str, Handler] = {
    "HeadBucket": bucket_operations.head_bucket,
    "CreateBucket": bucket_operations.create_bucket,
    "DeleteBucket": bucket_operations.delete_bucket,
    "GetObject": object_reading.get_object,
    "HeadObject": object_reading.get_object,
    "PutObject": object_writing.put_object,
    "DeleteObject": object_writing.delete_object,
}
