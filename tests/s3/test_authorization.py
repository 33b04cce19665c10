"""
Which credentials a request is taken to carry, and that nothing which looks like credentials breaks anything.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.authorization import read_credentials
from pachgw.s3.credentials import Anonymous
from pachgw.s3.errors import AccessDenied, InvalidArgument, NotImplemented, S3Error
from pachgw.s3.request_head import RequestHead
from tests.s3.botocore_signer import NOW, PROPERTY

LATIN = st.text(st.characters(max_codepoint=0xFF), max_size=60)
PARAMETER = st.sampled_from(
    ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires", "Signature", "acl"]
)
AUTHORIZATION = st.one_of(
    LATIN,
    LATIN.map("AWS {}".format),
    LATIN.map("AWS4-HMAC-SHA256 {}".format),
    st.tuples(LATIN, LATIN, LATIN).map(
        "AWS4-HMAC-SHA256 Credential={0[0]}/20251126/x/s3/aws4_request, SignedHeaders={0[1]},Signature={0[2]}".format
    ),
    LATIN.map(
        "AWS4-HMAC-SHA256 Credential=t/20251126/x/s3/aws4_request, SignedHeaders=host;x-amz-date;x-amz-content-sha256, Signature={}".format
    ),
)
DATE = st.one_of(
    st.just("20251126T113640Z"), st.just("Wed, 26 Nov 2025 11:36:40 GMT"), LATIN, st.from_regex(r"[0-9]{8}T[0-9]{6}Z", fullmatch=True)
)


class KindTests(SynchronousTestCase):
    """
    The ways to say who one is.
    """

    def test_anonymous(self) -> None:
        """
        No credentials, or an empty header, are nobody's; nobody can prove to be somebody.
        """
        for headers in ({}, {"authorization": [""]}):
            credentials = read_credentials(RequestHead("GET", "/", headers), NOW)
            self.assertEqual(credentials, Anonymous())
            self.assertIs(credentials.access_key, None)
            self.assertRaises(AccessDenied, credentials.verify, "")

    def test_unknown_scheme(self) -> None:
        """
        A scheme that S3 does not have is refused, without its secret in the answer.
        """
        for value in ("Bearer token", "Basic dXNlcjpwYXNz", "\x07", "aws4-hmac-sha256 x"):
            error = self.assertRaises(InvalidArgument, read_credentials, RequestHead("GET", "/", {"authorization": [value]}), NOW)
            self.assertEqual(error.message, "Unsupported Authorization Type")
            self.assertNotIn("token", str(error.elements))

    def test_version_4a(self) -> None:
        """
        The asymmetric version 4A is not implemented.
        """
        head = RequestHead("GET", "/", {"authorization": ["AWS4-ECDSA-P256-SHA256 Credential=x"]})
        self.assertRaises(NotImplemented, read_credentials, head, NOW)

    def test_one_at_a_time(self) -> None:
        """
        A request with credentials of two kinds is refused.
        """
        header = {"authorization": ["AWS4-HMAC-SHA256 Credential=x"]}
        for target, headers in (
            ("/?X-Amz-Algorithm=AWS4-HMAC-SHA256", header),
            ("/?X-Amz-Signature=1", header),
            ("/?Signature=1&Expires=2&AWSAccessKeyId=3", header),
            ("/?X-Amz-Signature=1&AWSAccessKeyId=3", {}),
        ):
            error = self.assertRaises(InvalidArgument, read_credentials, RequestHead("GET", target, headers), NOW)
            self.assertIn("Only one auth mechanism allowed", error.message)


class HostileTests(SynchronousTestCase):
    """
    Whatever a client sends, it gets an answer of S3.
    """

    def judge(self, head: RequestHead) -> None:
        """
        Read and check credentials; only S3's own errors may come of it.
        """
        try:
            credentials = read_credentials(head, NOW)
            credentials.verify("secret")
        except S3Error as error:
            self.assertLess(error.status, 502)
        else:
            self.fail(f"{head} was accepted")

    @PROPERTY
    @given(LATIN, AUTHORIZATION, DATE, st.dictionaries(LATIN, st.lists(LATIN, max_size=2), max_size=3))
    def test_header(self, target: str, authorization: str, date: str, more: dict[str, list[str]]) -> None:
        """
        Any C{Authorization} header, date, target and other headers.
        """
        headers = {
            **more,
            "host": ["h"],
            "authorization": [authorization],
            "x-amz-date": [date],
            "x-amz-content-sha256": ["UNSIGNED-PAYLOAD"],
        }
        self.judge(RequestHead("GET", target, headers))

    @PROPERTY
    @given(st.lists(st.tuples(PARAMETER, st.one_of(LATIN, DATE, st.just("AWS4-HMAC-SHA256"), st.just("60"))), max_size=12))
    def test_query(self, pairs: list[tuple[str, str]]) -> None:
        """
        Any parameters of a presigned URL.
        """
        self.judge(RequestHead("GET", "/?" + "&".join(f"{name}={value}" for name, value in pairs), {"host": ["h"]}))
