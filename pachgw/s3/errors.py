"""
Every error that the gateway answers, as an exception named by its S3 code.

A message tells the person what to do. Source of codes and statuses:
U{https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html}; those that AWS does not have say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class S3Error(Exception):
    """
    An answer that is an error document.

    @cvar code: the S3 error code; the name of the class.
    @cvar status: the HTTP status.
    @cvar default: the message when none is given.
    @ivar message: tells the person what to do.
    @ivar elements: further elements of the error document, by name, such as C{BucketName}.
    """

    code: ClassVar[str] = "InternalError"
    status: ClassVar[int] = 500
    default: ClassVar[str] = "The gateway has failed. Try again; if it goes on, look for the request's id in the gateway's log."

    def __init__(self, message: str = "", **elements: str) -> None:
        self.message = message or self.default
        self.elements = elements
        super().__init__(self.message)

    def __init_subclass__(cls) -> None:
        cls.code = cls.__name__

    @property
    def headers(self) -> Mapping[str, str]:
        """
        The response headers that belong to the error.
        """
        return {}


class Overload(S3Error):
    """
    What goes away by itself.
    """

    status = 503

    @property
    def headers(self) -> Mapping[str, str]:
        """
        When to come back. Source: RFC 9110, section 10.2.3.
        """
        return {"Retry-After": "1"}


class AccessDenied(S3Error):
    """The caller may not do this."""

    status = 403
    default = "Your token does not allow this. Ask the repo's owner for a role, or sign the request with another token."


class AuthorizationHeaderMalformed(S3Error):
    """The Authorization header cannot be read."""

    status = 400
    default = "The Authorization header cannot be read. Sign with AWS signature version 4 or 2."


class AuthorizationQueryParametersError(S3Error):
    """The query of a presigned URL cannot be read."""

    status = 400
    default = "The signature in the URL's query is incomplete or malformed. Make a new presigned URL."


class BadDigest(S3Error):
    """A checksum or Content-MD5 is not that of the body."""

    status = 400
    default = "The checksum that was sent is not that of the bytes that arrived. Send the object again."


class BucketAlreadyOwnedByYou(S3Error):
    """The branch exists."""

    status = 409
    default = "The bucket exists already, and nothing was changed."


class BucketNotEmpty(S3Error):
    """The branch holds files."""

    status = 409
    default = "The bucket holds objects. Delete them first."


class ConditionalRequestConflict(S3Error):
    """Another write came between a conditional write's look and its commit."""

    status = 409
    default = "Another write to this bucket came first. Read the object again, then repeat the request."


class EntityTooSmall(S3Error):
    """A part that is not the last is under 5 MiB."""

    status = 400
    default = "Every part but the last must have at least 5 MiB. Upload larger parts."


class ExistingObjectIsDirectory(S3Error):
    """The key is a directory's. Not a code of AWS."""

    status = 409
    default = "Objects exist below this key, so PFS has a directory here. Choose another key."


class IncompleteBody(S3Error):
    """The body ended before its declared length."""

    status = 400
    default = "The body is shorter than its Content-Length. Send it again."


class InternalError(S3Error):
    """A failure of ours."""


class InvalidAccessKeyId(S3Error):
    """PFS does not know the token."""

    status = 403
    default = "The access key is not a token that this Pachyderm knows. Access key and secret key are both the token."


class InvalidArgument(S3Error):
    """A header or parameter has a value that S3 does not allow."""

    status = 400
    default = "A parameter or header has a value that is not allowed."


class InvalidBucketName(S3Error):
    """The bucket's name is outside the grammar."""

    status = 400
    default = "Bucket names are [commit.][branch.]repo or [commit.]branch.repo.project."


class InvalidBucketState(S3Error):
    """The branch cannot change like this, for its provenance."""

    status = 409
    default = "The branch is used by another, so this is not possible now."


class InvalidChunkSizeError(S3Error):
    """The header of a chunk in an aws-chunked body is not right."""

    status = 400
    default = "The size of a chunk is not right."


class InvalidDigest(S3Error):
    """Content-MD5 or a checksum is not base64 of the right length."""

    status = 400
    default = "The checksum header is not base64 of the right length."


class InvalidFilePath(S3Error):
    """PFS cannot hold the key. Not a code of AWS."""

    status = 400
    default = "PFS cannot store an object under this key."


class InvalidPart(S3Error):
    """A part is missing, or its ETag or checksum is another."""

    status = 400
    default = "A part was not found or is not the one that was uploaded. List the parts, then complete with their ETags."


class InvalidPartOrder(S3Error):
    """The parts of a Complete do not ascend."""

    status = 400
    default = "The list of parts must be in ascending order of part numbers."


class InvalidRange(S3Error):
    """The range begins behind the object's end. Give it C{ActualObjectSize}."""

    status = 416
    default = "The range begins behind the end of the object."

    @property
    def headers(self) -> Mapping[str, str]:
        """
        How long the object is. Source: RFC 9110, section 14.4.
        """
        size = self.elements.get("ActualObjectSize")
        return {} if size is None else {"Content-Range": f"bytes */{size}"}


