"""
An S3 request as the operations see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

from pachgw.objects.interfaces import IObjects
from pachgw.objects.values import Caller
from pachgw.s3.buckets import Bucket, parse_bucket
from pachgw.s3.credentials import Verified
from pachgw.s3.errors import MissingContentLength
from pachgw.s3.operations import Operation
from pachgw.s3.payload import PayloadCheck
from pachgw.s3.request_head import RequestHead
from pachgw.web.address import Address
from pachgw.web.body import Offload, RequestBody
from pachgw.web.request import Request


class Call:
    """
    What a request asks, by whom, and of whom.

    @ivar operation: what it asks for.
    @ivar request: the HTTP request, for its id and its body.
    @ivar head: method, target, headers, as on the wire.
    @ivar address: bucket and key.
    @ivar headers: by lower-case name, each byte one latin-1 character, with those that a presigned URL carries in its query.
    @ivar objects: who does the work.
    @ivar caller: who asks.
    @ivar verified: the signature, if there was one to check.
    """

    __slots__ = ("_bucket", "_offload", "address", "caller", "head", "headers", "objects", "operation", "request", "verified")

    def __init__(
        self,
        operation: Operation,
        request: Request,
        head: RequestHead,
        address: Address,
        headers: Mapping[str, str],
        objects: IObjects,
        caller: Caller,
        verified: Optional[Verified],
        offload: Offload,
    ) -> None:
        self.operation = operation
        self.request = request
        self.head = head
        self.address = address
        self.headers = headers
        self.objects = objects
        self.caller = caller
        self.verified = verified
        self._offload = offload
        self._bucket: Optional[Bucket] = None

    @property
    def bucket(self) -> Bucket:
        """
        The bucket that is asked for.

        @raise InvalidBucketName: its name is outside the grammar.
        """
        if self._bucket is None:
            self._bucket = parse_bucket(self.address.bucket or "")
        return self._bucket

    @property
    def key(self) -> str:
        """
        The key that is asked for.
        """
        return self.address.key

    def parameter(self, name: str) -> str:
        """
        A parameter of the query; empty if it is not there.
        """
        return self.head.parameters.get(name, "")

    @property
    def signed(self) -> bool:
        """
        Whether the request carries a signature, looked at or not.
        """
        query = self.head.parameters
        return "authorization" in self.headers or "X-Amz-Signature" in query or "Signature" in query

    def body(self) -> RequestBody:
        """
        The body, of which nothing has been read yet; to be called once.

        @raise MissingContentLength: the request does not say whether there is one.
        @raise S3Error: what the headers say of it cannot be true.
        """
        if self.request.length == 0 and "content-length" not in self.headers and "transfer-encoding" not in self.headers:
            raise MissingContentLength()
        return RequestBody(self.request.incoming, PayloadCheck(self.head, self.verified), self._offload)
