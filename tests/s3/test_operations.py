"""
The dispatch table, held against AWS's list of operations as botocore knows it: each either finds its own row or is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Optional

from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.errors import InvalidArgument, MethodNotAllowed, NotImplemented, S3Error
from pachgw.s3.operations import OPERATIONS, Level, Operation, match
from tests.s3.amazon import ELSEWHERE, MODEL, TWINS, request

DONE = {
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateBucket",
    "CreateMultipartUpload",
    "DeleteBucket",
    "DeleteObject",
    "DeleteObjects",
    "GetBucketAcl",
    "GetBucketLocation",
    "GetBucketVersioning",
    "GetObject",
    "GetObjectAcl",
    "GetObjectAttributes",
    "HeadBucket",
    "HeadObject",
    "ListBuckets",
    "ListMultipartUploads",
    "ListObjectVersions",
    "ListObjects",
    "ListObjectsV2",
    "ListParts",
    "PutBucketAcl",
    "PutBucketVersioning",
    "PutObject",
    "PutObjectAcl",
    "UploadPart",
    "UploadPartCopy",
}
"""
What the gateway promises.
"""


def found(method: str, level: Level, query: Mapping[str, str], headers: Optional[Mapping[str, str]] = None) -> str:
    """
    The operation's name, or the error's code.
    """
    try:
        return match(method, level, query, headers or {}).name
    except S3Error as error:
        return error.code


class AmazonsListTests(SynchronousTestCase):
    """
    Every operation of AWS.
    """

    def test_each_is_itself_or_refused(self) -> None:
        """
        An operation that is in our table finds its own row, any other gets C{NotImplemented}.
        """
        ours = {row.name for row in OPERATIONS}
        wrong = {}
        for name in set(MODEL.operation_names) - ELSEWHERE:
            answer = found(*request(MODEL.operation_model(name)))
            expected = TWINS.get(name, name if name in ours else "NotImplemented")
            if answer != expected:
                wrong[name] = (answer, expected)
        self.assertEqual(wrong, {})

    def test_our_names_are_amazons(self) -> None:
        """
        The table invents no operation.
        """
        self.assertEqual({row.name for row in OPERATIONS} - set(MODEL.operation_names), set())

    def test_what_we_do(self) -> None:
        """
        The list of what is done is known by name, so that a row does not get lost.
        """
        self.assertEqual({row.name for row in OPERATIONS}, DONE)

    def test_parameters_of_amazon_are_taken(self) -> None:
        """
        No query key that AWS documents for an operation of ours is refused, but for the version of a delete.
        """
        for row in OPERATIONS:
            operation = MODEL.operation_model(row.name)
            method, level, query, headers = request(operation)
            names = [member.serialization["name"] for member in operation.input_shape.members.values() if self._in_query(member)]
            for name in names:
                expected = "NotImplemented" if (row.name, name) == ("DeleteObject", "versionId") else row.name
                self.assertEqual(found(method, level, {name: "1", **query}, headers), expected, f"{row.name}?{name}")

    def test_headers_of_amazon_are_judged(self) -> None:
        """
        Of the headers that AWS documents for writes, these and no others are refused.
        """
        refused = set()
        for name in (
            "CreateBucket",
            "PutObject",
            "CopyObject",
            "CreateMultipartUpload",
            "UploadPart",
            "CompleteMultipartUpload",
            "DeleteObject",
        ):
            operation = MODEL.operation_model(name)
            method, level, query, headers = request(operation)
            for member in operation.input_shape.members.values():
                header = member.serialization["name"].lower() if member.serialization.get("location") == "header" else ""
                if header and found(method, level, query, {**headers, header: "x"}) != name:
                    refused.add(re.sub(r"(encryption|x-amz-grant|object-lock)-.*", r"\1", header))
        self.assertEqual(
            refused,
            {
                "x-amz-acl",
                "x-amz-bucket-namespace",
                "x-amz-bucket-object-lock",
                "x-amz-bypass-governance-retention",
                "x-amz-copy-source-server-side-encryption",
                "x-amz-expected-bucket-owner",
                "x-amz-grant",
                "x-amz-if-match-last-modified-time",
                "x-amz-if-match-size",
                "x-amz-mfa",
                "x-amz-object-lock",
                "x-amz-object-ownership",
                "x-amz-server-side-encryption",
                "x-amz-source-expected-bucket-owner",
                "x-amz-storage-class",
                "x-amz-tagging",
                "x-amz-website-redirect-location",
                "x-amz-write-offset-bytes",
            },
        )

    def _in_query(self, member: object) -> bool:
        return getattr(member, "serialization", {}).get("location") == "querystring"


class MatchTests(SynchronousTestCase):
    """
    What AWS's list does not show.
    """

    def test_unknown_subresource_never_falls_through(self) -> None:
        """
        C{?foo} has the form of a sub-resource and is refused whatever the method and level.
        """
        for row in OPERATIONS:
            if not row.needs:
                self.assertEqual(found(row.method, row.level, {"foo": ""}), "NotImplemented", row.name)

    def test_unknown_parameters_are_ignored_on_reads(self) -> None:
        """
        mc sends C{metadata=true}, a browser perhaps a time.
        """
        self.assertEqual(found("GET", Level.BUCKET, {"list-type": "2", "metadata": "true"}), "ListObjectsV2")
        self.assertEqual(found("GET", Level.OBJECT, {"t": "123"}), "GetObject")

    def test_unknown_parameters_are_refused_on_writes(self) -> None:
        """
        What might be a sub-resource of tomorrow must not replace or delete an object.
        """
        for method in ("PUT", "DELETE"):
            for level in (Level.BUCKET, Level.OBJECT):
                self.assertEqual(found(method, level, {"newThing": "1"}), "NotImplemented")

    def test_the_clients_own_keys(self) -> None:
        """
        C{x-id}, which SDKs send, and signatures change nothing.
        """
        query = {"x-id": "PutObject", "X-Amz-Signature": "", "AWSAccessKeyId": "a", "Signature": "b", "Expires": "1"}
        self.assertEqual(found("PUT", Level.OBJECT, query), "PutObject")
        self.assertEqual(found("DELETE", Level.OBJECT, query), "DeleteObject")

    def test_refused_subresource_wins(self) -> None:
        """
        Beside one that is known, one that is not done is still refused.
        """
        self.assertEqual(found("GET", Level.OBJECT, {"acl": "", "tagging": ""}), "NotImplemented")

    def test_contradiction(self) -> None:
        """
        Two sub-resources do not go together.
        """
        with self.assertRaises(InvalidArgument) as caught:
            match("GET", Level.BUCKET, {"acl": "", "versioning": ""}, {})
        self.assertEqual(caught.exception.elements["ArgumentName"], "ResourceType")

    def test_wrong_level(self) -> None:
        """
        A sub-resource of buckets is none of an object, and no key's plain GET.
        """
        self.assertEqual(found("GET", Level.OBJECT, {"versioning": ""}), "NotImplemented")
        self.assertEqual(found("PUT", Level.BUCKET, {"uploadId": "1"}), "NotImplemented")
        self.assertEqual(found("GET", Level.SERVICE, {"acl": ""}), "NotImplemented")

    def test_wrong_method(self) -> None:
        """
        A method that does not go with its target is 405, also for methods that S3 does not have.
        """
        for method, level, query in (
            ("HEAD", Level.SERVICE, {}),
            ("PUT", Level.SERVICE, {}),
            ("POST", Level.OBJECT, {}),
            ("PROPFIND", Level.BUCKET, {}),
            ("get", Level.BUCKET, {}),
            ("HEAD", Level.OBJECT, {"acl": ""}),
            ("DELETE", Level.BUCKET, {"versioning": ""}),
        ):
            self.assertRaises(MethodNotAllowed, match, method, level, query, {})

    def test_forms_and_preflights(self) -> None:
        """
        A POST to a bucket is a form's upload, an OPTIONS a CORS preflight; neither is done.
        """
        self.assertEqual(found("POST", Level.BUCKET, {}), "NotImplemented")
        self.assertEqual(found("OPTIONS", Level.OBJECT, {}), "NotImplemented")

    def test_parts_need_both(self) -> None:
        """
        An upload without a part's number, and a number without an upload, must not become a PUT of the object.
        """
        self.assertRaises(InvalidArgument, match, "PUT", Level.OBJECT, {"uploadId": "1"}, {})
        self.assertRaises(InvalidArgument, match, "PUT", Level.OBJECT, {"partNumber": "1"}, {})

    def test_copy_source_decides(self) -> None:
        """
        The header makes a PUT a copy, of an object or a part.
        """
        header = {"x-amz-copy-source": "b/k"}
        self.assertEqual(found("PUT", Level.OBJECT, {}, header), "CopyObject")
        self.assertEqual(found("PUT", Level.OBJECT, {"uploadId": "u", "partNumber": "1"}, header), "UploadPartCopy")

    def test_version_of_a_delete(self) -> None:
        """
        A version cannot be deleted; an empty one is an error of its own.
        """
        self.assertRaises(NotImplemented, match, "DELETE", Level.OBJECT, {"versionId": "0" * 32}, {})
        self.assertRaises(InvalidArgument, match, "DELETE", Level.OBJECT, {"versionId": ""}, {})

    def test_list_type(self) -> None:
        """
        There are two kinds of listing.
        """
        self.assertEqual(found("GET", Level.BUCKET, {}), "ListObjects")
        self.assertRaises(InvalidArgument, match, "GET", Level.BUCKET, {"list-type": "3"}, {})

    def test_rows_are_distinct(self) -> None:
        """
        No two rows answer to the same request.
        """
        keys = [(row.method, row.level, row.needs, row.header) for row in OPERATIONS]
        self.assertEqual(len(set(keys)), len(keys))
        self.assertIsInstance(OPERATIONS[0], Operation)


class HeaderTests(SynchronousTestCase):
    """
    Values that make a difference.
    """

    def test_what_is_so_anyway_is_taken(self) -> None:
        """
        Private, standard, untagged, unlocked and ours.
        """
        headers = {
            "x-amz-acl": "private",
            "x-amz-storage-class": "STANDARD",
            "x-amz-tagging": "",
            "x-amz-bucket-object-lock-enabled": "false",
            "x-amz-expected-bucket-owner": "0" * 32,
        }
        self.assertEqual(found("PUT", Level.OBJECT, {}, headers), "PutObject")

    def test_values(self) -> None:
        """
        A value that S3 knows is C{NotImplemented}, one that it does not know has its own error.
        """
        for header, value, code in (
            ("x-amz-acl", "public-read", "NotImplemented"),
            ("x-amz-acl", "public", "InvalidArgument"),
            ("x-amz-storage-class", "GLACIER", "NotImplemented"),
            ("x-amz-storage-class", "COLD", "InvalidStorageClass"),
            ("x-amz-expected-bucket-owner", "123456789012", "AccessDenied"),
            ("x-amz-server-side-encryption", "AES256", "NotImplemented"),
        ):
            self.assertEqual(found("PUT", Level.OBJECT, {}, {header: value}), code, f"{header}: {value}")
