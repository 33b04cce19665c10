"""
AWS's list of S3 operations, as botocore knows it.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

import botocore.session
from botocore.model import OperationModel

from pachgw.s3.operations import Level, level_of

MODEL = botocore.session.get_session().get_service_model("s3")
"""
Every operation with its method, its target and its parameters.
"""

TWINS = {"ListDirectoryBuckets": "ListBuckets"}
"""
What S3 Express sends to a host of its own, and what the same request asks of this one.
"""

ELSEWHERE = {"WriteGetObjectResponse"}
"""
What belongs to a host of its own.
"""


def request(operation: OperationModel) -> tuple[str, Level, dict[str, str], dict[str, str]]:
    """
    The smallest request for one of AWS's operations.
    """
    path, _, static = operation.http["requestUri"].partition("?")
    query = dict(parse_qsl(static, keep_blank_values=True))
    headers: dict[str, str] = {}
    shape = operation.input_shape
    for name in shape.required_members if shape else ():
        serialization = shape.members[name].serialization
        if serialization.get("location") == "querystring":
            query[serialization["name"]] = "1"
        elif serialization.get("location") == "header":
            headers[serialization["name"].lower()] = "1"
    level = level_of("bucket" if "{Bucket}" in path else "", "key" if "{Key" in path else "")
    return operation.http["method"], level, query, headers
