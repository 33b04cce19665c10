"""
AWS signature version 4, in the C{Authorization} header and in presigned URLs.

Any region is good. The path is signed as S3 has it: neither normalised nor encoded twice.

Source: U{https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html}.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import NoReturn

from pachgw.s3.canonical_request import canonical_requests
from pachgw.s3.chunk_signature import EMPTY_SHA256, ChunkSigner
from pachgw.s3.credentials import Verified, mismatch
from pachgw.s3.dates import iso_date
from pachgw.s3.errors import (
    AccessDenied,
    AuthorizationHeaderMalformed,
    AuthorizationQueryParametersError,
    InvalidRequest,
    S3Error,
)
from pachgw.s3.request_head import RequestHead
from pachgw.s3.signing_time import MAX_SKEW, check_skew, format_basic, parse_basic, parse_signing_date

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
MAX_EXPIRES = 7 * 24 * 3600

_QUERY = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires")
_CREDENTIAL_FORM = 'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
_DATE = re.compile(r"\d{8}", re.ASCII)
_EXPIRES = re.compile(r"-?\d{1,20}", re.ASCII)


@dataclass(frozen=True)
class Scope:
    """
    What a signing key is good for.

    @ivar date: C{20130524}.
    @ivar region: whatever the client thinks it is in.
    """

    date: str
    region: str

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/s3/aws4_request"

    def key(self, secret: str) -> bytes:
        """
        The signing key.
        """
        key = b"AWS4" + secret.encode("utf-8", "surrogateescape")
        for part in (self.date, self.region, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode("latin-1", "replace"), "sha256")
        return key


@dataclass(frozen=True)
class SignatureV4:
    """
    The claim of a version 4 signature. Its form, time and expiry are right; L{verify} says whether it is true.

    @ivar timestamp: when it was signed, C{20130524T000000Z}.
    @ivar signed_headers: lower-case names.
    @ivar signature: in hex, as the client gave it.
    @ivar canonical_requests: the request in the forms in which it may have been signed, AWS's first.
    """

    access_key: str
    presigned: bool
    scope: Scope
    timestamp: str
    signed_headers: tuple[str, ...]
    signature: str
    canonical_requests: tuple[bytes, ...]

    def verify(self, secret: str) -> Verified:
        """
        Check the signature, in constant time.

        @raise SignatureDoesNotMatch: with what we signed.
        """
        key = self.scope.key(secret)
        given = self.signature.encode("latin-1", "replace")
        for request in self.canonical_requests:
            right = hmac.digest(key, self._string_to_sign(request), "sha256").hex()
            if hmac.compare_digest(given, right.encode("ascii")):
                return Verified(self.access_key, ChunkSigner(key, self.timestamp, str(self.scope), right))
        request = self.canonical_requests[0]
        raise mismatch(self.signature, self._string_to_sign(request), request)

    def _string_to_sign(self, request: bytes) -> bytes:
        return f"{ALGORITHM}\n{self.timestamp}\n{self.scope}\n{sha256(request).hexdigest()}".encode("latin-1", "replace")


def read_header(head: RequestHead, now: float) -> SignatureV4:
    """
    Read the claim in an C{Authorization} header that begins with L{ALGORITHM}.

    @param now: seconds since the epoch.
    @raise S3Error: C{AuthorizationHeaderMalformed}, C{AccessDenied} for a missing date or unsigned headers,
        C{RequestTimeTooSkewed}, C{InvalidRequest} for a body without C{x-amz-content-sha256}.
    """
    fields = _header_fields(head.header("authorization") or "")
    access_key, scope = _credential(fields["Credential"], AuthorizationHeaderMalformed, "The authorization header is malformed; ")
    date = head.header("x-amz-date") or head.header("date") or ""
    when = parse_signing_date(date)
    check_skew(when, now, date)
    timestamp = format_basic(when)
    _check_scope_date(scope, timestamp, AuthorizationHeaderMalformed, "The authorization header is malformed; ")
    payload = head.header("x-amz-content-sha256") or _no_payload(head)
    signed = tuple(fields["SignedHeaders"].lower().split(";"))
    _check_all_signed(head.headers, signed)
    return SignatureV4(access_key, False, scope, timestamp, signed, fields["Signature"], canonical_requests(head, signed, payload))


def read_query(head: RequestHead, now: float) -> SignatureV4:
    """
    Read the claim in a presigned URL.

    @param now: seconds since the epoch.
    @raise S3Error: C{AuthorizationQueryParametersError}, C{AccessDenied} for an expired URL or unsigned headers.
    """
    fields = {name: head.parameter(name) or "" for name in _QUERY}
    if not all(fields.values()):
        raise AuthorizationQueryParametersError(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
            "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
        )
    if fields["X-Amz-Algorithm"] != ALGORITHM:
        raise AuthorizationQueryParametersError(f'X-Amz-Algorithm only supports "{ALGORITHM}"')
    prefix = "Error parsing the X-Amz-Credential parameter; "
    access_key, scope = _credential(fields["X-Amz-Credential"], AuthorizationQueryParametersError, prefix)
    timestamp = fields["X-Amz-Date"]
    _check_expiry(timestamp, fields["X-Amz-Expires"], now)
    _check_scope_date(scope, timestamp, AuthorizationQueryParametersError, prefix)
    signed = tuple(fields["X-Amz-SignedHeaders"].lower().split(";"))
    _check_all_signed(head.headers, signed)
    payload = head.header("x-amz-content-sha256") or head.parameter("X-Amz-Content-Sha256") or UNSIGNED_PAYLOAD
    return SignatureV4(access_key, True, scope, timestamp, signed, fields["X-Amz-Signature"], canonical_requests(head, signed, payload))


def _no_payload(head: RequestHead) -> str:
    """
    The hash that is signed when the client sends none. AWS insists on the header; curl 7 leaves it out, which does no harm without a
    body.
    """
    if "transfer-encoding" in head.headers or (head.header("content-length") or "0") != "0":
        raise InvalidRequest(
            "Missing required header for this request: x-amz-content-sha256. With curl: -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD'"
        )
    return EMPTY_SHA256


def _header_fields(header: str) -> dict[str, str]:
    """
    The three fields of the header, none of them empty.
    """
    fields: dict[str, str] = {}
    for piece in header.removeprefix(ALGORITHM).split(","):
        name, _, value = piece.strip().partition("=")
        if name in fields:
            _malformed(f"{name} is given twice.")
        fields[name] = value
    for name in ("Credential", "SignedHeaders", "Signature"):
        if not fields.get(name):
            _malformed("the authorization header requires three components: Credential, SignedHeaders, and Signature.")
    return fields


def _malformed(why: str) -> NoReturn:
    raise AuthorizationHeaderMalformed(f"The authorization header is malformed; {why}")


def _credential(text: str, error: type[S3Error], prefix: str) -> tuple[str, Scope]:
    """
    Read C{<access key>/<date>/<region>/s3/aws4_request}. The access key may hold slashes.
    """
    parts = text.rsplit("/", 4)
    if len(parts) != 5 or not parts[0] or not _DATE.fullmatch(parts[1]):
        raise error(prefix + _CREDENTIAL_FORM)
    access_key, date, region, service, terminal = parts
    if terminal != "aws4_request":
        raise error(f'{prefix}incorrect terminal "{terminal}". This endpoint uses "aws4_request".')
    if service != "s3":
        raise error(f'{prefix}incorrect service "{service}". This endpoint belongs to "s3".')
    return access_key, Scope(date, region)


def _check_scope_date(scope: Scope, timestamp: str, error: type[S3Error], prefix: str) -> None:
    if not timestamp.startswith(scope.date):
        raise error(f'{prefix}Invalid credential date "{scope.date}". This date is not the same as X-Amz-Date: "{timestamp[:8]}".')


def _check_expiry(timestamp: str, expires: str, now: float) -> None:
    when = parse_basic(timestamp)
    if when is None:
        raise AuthorizationQueryParametersError("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
    if not _EXPIRES.fullmatch(expires):
        raise AuthorizationQueryParametersError("X-Amz-Expires should be a number")
    seconds = int(expires)
    if seconds < 1:
        raise AccessDenied("Request has expired: X-Amz-Expires must be at least 1")
    if seconds > MAX_EXPIRES:
        raise AuthorizationQueryParametersError(f"X-Amz-Expires must be less than a week (in seconds); that is, {MAX_EXPIRES}")
    if when > now + MAX_SKEW:
        raise AccessDenied("Request is not valid yet", ServerTime=iso_date(now))
    if now > when + seconds:
        times = {"X-Amz-Expires": expires, "Expires": iso_date(when + seconds), "ServerTime": iso_date(now)}
        raise AccessDenied("Request has expired", **times)


def _check_all_signed(headers: Mapping[str, object], signed: tuple[str, ...]) -> None:
    unsigned = [name for name in headers if (name == "host" or name.startswith("x-amz-")) and name not in signed]
    if "host" not in headers and "host" not in signed:
        unsigned.append("host")
    if unsigned:
        raise AccessDenied("There were headers present in the request which were not signed", HeadersNotSigned=", ".join(sorted(unsigned)))
