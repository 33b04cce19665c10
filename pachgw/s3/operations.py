"""
Which operation a request asks for, as data: one table of method, level and sub-resource or decisive header.

What is not in the table is refused. Nothing falls through to a plain GET, PUT or DELETE: a request with a sub-resource that we do not do
would otherwise read, replace or delete the object itself.

Source: U{https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html}.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Optional

from pachgw.s3.errors import InvalidArgument, MethodNotAllowed, NotImplemented
from pachgw.s3.refused_headers import check_headers


class Level(Enum):
    """
    What a request's path names.
    """

    SERVICE = "service"
    BUCKET = "bucket"
    OBJECT = "object"


@dataclass(frozen=True)
class Operation:
    """
    A row of the table.

    @ivar name: as AWS names it.
    @ivar writes: whether it changes a bucket or an object.
    @ivar needs: the query keys that must be there, the sub-resource first; empty for the plain operation of the method.
    @ivar header: the lower-case header that decides, if one does.
    @ivar takes: further query keys that the operation understands.
    @ivar limits: what of it is not done, or done otherwise than by AWS, in words for users; empty if nothing.
    """

    name: str
    method: str
    level: Level
    writes: bool
    needs: tuple[str, ...] = ()
    header: Optional[str] = None
    takes: frozenset[str] = frozenset()
    limits: str = ""


def _takes(words: str) -> frozenset[str]:
    return frozenset(words.split())


_LISTING = "prefix delimiter max-keys encoding-type"
_READING = _takes(
    "versionId partNumber response-cache-control response-content-disposition response-content-encoding response-content-language"
    " response-content-type response-expires"
)
_UPLOADS = _takes("prefix delimiter max-uploads encoding-type key-marker upload-id-marker")
_SERVICE, _BUCKET, _OBJECT = Level.SERVICE, Level.BUCKET, Level.OBJECT
_READS, _CHANGES = False, True
_PART = ("uploadId", "partNumber")
_UPLOAD = ("uploadId",)
_COPY = "x-amz-copy-source"
_LIMITS = "No encryption, tags, locks or redirects; storage class STANDARD, ACL private"

OPERATIONS: tuple[Operation, ...] = (
    Operation("ListBuckets", "GET", _SERVICE, _READS, takes=_takes("prefix max-buckets continuation-token bucket-region")),
    Operation("HeadBucket", "HEAD", _BUCKET, _READS),
    Operation("CreateBucket", "PUT", _BUCKET, _CHANGES, limits="No configuration but a location, which is not looked at"),
    Operation("DeleteBucket", "DELETE", _BUCKET, _CHANGES),
    Operation("GetBucketLocation", "GET", _BUCKET, _READS, ("location",), limits="Always PACHYDERM"),
    Operation("GetBucketVersioning", "GET", _BUCKET, _READS, ("versioning",)),
    Operation("PutBucketVersioning", "PUT", _BUCKET, _CHANGES, ("versioning",), limits="Enabled only"),
    Operation("GetBucketAcl", "GET", _BUCKET, _READS, ("acl",), limits="Always private"),
    Operation("PutBucketAcl", "PUT", _BUCKET, _CHANGES, ("acl",), limits="Private only"),
    Operation("ListObjects", "GET", _BUCKET, _READS, takes=_takes(f"{_LISTING} marker")),
    Operation(
        "ListObjectsV2", "GET", _BUCKET, _READS, ("list-type",), takes=_takes(f"{_LISTING} start-after continuation-token fetch-owner")
    ),
    Operation("ListObjectVersions", "GET", _BUCKET, _READS, ("versions",), takes=_takes(f"{_LISTING} key-marker version-id-marker")),
    Operation("ListMultipartUploads", "GET", _BUCKET, _READS, ("uploads",), takes=_UPLOADS),
    Operation("DeleteObjects", "POST", _BUCKET, _CHANGES, ("delete",), limits="Not of versions"),
    Operation("GetObject", "GET", _OBJECT, _READS, takes=_READING, limits="One range"),
    Operation("HeadObject", "HEAD", _OBJECT, _READS, takes=_READING, limits="One range"),
    Operation("GetObjectAttributes", "GET", _OBJECT, _READS, ("attributes",), takes=_takes("versionId")),
    Operation("GetObjectAcl", "GET", _OBJECT, _READS, ("acl",), takes=_takes("versionId"), limits="Always private"),
    Operation("PutObjectAcl", "PUT", _OBJECT, _CHANGES, ("acl",), takes=_takes("versionId"), limits="Private only"),
    Operation("PutObject", "PUT", _OBJECT, _CHANGES, limits=_LIMITS),
    Operation("CopyObject", "PUT", _OBJECT, _CHANGES, header=_COPY, limits=_LIMITS),
    Operation("DeleteObject", "DELETE", _OBJECT, _CHANGES, limits="Not of a version"),
    Operation("CreateMultipartUpload", "POST", _OBJECT, _CHANGES, ("uploads",), limits=_LIMITS),
    Operation("UploadPart", "PUT", _OBJECT, _CHANGES, _PART),
    Operation("UploadPartCopy", "PUT", _OBJECT, _CHANGES, _PART, _COPY),
    Operation("CompleteMultipartUpload", "POST", _OBJECT, _CHANGES, _UPLOAD),
    Operation("AbortMultipartUpload", "DELETE", _OBJECT, _CHANGES, _UPLOAD),
    Operation("ListParts", "GET", _OBJECT, _READS, _UPLOAD, takes=_takes("max-parts part-number-marker encoding-type")),
)
"""
Every operation that the gateway does.
"""

REFUSED_SUBRESOURCES = _takes(
    "abac accelerate analytics annotation cors encryption events intelligent-tiering inventory legal-hold lifecycle logging"
    " metadataAnnotationTable metadataConfiguration metadataInventoryTable metadataJournalTable metadataTable metrics notification"
    " object-lock ownershipControls policy policyStatus publicAccessBlock renameObject replication requestPayment restore retention"
    " select select-type session tagging torrent website append"
)
"""
The sub-resources of AWS (C{events} is MinIO's, C{append} others') that the gateway does not do, whatever the method.
"""

VERSION_STAYS = "Commits do not change, so a version cannot be deleted. Delete without a version, or use pachctl to squash commits."
"""
What is said to those who want to delete a version.
"""

_AT: dict[tuple[Level, Optional[str]], list[Operation]] = {}
for _operation in OPERATIONS:
    _AT.setdefault((_operation.level, _operation.needs[0] if _operation.needs else None), []).append(_operation)

_KNOWN_SUBRESOURCES = frozenset(row.needs[0] for row in OPERATIONS if row.needs)
_SUBRESOURCES = REFUSED_SUBRESOURCES | _KNOWN_SUBRESOURCES
_SIGNATURE_V2 = frozenset({"AWSAccessKeyId", "Signature", "Expires"})
_METHODS = frozenset({"GET", "HEAD", "PUT", "POST", "DELETE"})


def level_of(bucket: str, key: str) -> Level:
    """
    What is named by a bucket, empty if there is none, and a key, empty if there is none.
    """
    if key:
        return Level.OBJECT
    return Level.BUCKET if bucket else Level.SERVICE


def match(method: str, level: Level, query: Mapping[str, str], headers: Mapping[str, str]) -> Operation:
    """
    Find what a request asks for, and refuse it when that is something that the gateway does not do.

    @param method: as in the request line; the comparison is exact.
    @param query: the decoded query, the first value of each key.
    @param headers: by lower-case name, with those that a presigned URL carries in its query
        (L{with_hoisted<pachgw.s3.hoisted_headers.with_hoisted>}).
    @raise NotImplemented: a sub-resource, parameter or header asks for what is not done here.
    @raise MethodNotAllowed: the method does not go with what the path and the query name.
    @raise InvalidArgument: the query contradicts itself.
    """
    if method == "OPTIONS":
        raise NotImplemented("CORS is not done here, so there are no preflight answers.")
    if method not in _METHODS:
        raise MethodNotAllowed(f"S3 has no method {method[:32]!r}.", Method=method[:32])
    subresource = _subresource(query)
    row = _row(method, level, subresource, headers)
    _check_query(row, query)
    check_headers(headers)
    return row


def _subresource(query: Mapping[str, str]) -> Optional[str]:
    """
    The sub-resource that a query names, if it names one.
    """
    named = sorted(_SUBRESOURCES.intersection(query))
    refused = [name for name in named if name in REFUSED_SUBRESOURCES]
    if refused:
        raise NotImplemented(f"The gateway does not do {refused[0]!r}. See docs/compatibility.rst for what it does.", Resource=refused[0])
    if len(named) > 1:
        raise InvalidArgument(
            f"These do not go together in a query: {', '.join(named)}.", ArgumentName="ResourceType", ArgumentValue=named[1]
        )
    return named[0] if named else None


def _row(method: str, level: Level, subresource: Optional[str], headers: Mapping[str, str]) -> Operation:
    """
    The row of a request. With a decisive header the row that asks for it goes before the one that does not.
    """
    at_level = _AT.get((level, subresource), [])
    if subresource is not None and not at_level:
        raise NotImplemented(f"There is no {subresource!r} of {_any(level)} here.", Resource=subresource)
    rows = [row for row in at_level if row.method == method and (row.header is None or row.header in headers)]
    if rows:
        return max(rows, key=lambda row: row.header is not None)
    if method == "POST" and level is Level.BUCKET and subresource is None:
        raise NotImplemented("Uploads by an HTML form are not done here. Use PUT.")
    what = f"{subresource!r} of {_any(level)}" if subresource else _any(level)
    raise MethodNotAllowed(f"{method} does not go with {what}.", Method=method, ResourceType=(subresource or level.value).upper())


def _any(level: Level) -> str:
    return "an object" if level is Level.OBJECT else f"a {level.value}"


def _check_query(row: Operation, query: Mapping[str, str]) -> None:
    """
    Hold the rest of the query against the row. On reads a key that nobody knows is ignored if it has a value, as AWS does and as clients
    rely on (mc's C{metadata=true}); without a value it has the form of a sub-resource. On writes nothing is ignored.
    """
    missing = [name for name in row.needs if name not in query]
    if missing:
        raise InvalidArgument(f"{row.name} needs {missing[0]} in its query.", ArgumentName=missing[0], ArgumentValue="")
    if row.needs == ("list-type",) and query["list-type"] != "2":
        raise InvalidArgument("list-type must be 2, or be left out.", ArgumentName="list-type", ArgumentValue=query["list-type"])
    for name in _unknown(row, query):
        _check_misplaced(row, name, query[name])
        if row.writes or not query[name]:
            raise NotImplemented(f"{row.name} with {name[:64]!r} in its query is not done here.", Resource=name[:64])


def _unknown(row: Operation, query: Mapping[str, str]) -> Collection[str]:
    """
    The query keys that the row does not take. C{x-…} are AWS's own and for the client's use; signatures are looked at elsewhere.
    """
    known = row.takes.union(row.needs, _SIGNATURE_V2)
    return [name for name in query if name not in known and not name.lower().startswith("x-")]


def _check_misplaced(row: Operation, name: str, value: str) -> None:
    """
    Say more about the keys that are known, but mean something else than the client thinks, or nothing, here.
    """
    if name == "versionId" and row.name == "DeleteObject" and value:
        raise NotImplemented(VERSION_STAYS)
    if name == "versionId" and not value:
        raise InvalidArgument("A version id cannot be empty.", ArgumentName="versionId", ArgumentValue="")
    if name == "partNumber" and row.writes:
        raise InvalidArgument("partNumber needs uploadId in the query.", ArgumentName="partNumber", ArgumentValue=value)
