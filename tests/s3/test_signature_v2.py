"""
Version 2 signatures against botocore's, the examples of AWS's documentation, and what is refused.
"""

from __future__ import annotations

from dataclasses import replace
from email.utils import parsedate_to_datetime

from botocore.auth import HmacV1Auth, HmacV1QueryAuth
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.authorization import read_credentials
from pachgw.s3.errors import AccessDenied, InvalidArgument, RequestTimeTooSkewed, S3Error, SignatureDoesNotMatch
from pachgw.s3.request_head import RequestHead
from tests.s3.botocore_signer import HOST, KEYS, METHODS, NOW, PLAIN, PROPERTY, TOKEN, sign, url_of

EXAMPLE_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SUB_RESOURCES = st.dictionaries(
    st.sampled_from(["acl", "uploadId", "partNumber", "versionId", "response-content-type", "tagging", "prefix", "max-keys"]),
    KEYS,
    max_size=4,
)
META = st.dictionaries(st.sampled_from(["x-amz-meta-a", "x-amz-acl", "content-type", "content-md5"]), PLAIN, max_size=4)


def example(method: str, target: str, signature: str, date: str, bucket: str = "awsexamplebucket1", **headers: str) -> RequestHead:
    """
    One of the examples of the documentation.
    """
    values = {name.replace("_", "-"): [value] for name, value in headers.items()}
    values.update(date=[date], authorization=[f"AWS AKIAIOSFODNN7EXAMPLE:{signature}"], host=[f"{bucket}.us-west-1.s3.amazonaws.com"])
    return RequestHead(method, target, values, bucket)


class ExampleTests(SynchronousTestCase):
    """
    The examples of U{https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html}.
    """

    def accept(self, head: RequestHead) -> None:
        """
        Assert that the signature holds.
        """
        now = parsedate_to_datetime(head.headers["date"][0]).timestamp()
        read_credentials(head, now).verify(EXAMPLE_SECRET)

    def test_get(self) -> None:
        """
        Object GET, virtual-host style.
        """
        date = "Tue, 27 Mar 2007 19:36:42 +0000"
        self.accept(example("GET", "/photos/puppy.jpg", "qgk2+6Sv9/oM7G3qLEjTH1a1l1g=", date))

    def test_put(self) -> None:
        """
        Object PUT, with a content type.
        """
        head = example(
            "PUT",
            "/photos/puppy.jpg",
            "iqRzw+ileNPu1fhspnRs8nOjjIA=",
            "Tue, 27 Mar 2007 21:15:45 +0000",
            content_type="image/jpeg",
            content_length="94328",
        )
        self.accept(head)

    def test_list(self) -> None:
        """
        List: the parameters are not signed.
        """
        head = example("GET", "/?prefix=photos&max-keys=50&marker=puppy", "m0WP8eCtspQl5Ahe6L1SozdX9YA=", "Tue, 27 Mar 2007 19:42:41 +0000")
        self.accept(head)

    def test_fetch(self) -> None:
        """
        Fetch: the sub-resource is signed.
        """
        head = example("GET", "/?acl", "82ZHiFIjc+WbcwFKGUVEQspPn+0=", "Tue, 27 Mar 2007 19:44:46 +0000")
        self.accept(head)


