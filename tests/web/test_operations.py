"""
Every operation: what of the request reaches L{IObjects<pachgw.objects.interfaces.IObjects>}, and what of its result reaches the client.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any, Optional
from zlib import crc32

from twisted.internet.defer import succeed
from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.values import (
    BucketEntry,
    CompletedPart,
    Deleted,
    Deletion,
    Listing,
    ListQuery,
    Part,
    PartListing,
    Upload,
    UploadListing,
    Version,
    VersionListing,
    VersionQuery,
    Written,
)
from pachgw.s3.buckets import Bucket
from pachgw.s3.conditions import ANY, NONE, Conditions
from pachgw.s3.metadata import Checksum, ChecksumType, Metadata
from pachgw.s3.operations import OPERATIONS
from pachgw.web.operations import HANDLERS
from tests.web.fake_objects import COMMIT, info_of
from tests.web.wire import Response, Wire

BUCKET = Bucket("default", "data", "master")
INFO = info_of("k", b"hello", checksums=(Checksum("CRC32", "AAAAAA=="),))
UPLOAD = Upload("k", "u1", 1_700_000_000.0, "CRC32C", ChecksumType.COMPOSITE)
PART = Part(2, "e2", 5, 1_700_000_000.0, (Checksum("CRC32", "AAAAAA=="),))


class MappingTests(SynchronousTestCase):
    """
    One test for each operation.
    """

    def setUp(self) -> None:
        """A site whose objects answer what the test says."""
        self.wire = Wire()

    def ask(self, line: str, method: str, answer: Any, body: bytes = b"", **headers: str) -> Response:
        """Send a request, which calls C{method} of the objects with this answer."""
        self.wire.objects.answers[method] = lambda *_, **__: succeed(answer)
        return self.wire.request(line, body, **headers)

    def called(self, method: str) -> tuple[Any, ...]:
        """With what C{method} was called, the caller aside."""
        (call,) = [call for call in self.wire.objects.calls if call[0] == method]
        return call[2:-1]

    def assert_holds(self, response: Response, *texts: str, status: int = 200) -> None:
        """The response has this status, and its body holds all of this."""
        self.assertEqual(response.status, status, response.body)
        for text in texts:
            self.assertIn(text.encode(), response.body)

    def test_every_operation_has_a_handler(self) -> None:
        """What the dispatch table names is done, and nothing else."""
        self.assertEqual(set(HANDLERS), {operation.name for operation in OPERATIONS})

    def test_list_buckets(self) -> None:
        """ListBuckets shows names and dates."""
        response = self.ask("GET /", "list_buckets", [BucketEntry("master.data", 0.0)])
        self.assert_holds(response, "<Name>master.data</Name><CreationDate>1970-01-01T00:00:00.000Z</CreationDate>")

    def test_list_buckets_in_pages(self) -> None:
        """ListBuckets goes on behind its token until all have been seen."""
        buckets = [BucketEntry(f"b{number}", 0.0) for number in range(5)]
        seen: list[str] = []
        token = ""
        while True:
            response = self.ask(f"GET /?max-buckets=2&continuation-token={token}", "list_buckets", buckets)
            text = response.body.decode()
            seen += [bucket.name for bucket in buckets if f"<Name>{bucket.name}</Name>" in text]
            if "<ContinuationToken>" not in text:
                break
            token = text.split("<ContinuationToken>")[1].split("<")[0]
        self.assertEqual(seen, [bucket.name for bucket in buckets])

    def test_create_bucket(self) -> None:
        """CreateBucket, with or without a location, which is not looked at."""
        body = b"<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>"
        response = self.ask("PUT /dev.data.vision", "create_bucket", None, body)
        self.assertEqual((response.status, response.headers["location"]), (200, "/dev.data.vision"))
        self.assertEqual(self.called("create_bucket"), (Bucket("vision", "data", "dev"),))

    def test_delete_bucket(self) -> None:
        """DeleteBucket."""
        self.assertEqual(self.ask("DELETE /data", "delete_bucket", None).status, 204)
        self.assertEqual(self.called("delete_bucket"), (BUCKET,))

    def test_head_bucket(self) -> None:
        """HeadBucket, and the properties that all buckets have, which need the bucket to be there."""
        self.assertEqual(self.ask("HEAD /data", "head_bucket", None).status, 200)
        self.assert_holds(self.ask("GET /data?location", "head_bucket", None), ">PACHYDERM</LocationConstraint>")
        self.assert_holds(self.ask("GET /data?versioning", "head_bucket", None), "<Status>Enabled</Status>")
        self.assert_holds(self.ask("GET /data?acl", "head_bucket", None), "<Permission>FULL_CONTROL</Permission>")
        self.assertEqual(len(self.wire.objects.calls), 4)

    def test_put_bucket_versioning(self) -> None:
        """PutBucketVersioning takes what is so anyway, and nothing else."""
        on, off = (f"<VersioningConfiguration><Status>{x}</Status></VersioningConfiguration>".encode() for x in ("Enabled", "Suspended"))
        self.assertEqual(self.ask("PUT /data?versioning", "head_bucket", None, on).status, 200)
        self.assert_holds(self.ask("PUT /data?versioning", "head_bucket", None, off), "NotImplemented", status=501)

    def test_put_acl(self) -> None:
        """PutBucketAcl and PutObjectAcl take C{private}, and nothing else."""
        self.wire.objects.stored["master.data", "k"] = b"hello"
        for line in ("PUT /data?acl", "PUT /data/k?acl"):
            self.assertEqual(self.ask(line, "head_bucket", None, x_amz_acl="private").status, 200)
            self.assert_holds(self.ask(line, "head_bucket", None, x_amz_acl="public-read"), "NotImplemented", status=501)

    def test_list_objects(self) -> None:
        """ListObjects, the first version."""
        page = Listing([INFO], ["p/"], True, "p/")
        response = self.ask("GET /data?prefix=a%2Fb&delimiter=%2F&marker=m&max-keys=7", "list", page)
        self.assert_holds(response, "<Key>k</Key>", "<Prefix>p/</Prefix>", "<NextMarker>p/</NextMarker>", "<IsTruncated>true</IsTruncated>")
        self.assertEqual(self.called("list"), (BUCKET, ListQuery("a/b", "/", "m", "", 7)))

    def test_list_objects_v2(self) -> None:
        """ListObjectsV2, with what only it has."""
        page = Listing([info_of("a b+c", b"")], [], True, "k", "next")
        response = self.ask(
            "GET /data?list-type=2&start-after=s&continuation-token=t&fetch-owner=true&encoding-type=url&max-keys=9999", "list", page
        )
        self.assert_holds(response, "<KeyCount>1</KeyCount>", "<Key>a%20b%2Bc</Key>", "<NextContinuationToken>next</NextContinuationToken>")
        self.assert_holds(response, "<Owner>")
        self.assertEqual(self.called("list"), (BUCKET, ListQuery("", "", "s", "t", 1000)))

    def test_list_object_versions(self) -> None:
        """ListObjectVersions shows versions and delete markers."""
        page = VersionListing([Version("k", COMMIT, 0.0, False, INFO), Version("k", "d" * 32, 1.0, True, None)], [], False)
        response = self.ask("GET /data?versions&prefix=k&key-marker=j&version-id-marker=v", "list_versions", page)
        self.assert_holds(response, f"<VersionId>{COMMIT}</VersionId>", "<DeleteMarker>", "<IsLatest>true</IsLatest>")
        self.assertEqual(self.called("list_versions"), (BUCKET, VersionQuery("k", "", "j", "v", 1000)))

    def test_list_object_versions_after_no_key(self) -> None:
        """A version after which to go on is one of a key, so without the key it is refused."""
        response = self.wire.request("GET /data?versions&version-id-marker=v")
        self.assert_holds(response, "<Code>InvalidArgument</Code>", "version-id-marker", status=400)

    def test_get_object_attributes(self) -> None:
        """GetObjectAttributes shows what is asked for."""
        self.wire.objects.stored["master.data", "k"] = b"hello"
        response = self.wire.request("GET /data/k?attributes", x_amz_object_attributes="ETag,ObjectSize")
        self.assert_holds(response, "<ObjectSize>5</ObjectSize>", "<ETag>")
        self.assertNotIn(b"StorageClass", response.body)

    def test_put_object(self) -> None:
        """PutObject hands on metadata and conditions, and answers checksum and version."""
        sum32 = b64encode(crc32(b"hello").to_bytes(4, "big")).decode()
        response = self.wire.request(
            "PUT /data/k", b"hello", x_amz_meta_Who="me", Content_Type="text/x", x_amz_checksum_crc32=sum32, If_None_Match="*"
        )
        self.assertEqual((response.status, response.headers["x-amz-version-id"]), (200, COMMIT))
        self.assertEqual(response.headers["x-amz-checksum-crc32"], sum32)
        self.assertEqual(self.wire.objects.metadata["master.data", "k"], Metadata({"content-type": "text/x"}, {"who": "me"}))
        self.assertEqual(self.wire.objects.calls, [("put", "master.data", "k", Conditions(if_none_match=ANY))])

    def test_put_wrong_checksum(self) -> None:
        """A checksum that is not the body's is refused, and nothing is stored."""
        self.assert_holds(self.wire.request("PUT /data/k", b"hello", x_amz_checksum_crc32="AAAAAA=="), "BadDigest", status=400)
        self.assertEqual(self.wire.objects.stored, {})

    def test_copy_object(self) -> None:
        """CopyObject hands on source, version, conditions and metadata."""
        response = self.ask(
            "PUT /data/k",
            "copy",
            Written(INFO),
            x_amz_copy_source=f"/other/a%20b?versionId={COMMIT}",
            x_amz_metadata_directive="REPLACE",
            x_amz_meta_a="b",
            x_amz_copy_source_if_match='"e"',
        )
        self.assert_holds(response, "<CopyObjectResult", "<ChecksumCRC32>AAAAAA==</ChecksumCRC32>")
        self.assertEqual((response.headers["x-amz-version-id"], response.headers["x-amz-copy-source-version-id"]), (COMMIT, COMMIT))
        source, bucket, key, metadata, conditions, algorithm = self.called("copy")
        self.assertEqual((source.bucket.repo, source.key, source.version, source.conditions.if_match), ("other", "a b", COMMIT, ("e",)))
        self.assertEqual((bucket, key, metadata, conditions, algorithm), (BUCKET, "k", Metadata({}, {"a": "b"}), NONE, None))

    def test_copy_keeps_metadata(self) -> None:
        """Without a directive the source's metadata stays."""
        self.ask("PUT /data/k", "copy", Written(INFO), x_amz_copy_source="other/a", x_amz_meta_a="b")
        self.assertIsNone(self.called("copy")[3])

    def test_delete_objects(self) -> None:
        """DeleteObjects answers for each key, also for one whose version is named, which is not done."""
        keys = "<Object><Key>a</Key></Object><Object><Key>b</Key><VersionId>v</VersionId></Object><Object><Key>c</Key></Object>"
        answer = [Deleted("a", COMMIT), Deleted("c", None)]
        response = self.ask("POST /data?delete", "delete_many", answer, f"<Delete>{keys}</Delete>".encode())
        self.assert_holds(response, "<Deleted><Key>a</Key>", "<Error><Key>b</Key>", "<Code>NotImplemented</Code>", "<Deleted><Key>c</Key>")
        self.assertEqual(self.called("delete_many"), (BUCKET, [Deletion("a"), Deletion("c")]))

    def test_delete_objects_needs_xml(self) -> None:
        """A body that is no such document changes nothing."""
        self.assert_holds(self.ask("POST /data?delete", "delete_many", [], b"<Delete><Object/>"), "MalformedXML", status=400)
        self.assertEqual(self.wire.objects.calls, [])

    def test_create_multipart_upload(self) -> None:
        """CreateMultipartUpload hands on metadata and checksums, and answers the id."""
        response = self.ask(
            "POST /data/k?uploads",
            "create_upload",
            UPLOAD,
            Content_Type="a/b",
            x_amz_checksum_algorithm="crc32c",
            x_amz_checksum_type="COMPOSITE",
        )
        self.assert_holds(response, "<UploadId>u1</UploadId>")
        self.assertEqual(response.headers["x-amz-checksum-algorithm"], "CRC32C")
        self.assertEqual(
            self.called("create_upload"), (BUCKET, "k", Metadata({"content-type": "a/b"}, {}), "CRC32C", ChecksumType.COMPOSITE)
        )

    def test_upload_part(self) -> None:
        """UploadPart answers the part's ETag and checksum."""
        response = self.ask("PUT /data/k?partNumber=2&uploadId=u1", "upload_part", PART, b"hello")
        self.assertEqual((response.status, response.headers["etag"], response.headers["x-amz-checksum-crc32"]), (200, '"e2"', "AAAAAA=="))
        self.assertNotIn("x-amz-checksum-type", response.headers)
        self.assertEqual(self.called("upload_part")[:4], (BUCKET, "k", "u1", 2))

    def test_upload_part_number(self) -> None:
        """A part's number has bounds."""
        for number in ("0", "10001", "x", "-1"):
            response = self.ask(f"PUT /data/k?partNumber={number}&uploadId=u1", "upload_part", PART, b"hello")
            self.assert_holds(response, "InvalidArgument", status=400)

    def test_upload_part_copy(self) -> None:
        """UploadPartCopy hands on the source's range."""
        response = self.ask(
            "PUT /data/k?partNumber=2&uploadId=u1",
            "upload_part_copy",
            PART,
            x_amz_copy_source="other/a",
            x_amz_copy_source_range="bytes=1-3",
        )
        self.assert_holds(response, "<CopyPartResult", "&quot;e2&quot;")
        source = self.called("upload_part_copy")[4]
        self.assertEqual((source.key, source.start, source.stop), ("a", 1, 3))

    def complete(self, **headers: str) -> Response:
        """Complete an upload of one part."""
        body = b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;e&quot;</ETag></Part></CompleteMultipartUpload>"
        return self.ask("POST /data/k?uploadId=u1", "complete_upload", Written(INFO), body, **headers)

    def test_complete_multipart_upload(self) -> None:
        """CompleteMultipartUpload hands on parts, conditions, size and the checksum, which is the object's and not the body's."""
        whole = b64encode(bytes(32)).decode() + "-1"
        response = self.complete(If_None_Match="*", x_amz_checksum_sha256=whole, x_amz_mp_object_size="5")
        self.assert_holds(response, "<CompleteMultipartUploadResult", "<Location>http://localhost/data/k</Location>")
        self.assertEqual(response.headers["x-amz-version-id"], COMMIT)
        self.assertEqual(
            self.called("complete_upload"),
            (
                BUCKET,
                "k",
                "u1",
                [CompletedPart(1, "e")],
                Conditions(if_none_match=ANY),
                Checksum("SHA256", whole, ChecksumType.COMPOSITE),
                5,
            ),
        )

    def test_abort_multipart_upload(self) -> None:
        """AbortMultipartUpload."""
        self.assertEqual(self.ask("DELETE /data/k?uploadId=u1", "abort_upload", None).status, 204)
        self.assertEqual(self.called("abort_upload"), (BUCKET, "k", "u1"))

    def test_list_parts(self) -> None:
        """ListParts shows a page of parts."""
        page = PartListing(UPLOAD, [PART], True)
        response = self.ask("GET /data/k?uploadId=u1&max-parts=1&part-number-marker=1", "list_parts", page)
        self.assert_holds(response, "<PartNumber>2</PartNumber>", "<NextPartNumberMarker>2</NextPartNumberMarker>")
        self.assertEqual(self.called("list_parts"), (BUCKET, "k", "u1", 1, 1))

    def test_list_multipart_uploads(self) -> None:
        """ListMultipartUploads shows a page of uploads."""
        page = UploadListing([UPLOAD], ["p/"], True, "k", "u1")
        response = self.ask("GET /data?uploads&prefix=p&delimiter=/&key-marker=a&upload-id-marker=i&max-uploads=3", "list_uploads", page)
        self.assert_holds(response, "<UploadId>u1</UploadId>", "<NextUploadIdMarker>u1</NextUploadIdMarker>", "<Prefix>p/</Prefix>")
        self.assertEqual(self.called("list_uploads"), (BUCKET, "p", "/", "a", "i", 3))

    def test_refusals(self) -> None:
        """What is not in the table is refused, and does nothing."""
        cases: list[tuple[str, int, Optional[str]]] = [
            ("GET /data?tagging", 501, "NotImplemented"),
            ("PUT /data/k?retention", 501, "NotImplemented"),
            ("DELETE /data?policy", 501, "NotImplemented"),
            (f"DELETE /data/k?versionId={COMMIT}", 501, "NotImplemented"),
            ("PATCH /data/k", 405, "MethodNotAllowed"),
            ("GET /a.b.c.d", 400, "InvalidBucketName"),
            ("GET /data/%ff", 400, "InvalidURI"),
            ("GET /data/k?versionId=nonsense", 400, "InvalidArgument"),
        ]
        for line, status, code in cases:
            with self.subTest(line):
                self.assert_holds(self.wire.request(line), f"<Code>{code}</Code>", status=status)
        self.assertEqual(self.wire.objects.calls, [])
