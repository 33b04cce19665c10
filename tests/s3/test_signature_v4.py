"""
Version 4 signatures against botocore's, and what is refused.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from hashlib import sha256

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.authorization import read_credentials
from pachgw.s3.errors import (
    AccessDenied,
    AuthorizationHeaderMalformed,
    AuthorizationQueryParametersError,
    InvalidRequest,
    RequestTimeTooSkewed,
    S3Error,
    SignatureDoesNotMatch,
)
from pachgw.s3.request_head import RequestHead
from pachgw.s3.signature_v4 import Scope
from tests.s3.botocore_signer import HOST, KEYS, META, METHODS, NOW, PROPERTY, QUERIES, TOKEN, sign, url_of

V4 = {"service_name": "s3", "region_name": "nowhere-9"}


def in_header(method: str = "GET", url: str = f"http://{HOST}/bucket/key?acl", **headers: str) -> RequestHead:
    """
    A request signed in its header.
    """
    return sign(S3SigV4Auth, method, url, {name.replace("_", "-"): value for name, value in headers.items()}, **V4)


def in_query(expires: int = 60, url: str = f"http://{HOST}/bucket/key?acl", **headers: str) -> RequestHead:
    """
    A presigned GET.
    """
    return sign(S3SigV4QueryAuth, "GET", url, {name.replace("_", "-"): value for name, value in headers.items()}, expires=expires, **V4)


def with_header(head: RequestHead, name: str, value: str) -> RequestHead:
    """
    The same request with another header.
    """
    return replace(head, headers={**head.headers, name: [value]})


def with_authorization(head: RequestHead, old: str, new: str) -> RequestHead:
    """
    The same request with something else in its C{Authorization} header.
    """
    return with_header(head, "authorization", head.headers["authorization"][0].replace(old, new))


def signed_as_sent(target: str, value: str) -> RequestHead:
    """
    A GET, signed by a client that takes what it sends for the canonical form.
    """
    scope = Scope("20251126", "x")
    names = ("host", "x-amz-content-sha256", "x-amz-date", "x-amz-meta-a")
    headers = dict(zip(names, (HOST, "UNSIGNED-PAYLOAD", "20251126T113640Z", value), strict=True))
    path, _, query = target.partition("?")
    lines = ["GET", path, query, *(f"{name}:{headers[name]}" for name in names), "", ";".join(names), "UNSIGNED-PAYLOAD"]
    hashed = sha256("\n".join(lines).encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n20251126T113640Z\n{scope}\n{hashed}"
    signature = hmac.digest(scope.key(TOKEN), text.encode(), "sha256").hex()
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={TOKEN}/{scope}, SignedHeaders={';'.join(names)}, Signature={signature}"
    return RequestHead("GET", target, {name: [each] for name, each in headers.items()})


class OracleTests(SynchronousTestCase):
    """
    What botocore signs is accepted, and nothing else.
    """

    @PROPERTY
    @given(METHODS, KEYS, QUERIES, META)
    def test_header(self, method: str, key: str, query: dict[str, str], meta: dict[str, str]) -> None:
        """
        A request signed in its header is accepted with its secret only.
        """
        credentials = read_credentials(sign(S3SigV4Auth, method, url_of(key, query), meta, **V4), NOW)
        self.assertEqual(credentials.verify(TOKEN).access_key, TOKEN)
        self.assertFalse(credentials.presigned)
        self.assertRaises(SignatureDoesNotMatch, credentials.verify, TOKEN[:-1])

    @PROPERTY
    @given(METHODS, KEYS, QUERIES, META)
    def test_presigned(self, method: str, key: str, query: dict[str, str], meta: dict[str, str]) -> None:
        """
        A presigned URL is accepted with its secret only.
        """
        credentials = read_credentials(sign(S3SigV4QueryAuth, method, url_of(key, query), meta, expires=60, **V4), NOW + 30)
        self.assertEqual(credentials.verify(TOKEN).access_key, TOKEN)
        self.assertTrue(credentials.presigned)
        self.assertRaises(SignatureDoesNotMatch, credentials.verify, "")

    def test_changed(self) -> None:
        """
        A signed request of which anything that is signed has been changed is refused.
        """
        head = in_header("PUT", x_amz_meta_a="1", content_type="text/plain")
        read_credentials(head, NOW).verify(TOKEN)
        for changed in (
            replace(head, method="DELETE"),
            replace(head, target="/bucket/other?acl"),
            replace(head, target="/bucket/key?acl&versionId=1"),
            replace(head, target="/bucket/key"),
            with_header(head, "x-amz-meta-a", "2"),
            with_header(head, "content-type", "text/html"),
            with_header(head, "host", "elsewhere"),
            with_header(head, "x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
            with_header(head, "x-amz-date", head.headers["x-amz-date"][0][:-2] + "9Z"),
            with_authorization(head, "nowhere-9", "somewhere"),
        ):
            self.assertRaises(SignatureDoesNotMatch, read_credentials(changed, NOW).verify, TOKEN)

    def test_shows_what_was_signed(self) -> None:
        """
        The refusal shows the string to sign and the canonical request, but no secret.
        """
        credentials = read_credentials(in_header(), NOW)
        error = self.assertRaises(SignatureDoesNotMatch, credentials.verify, "another secret")
        self.assertTrue(error.elements["StringToSign"].startswith("AWS4-HMAC-SHA256\n20251126T"))
        self.assertTrue(error.elements["CanonicalRequest"].startswith("GET\n/bucket/key\nacl=\nhost:gateway.example:30600\n"))
        self.assertEqual(len(error.elements["SignatureProvided"]), 64)
        self.assertNotIn("another secret", str(error.elements))

    def test_utf8_header(self) -> None:
        """
        A header in UTF-8 is signed as its bytes.
        """
        read_credentials(in_header(x_amz_meta_name="déjà 😀 à"), NOW).verify(TOKEN)

    def test_date_header(self) -> None:
        """
        The date may be in the Date header alone.
        """
        head = in_header(date="replaced by the signer")
        self.assertNotIn("x-amz-date", head.headers)
        read_credentials(head, NOW).verify(TOKEN)

    def test_spaces_are_squeezed(self) -> None:
        """
        Whatever a proxy does to the white space around a value or in it, the signature holds.
        """
        head = in_header(x_amz_meta_a="one two")
        read_credentials(with_header(head, "x-amz-meta-a", "  one \t two "), NOW).verify(TOKEN)

    def test_forms_of_clients(self) -> None:
        """
        s3cmd does not squeeze white space, and curl 7 signs path and query as it sends them, in any order and without C{=}. Each is
        accepted for just what it sent.
        """
        for target, spaces in (("/bucket/key?acl=", "a  b"), ("/bucket/a!b?prefix=x&acl", "a b"), ("/bucket?acl", "c")):
            head = signed_as_sent(target, spaces)
            read_credentials(head, NOW).verify(TOKEN)
            for changed in (
                replace(head, target=target + "&x=1"),
                replace(head, target=target.replace("acl", "acm")),
                with_header(head, "x-amz-meta-a", spaces + "  c"),
                replace(head, method="PUT"),
            ):
                self.assertRaises(SignatureDoesNotMatch, read_credentials(changed, NOW).verify, TOKEN)

    def test_token_with_slashes(self) -> None:
        """
        An access key may hold slashes.
        """
        head = in_header()
        credentials = read_credentials(with_authorization(head, f"Credential={TOKEN}/", "Credential=a/b/c/"), NOW)
        self.assertEqual(credentials.access_key, "a/b/c")

    def test_plus_is_space(self) -> None:
        """
        A space in the query may be written as a plus sign.
        """
        head = in_header(url=f"http://{HOST}/bucket?prefix=a%20b")
        read_credentials(replace(head, target="/bucket?prefix=a+b"), NOW).verify(TOKEN)

    def test_absolute_target(self) -> None:
        """
        A request as for a proxy, with an absolute target, is signed by its path.
        """
        head = in_header()
        read_credentials(replace(head, target=f"http://{HOST}{head.target}"), NOW).verify(TOKEN)


class RefusedHeaderTests(SynchronousTestCase):
    """
    What is refused before any secret is asked for.
    """

    def refuse(self, head: RequestHead, error: type[S3Error], words: str, now: float = NOW) -> S3Error:
        """
        Assert that a request is refused.

        @param words: found in the message.
        """
        raised: S3Error = self.assertRaises(error, read_credentials, head, now)
        self.assertIn(words, raised.message)
        return raised

    def test_malformed(self) -> None:
        """
        A header that lacks a field, or has it twice, or has a wrong credential.
        """
        head = in_header()
        for old, new, words in (
            ("Signature=", "Sig=", "three components"),
            ("SignedHeaders=", "SignedHeaders=, X=", "three components"),
            ("Credential=", "Signature=1, Credential=", "twice"),
            (f"{TOKEN}/", "", "expecting"),
            (f"{TOKEN}/", "/", "expecting"),
            ("/20251126/", "/2025-11-26/", "expecting"),
            ("/20251126/", "/20251125/", 'Invalid credential date "20251125"'),
            ("/s3/", "/ec2/", 'incorrect service "ec2"'),
            ("aws4_request", "aws5_request", "incorrect terminal"),
        ):
            self.refuse(with_authorization(head, old, new), AuthorizationHeaderMalformed, words)
        self.refuse(with_header(head, "authorization", "AWS4-HMAC-SHA256"), AuthorizationHeaderMalformed, "three components")

    def test_clock(self) -> None:
        """
        A clock may be off by 15 minutes in either direction, not more.
        """
        head = in_header()
        for now in (NOW - 900, NOW + 900):
            read_credentials(head, now).verify(TOKEN)
        for now in (NOW - 901, NOW + 901):
            error = self.refuse(head, RequestTimeTooSkewed, "", now)
            self.assertEqual(error.elements["RequestTime"], "20251126T113640Z")
            self.assertEqual(error.elements["MaxAllowedSkewMilliseconds"], "900000")

    def test_no_date(self) -> None:
        """
        No date, or none that can be read, or one before 1970.
        """
        for date in ("", "yesterday", "20251326T000000Z", "Tue, 07 Jul 1950 21:53:04 GMT", "Fri, 99 Foo 20000 99:99:99 +9999"):
            self.refuse(with_header(in_header(), "x-amz-date", date), AccessDenied, "valid Date")

    def test_no_payload_hash(self) -> None:
        """
        C{x-amz-content-sha256} must be there if there is a body; old versions of curl leave it out.
        """
        bare = sign(SigV4Auth, "GET", f"http://{HOST}/bucket/key", {}, **V4)
        self.assertNotIn("x-amz-content-sha256", bare.headers)
        for head in (bare, with_header(bare, "content-length", "0")):
            read_credentials(head, NOW).verify(TOKEN)
        for head in (with_header(bare, "content-length", "1"), with_header(bare, "transfer-encoding", "chunked")):
            self.refuse(head, InvalidRequest, "x-amz-content-sha256")

    def test_unsigned_headers(self) -> None:
        """
        The host and every C{x-amz-} header must be signed, others need not.
        """
        head = in_header(x_amz_meta_a="1")
        for extra in ("x-amz-acl", "x-amz-meta-b"):
            error = self.refuse(with_header(head, extra, "private"), AccessDenied, "not signed")
            self.assertEqual(error.elements["HeadersNotSigned"], extra)
        error = self.refuse(with_authorization(head, "host;", ""), AccessDenied, "not signed")
        self.assertEqual(error.elements["HeadersNotSigned"], "host")
        read_credentials(with_header(head, "user-agent", "curl"), NOW).verify(TOKEN)

    def test_host_header_missing(self) -> None:
        """
        A request without a host must still sign one, so that nobody can take the header away.
        """
        head = in_header()
        bare = replace(head, headers={name: values for name, values in head.headers.items() if name != "host"})
        self.assertRaises(SignatureDoesNotMatch, read_credentials(bare, NOW).verify, TOKEN)
        self.refuse(with_authorization(bare, "host;", ""), AccessDenied, "not signed")


class RefusedQueryTests(RefusedHeaderTests):
    """
    What is refused of a presigned URL.
    """

    def changed(self, old: str, new: str, expires: int = 60) -> RequestHead:
        """
        A presigned request with something else in its query.
        """
        head = in_query(expires)
        self.assertIn(old, head.target)
        return replace(head, target=head.target.replace(old, new))

    def test_malformed(self) -> None:
        """
        Parameters that are missing or wrong.
        """
        for old, new, words in (
            ("X-Amz-Signature=", "X-Amz-Sig=", "requires the X-Amz-Algorithm"),
            ("X-Amz-Date=", "Date=", "requires the X-Amz-Algorithm"),
            ("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256", "only supports"),
            ("X-Amz-Date=2025", "X-Amz-Date=MMXXV", "ISO8601"),
            ("%2F20251126%2F", "%2F20251125%2F", "Invalid credential date"),
            ("%2Fs3%2F", "%2Fec2%2F", 'incorrect service "ec2"'),
            ("%2Faws4_request", "", "expecting"),
            ("X-Amz-Expires=60", "X-Amz-Expires=soon", "should be a number"),
            ("X-Amz-Expires=60", "X-Amz-Expires=604801", "604800"),
        ):
            self.refuse(self.changed(old, new), AuthorizationQueryParametersError, words)

    def test_clock(self) -> None:
        """
        A URL is good for as long as it says, up to a week, and not before it was made.
        """
        read_credentials(in_query(604800), NOW + 604800).verify(TOKEN)
        read_credentials(in_query(), NOW - 900).verify(TOKEN)
        error = self.refuse(in_query(), AccessDenied, "Request has expired", NOW + 61)
        self.assertEqual(error.elements["X-Amz-Expires"], "60")
        for seconds in ("0", "-1"):
            self.refuse(self.changed("X-Amz-Expires=60", f"X-Amz-Expires={seconds}"), AccessDenied, "at least 1")
        self.assertEqual(error.elements["Expires"], "2025-11-26T11:37:40.000Z")
        self.refuse(in_query(), AccessDenied, "not valid yet", NOW - 901)

    def test_no_date(self) -> None:
        """
        A day that is not in the calendar.
        """
        self.refuse(self.changed("X-Amz-Date=20251126", "X-Amz-Date=20251131"), AuthorizationQueryParametersError, "ISO8601")

    def test_no_payload_hash(self) -> None:
        """
        The mode of the payload may be in the query, and is then what is signed.
        """
        head = in_query(url=f"http://{HOST}/bucket/key?X-Amz-Content-Sha256=UNSIGNED-PAYLOAD")
        read_credentials(head, NOW).verify(TOKEN)
        changed = replace(head, target=head.target.replace("UNSIGNED-PAYLOAD", "0" * 64))
        self.assertRaises(SignatureDoesNotMatch, read_credentials(changed, NOW).verify, TOKEN)

    def test_unsigned_headers(self) -> None:
        """
        Who uses a presigned URL may not add C{x-amz-} headers.
        """
        head = in_query(x_amz_meta_a="1")
        read_credentials(head, NOW).verify(TOKEN)
        error = self.refuse(with_header(head, "x-amz-acl", "private"), AccessDenied, "not signed")
        self.assertEqual(error.elements["HeadersNotSigned"], "x-amz-acl")

    def test_host_header_missing(self) -> None:
        """
        The host must be signed.
        """
        self.refuse(self.changed("SignedHeaders=host", "SignedHeaders=date"), AccessDenied, "not signed")