class OracleTests(SynchronousTestCase):
    """
    What botocore signs is accepted, and nothing else.
    """

    @PROPERTY
    @given(METHODS, KEYS, SUB_RESOURCES, META)
    def test_header(self, method: str, key: str, query: dict[str, str], headers: dict[str, str]) -> None:
        """
        A request signed in its header is accepted with its secret only.
        """
        credentials = read_credentials(sign(HmacV1Auth, method, url_of(key, query), headers), NOW)
        self.assertEqual(credentials.verify(TOKEN).access_key, TOKEN)
        self.assertFalse(credentials.presigned)
        self.assertRaises(SignatureDoesNotMatch, credentials.verify, TOKEN[:-1])

    @PROPERTY
    @given(METHODS, KEYS, SUB_RESOURCES, META)
    def test_presigned(self, method: str, key: str, query: dict[str, str], headers: dict[str, str]) -> None:
        """
        A presigned URL is accepted with its secret only, also when the signed headers are in its query alone.
        """
        head = sign(HmacV1QueryAuth, method, url_of(key, query), headers, expires=60)
        for each in (head, replace(head, headers={"host": [HOST]})):
            credentials = read_credentials(each, NOW + 60)
            self.assertEqual(credentials.verify(TOKEN).access_key, TOKEN)
            self.assertTrue(credentials.presigned)
            self.assertRaises(SignatureDoesNotMatch, credentials.verify, "")

    def test_changed(self) -> None:
        """
        A request of which anything that is signed has been changed is refused.
        """
        head = sign(HmacV1Auth, "PUT", url_of("key", {"uploadId": "1"}), {"x-amz-acl": "private", "content-type": "a/b"})
        for changed in (
            replace(head, method="DELETE"),
            replace(head, bucket="other"),
            replace(head, target="/bucket/other?uploadId=1"),
            replace(head, target="/bucket/key?uploadId=2"),
            replace(head, target="/bucket/key?uploadId=1&acl"),
            replace(head, headers={**head.headers, "content-type": ["c/d"]}),
            replace(head, headers={**head.headers, "content-md5": ["1B2M2Y8AsgTpgAmY7PhCfg=="]}),
            replace(head, headers={**head.headers, "x-amz-acl": ["public-read"]}),
            replace(head, headers={**head.headers, "x-amz-meta-a": ["1"]}),
        ):
            error = self.assertRaises(SignatureDoesNotMatch, read_credentials(changed, NOW).verify, TOKEN)
            self.assertTrue(error.elements["StringToSign"].startswith(changed.method + "\n"))

    def test_bucket(self) -> None:
        """
        A bucket's path may lack its last slash; AWS signs it with the slash, some clients without.
        """
        for signed in (f"http://{HOST}/bucket/?uploads", f"http://{HOST}/bucket?uploads"):
            head = replace(sign(HmacV1Auth, "GET", signed, {}), target="/bucket?uploads&prefix=a")
            read_credentials(head, NOW).verify(TOKEN)
            self.assertRaises(SignatureDoesNotMatch, read_credentials(replace(head, target="/other?uploads"), NOW).verify, TOKEN)

    def test_utf8_header(self) -> None:
        """
        A header in UTF-8 is signed as its bytes.
        """
        read_credentials(sign(HmacV1Auth, "PUT", url_of("key", {}), {"x-amz-meta-name": "déjà 😀 à"}), NOW).verify(TOKEN)

    def test_several_headers_fold(self) -> None:
        """
        The values of a repeated header are joined with commas.
        """
        head = sign(HmacV1Auth, "GET", url_of("key", {}), {"x-amz-meta-a": "1,2"})
        read_credentials(replace(head, headers={**head.headers, "x-amz-meta-a": ["1 ", " 2"]}), NOW).verify(TOKEN)


class RefusedTests(SynchronousTestCase):
    """
    What is refused before any secret is asked for.
    """

    def refuse(self, head: RequestHead, error: type[S3Error], words: str, now: float = NOW) -> None:
        """
        Assert that a request is refused.

        @param words: found in the message.
        """
        self.assertIn(words, self.assertRaises(error, read_credentials, head, now).message)

    def header(self, **headers: str) -> RequestHead:
        """
        A request signed in its header, with other headers instead.
        """
        head = sign(HmacV1Auth, "GET", url_of("key", {}), {})
        changed = {name.replace("_", "-"): [value] for name, value in headers.items()}
        return replace(head, headers={**head.headers, **changed})

    def test_malformed_header(self) -> None:
        """
        A header without a key or a signature.
        """
        for value in ("AWS", "AWS :", "AWS key", "AWS key:", "AWS :signature"):
            self.refuse(self.header(authorization=value), InvalidArgument, "Expected AwsAccessKeyId:signature")

    def test_date(self) -> None:
        """
        C{x-amz-date} counts before Date; one of them must be there, and near.
        """
        near = "Wed, 26 Nov 2025 11:36:40 GMT"
        self.assertEqual(read_credentials(self.header(date="nonsense", x_amz_date=near), NOW).access_key, TOKEN)
        self.refuse(self.header(x_amz_date=""), AccessDenied, "valid Date")
        self.refuse(self.header(date="nonsense"), AccessDenied, "valid Date")
        self.refuse(self.header(date="Tue, 07 Jul 1950 21:53:04 GMT"), AccessDenied, "valid Date")
        self.refuse(self.header(date="Tue, 07 Jul 2010 21:53:04 GMT"), RequestTimeTooSkewed, "")
        self.refuse(self.header(date="Tue, 07 Jul 9999 21:53:04 GMT"), RequestTimeTooSkewed, "")

    def test_date_header_is_not_signed_beside_amazons(self) -> None:
        """
        With C{x-amz-date} the Date header may be anything.
        """
        string = read_credentials(self.header(date="nonsense", x_amz_date="Wed, 26 Nov 2025 11:36:40 GMT"), NOW)
        error = self.assertRaises(SignatureDoesNotMatch, string.verify, TOKEN)
        self.assertEqual(error.elements["StringToSign"], "GET\n\n\n\nx-amz-date:Wed, 26 Nov 2025 11:36:40 GMT\n/bucket/key")

    def test_presigned(self) -> None:
        """
        A URL that lacks a parameter, has expired, or whose time is none.
        """
        head = sign(HmacV1QueryAuth, "GET", url_of("key", {}), {}, expires=60)
        self.refuse(head, AccessDenied, "Request has expired", NOW + 61)
        for name in ("Signature", "Expires", "AWSAccessKeyId"):
            self.refuse(replace(head, target=head.target.replace(f"{name}=", f"no{name}=")), AccessDenied, "requires the Signature")
        self.refuse(replace(head, target=head.target.replace("Expires=", "Expires=x")), AccessDenied, "seconds since epoch")
