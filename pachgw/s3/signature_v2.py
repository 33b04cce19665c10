"""
AWS signature version 2, in the C{Authorization} header and in presigned URLs.

It covers neither the host nor the body, nor most headers. Old clients and C{s3cmd --signature-v2} use it.

Source: U{https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html}.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from pachgw.s3.credentials import Verified, mismatch
from pachgw.s3.dates import iso_date
from pachgw.s3.errors import AccessDenied, InvalidArgument
from pachgw.s3.request_head import RequestHead
from pachgw.s3.signing_time import check_skew, parse_signing_date

SCHEME = "AWS"

SIGNED_PARAMETERS = frozenset(
    name.encode("ascii")
    for name in (
        *("accelerate", "acl", "analytics", "cors", "delete", "inventory", "lifecycle", "location", "logging", "metrics"),
        *("notification", "partNumber", "policy", "replication", "requestPayment", "restore", "select"),
        *("select-type", "tagging", "torrent", "uploadId", "uploads", "versionId", "versioning", "versions", "website"),
        *("response-cache-control", "response-content-disposition", "response-content-encoding", "response-content-language"),
        *("response-content-type", "response-expires"),
    )
)
"""
The parameters of the query that are part of the signed resource. Later sub-resources never became part of this version, or clients do
not agree about them: minio-go does not sign C{object-lock}, botocore does.
"""

_SECONDS = re.compile(r"\d{1,11}", re.ASCII)


@dataclass(frozen=True)
class SignatureV2:
    """
    The claim of a version 2 signature. Its form, time and expiry are right; L{verify} says whether it is true.

    @ivar signature: in base64, as the client gave it.
    @ivar strings_to_sign: what the signature may be made of, AWS's form first.
    """

    access_key: str
    presigned: bool
    signature: str
    strings_to_sign: tuple[bytes, ...]

    def verify(self, secret: str) -> Verified:
        """
        Check the signature, in constant time.

        @raise SignatureDoesNotMatch: with what we signed.
        """
        given = self.signature.encode("latin-1", "replace")
        matches = [hmac.compare_digest(given, _sign(secret, text)) for text in self.strings_to_sign]
        if not any(matches):
            raise mismatch(self.signature, self.strings_to_sign[0])
        return Verified(self.access_key)


def read_header(head: RequestHead, now: float) -> SignatureV2:
    """
    Read the claim in an C{Authorization} header of the form C{AWS key:signature}.

    @param now: seconds since the epoch.
    @raise S3Error: C{InvalidArgument} for another form, C{AccessDenied} without a date, C{RequestTimeTooSkewed}.
    """
    authorization = head.header("authorization") or ""
    access_key, _, signature = authorization.removeprefix(SCHEME).strip().rpartition(":")
    if not access_key or not signature:
        raise InvalidArgument("AWS authorization header is invalid. Expected AwsAccessKeyId:signature", ArgumentName="Authorization")
    amazon_date = head.header("x-amz-date")
    date = head.header("date") or "" if amazon_date is None else amazon_date
    check_skew(parse_signing_date(date), now, date)
    headers = {name: head.header(name) or "" for name in head.headers}
    return SignatureV2(access_key, False, signature, _strings_to_sign(head, headers, "" if amazon_date is not None else date))


def read_query(head: RequestHead, now: float) -> SignatureV2:
    """
    Read the claim in a presigned URL.

    @param now: seconds since the epoch.
    @raise AccessDenied: a parameter is missing or wrong, or the URL has expired.
    """
    access_key, signature, expires = (head.parameter(name) for name in ("AWSAccessKeyId", "Signature", "Expires"))
    if not access_key or not signature or not expires:
        raise AccessDenied("Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
    if not _SECONDS.fullmatch(expires):
        raise AccessDenied(f"Invalid date (should be seconds since epoch): {expires}")
    if now > int(expires):
        raise AccessDenied("Request has expired", Expires=iso_date(int(expires)), ServerTime=iso_date(now))
    return SignatureV2(access_key, True, signature, _strings_to_sign(head, _headers_or_parameters(head), expires))


def _headers_or_parameters(head: RequestHead) -> dict[str, str]:
    """
    The headers of a presigned request. Who makes such a URL may have put those that are signed into its query.
    """
    headers: dict[str, str] = {}
    for raw, value in head.query:
        name = raw.decode("latin-1").lower()
        if name.startswith("x-amz-") or name in ("content-type", "content-md5"):
            headers[name] = value.decode("latin-1")
    headers.update({name: head.header(name) or "" for name in head.headers})
    return headers


def _sign(secret: str, text: bytes) -> bytes:
    return b64encode(hmac.digest(secret.encode("utf-8", "surrogateescape"), text, "sha1"))


def _strings_to_sign(head: RequestHead, headers: Mapping[str, str], date: str) -> tuple[bytes, ...]:
    lines = [head.method, headers.get("content-md5", ""), headers.get("content-type", ""), date]
    lines += [f"{name}:{headers[name]}" for name in sorted(headers) if name.startswith("x-amz-")]
    return tuple("\n".join((*lines, resource)).encode("latin-1", "replace") for resource in _resources(head))


def _resources(head: RequestHead) -> list[str]:
    """
    The path as received, behind the bucket if the host names it, and those parameters that are signed. AWS signs a bucket's path with a
    slash at its end, whether the request has it or not; rclone signs what it sends.
    """
    path = head.path if head.bucket is None else f"/{head.bucket}{head.path}"
    paths = [path] if path.count("/") > 1 or path == "/" else [f"{path}/", path]
    signed = sorted(((name, value) for name, value in head.query if name in SIGNED_PARAMETERS), key=lambda pair: pair[0])
    query = b"&".join(name + b"=" + value if value else name for name, value in signed).decode("latin-1")
    return [f"{each}?{query}" if query else each for each in paths]