class InvalidRequest(S3Error):
    """The request contradicts itself or S3."""

    status = 400
    default = "The request is not valid. See the S3 API reference of this operation."


class InvalidStorageClass(S3Error):
    """The storage class does not exist."""

    status = 400
    default = "The storage class does not exist. Leave it out: everything is STANDARD."


class InvalidURI(S3Error):
    """The request's target cannot be read."""

    status = 400
    default = "The URI cannot be read. Percent-encode it, as UTF-8."


class KeyTooLongError(S3Error):
    """The key has over 1,024 bytes."""

    status = 400
    default = "A key may have at most 1,024 bytes in UTF-8. Choose a shorter one."


class MalformedACLError(S3Error):
    """The ACL document is not one."""

    status = 400
    default = "The ACL document is not valid."


class MalformedTrailerError(S3Error):
    """The trailer of an aws-chunked body is not what the request declared."""

    status = 400
    default = "The trailer of the body is not well-formed, or is not the one that the request declares."


class MalformedXML(S3Error):
    """The body is not the XML document that the operation takes."""

    status = 400
    default = "The XML document is not well-formed or not the one that this operation takes."


class MaxMessageLengthExceeded(S3Error):
    """A body that is a document is too large."""

    status = 400
    default = "The document in the body is larger than 2 MiB. Send fewer entries."


class MetadataTooLarge(S3Error):
    """The user metadata has over 2 KiB."""

    status = 400
    default = "The x-amz-meta- headers may have at most 2,048 bytes in all. Send less."


class MethodNotAllowed(S3Error):
    """The method does not go with the resource."""

    status = 405
    default = "This method is not allowed for this resource."


class MissingContentLength(S3Error):
    """Neither a length nor chunked transfer coding."""

    status = 411
    default = "Say how long the body is, by Content-Length or by chunked transfer coding."


class MissingRequestBodyError(S3Error):
    """A document was expected."""

    status = 400
    default = "This operation takes an XML document as its body. None came."


class NoSuchBucket(S3Error):
    """The project, repo, branch or commit does not exist."""

    status = 404
    default = "The bucket does not exist: there is no such project, repo, branch or commit."


class NoSuchKey(S3Error):
    """The object does not exist."""

    status = 404
    default = "There is no object under this key."


class NoSuchUpload(S3Error):
    """The upload was completed, aborted or never begun."""

    status = 404
    default = "There is no such upload: it was completed or aborted, it has expired, or it never was. Begin a new one."


class NoSuchVersion(S3Error):
    """The commit does not exist on the branch."""

    status = 404
    default = "This branch has no commit of that id."


class NotImplemented(S3Error):
    """What the gateway does not do."""

    status = 501
    default = "Pachyderm's S3 gateway does not do this. See docs/compatibility.rst for what it does."


class NotModified(S3Error):
    """The client's copy is still good. Answered without a document."""

    status = 304
    default = "The object has not changed."


class ObjectParentIsFile(S3Error):
    """A part of the key's path is an object. Not a code of AWS."""

    status = 409
    default = "An object exists under a leading part of this key, so PFS cannot have a directory there. Choose another key."


class OperationAborted(S3Error):
    """Another operation on the same thing is under way."""

    status = 409
    default = "Another operation on this is under way. Try again."


class PreconditionFailed(S3Error):
    """A condition of the request does not hold."""

    status = 412
    default = "The object is not in the state that the request's conditions ask for."


class RequestHeaderSectionTooLarge(S3Error):
    """The headers are too large."""

    status = 400
    default = "The request's headers are larger than is allowed. Send less metadata."


class RequestTimeTooSkewed(S3Error):
    """The clocks differ by over 15 minutes."""

    status = 403
    default = "Your clock and the gateway's differ by more than 15 minutes. Set the clock."


class RequestTimeout(S3Error):
    """The body stopped."""

    status = 400
    default = "No more of the body came in time. Send it again."


class ServiceUnavailable(Overload):
    """PFS cannot be reached."""

    default = "Pachyderm cannot be reached now. Try again soon."


class SignatureDoesNotMatch(S3Error):
    """The signature is not the one that the secret gives."""

    status = 403
    default = "The signature is not right. The secret key must be the same token as the access key; proxies must not change signed headers."


class SlowDown(Overload):
    """Too much at once."""

    default = "Too much is going on at once. Try again more slowly."


class WriteToOutputBranch(S3Error):
    """The branch has provenance. Not a code of AWS."""

    status = 400
    default = "You cannot start a commit on an output branch. Write to a branch that it comes from."


class XAmzContentSHA256Mismatch(S3Error):
    """The body's SHA-256 is not x-amz-content-sha256."""

    status = 400
    default = "The SHA-256 of the body is not the one in x-amz-content-sha256. Send the object again."
