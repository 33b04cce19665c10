"""
ListObjects in both versions, and ListObjectVersions.
"""

from __future__ import annotations

from pachgw.objects.values import ListQuery, VersionQuery
from pachgw.s3 import documents_listing, documents_versions
from pachgw.s3.errors import InvalidArgument
from pachgw.s3.parameters import limit, url_encoding
from pachgw.web.answer import Answer, document
from pachgw.web.call import Call


async def list_objects(call: Call) -> Answer:
    """
    ListObjects, the first version.
    """
    parameters = call.head.parameters
    encoded = url_encoding(parameters)
    query = ListQuery(call.parameter("prefix"), call.parameter("delimiter"), call.parameter("marker"), limit=limit(parameters))
    page = await call.objects.list(call.caller, call.bucket, query)
    return document(documents_listing.list_objects(call.address.bucket or "", query, page, encoded))


async def list_objects_v2(call: Call) -> Answer:
    """
    ListObjectsV2.
    """
    parameters = call.head.parameters
    encoded = url_encoding(parameters)
    query = ListQuery(
        call.parameter("prefix"),
        call.parameter("delimiter"),
        call.parameter("start-after"),
        call.parameter("continuation-token"),
        limit(parameters),
    )
    page = await call.objects.list(call.caller, call.bucket, query)
    owner, metadata, token = (
        call.parameter("fetch-owner") == "true",
        call.parameter("metadata") == "true",
        "continuation-token" in parameters,
    )
    return document(documents_listing.list_objects_v2(call.address.bucket or "", query, page, encoded, owner, metadata, token))


async def list_object_versions(call: Call) -> Answer:
    """
    ListObjectVersions.

    @raise InvalidArgument: a version is given to go on after, but not of which key.
    """
    parameters = call.head.parameters
    encoded = url_encoding(parameters)
    after = call.parameter("version-id-marker")
    if after and not call.parameter("key-marker"):
        message = "A version-id marker cannot be specified without a key marker."
        raise InvalidArgument(message, ArgumentName="version-id-marker", ArgumentValue=after[:256])
    query = VersionQuery(
        call.parameter("prefix"),
        call.parameter("delimiter"),
        call.parameter("key-marker"),
        after,
        limit(parameters),
    )
    page = await call.objects.list_versions(call.caller, call.bucket, query)
    return document(documents_versions.list_versions(call.address.bucket or "", query, page, encoded))
