"""
The documents of multipart uploads, of copies, and of GetObjectAttributes.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.values import ObjectInfo, ObjectPart, Part, Upload, UploadListing
from pachgw.s3.documents_attributes import ATTRIBUTES, object_attributes, parse_attributes
from pachgw.s3.documents_copy import copy_object_result, copy_part_result
from pachgw.s3.documents_multipart import (
    CompletedPart,
    UploadsQuery,
    complete_result,
    initiate_result,
    list_parts,
    list_uploads,
    parse_complete,
)
from pachgw.s3.errors import InvalidArgument, InvalidPartOrder, MalformedXML
from pachgw.s3.metadata import Checksum, ChecksumType
from tests.s3.validated import is_valid, names, texts, valid

S3 = "http://s3.amazonaws.com/doc/2006-03-01/"
TIME = 1622683896.25
SUM = Checksum("CRC32", "AAAAAA==")
COMPOSITE = Checksum("SHA256", "AAAA-2", ChecksumType.COMPOSITE)


def complete(*parts: str) -> bytes:
    """
    A request with the insides of parts.
    """
    return f'<CompleteMultipartUpload xmlns="{S3}">{"".join(f"<Part>{part}</Part>" for part in parts)}</CompleteMultipartUpload>'.encode()


def part(number: object, rest: str = "<ETag>e</ETag>") -> str:
    """
    The inside of a part.
    """
    return f"<PartNumber>{number}</PartNumber>{rest}"


class CompleteTests(SynchronousTestCase):
    """
    L{parse_complete}.
    """

    def test_parts(self) -> None:
        """
        Numbers need not be without gaps; ETags lose their quotes; checksums of every algorithm are taken.
        """
        body = complete(part(1), part(7, "<ChecksumCRC32>AAAAAA==</ChecksumCRC32><ETag>&quot;f-1&quot;</ETag>"))
        self.assertTrue(is_valid("CompleteMultipartUpload", body))
        self.assertEqual(parse_complete(body), [CompletedPart(1, "e"), CompletedPart(7, "f-1", (SUM,))])
        for algorithm in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"):
            name = f"Checksum{algorithm}"
            body = complete(part(1, f"<ETag>e</ETag><{name}>x</{name}>"))
            self.assertEqual(parse_complete(body)[0].checksums, (Checksum(algorithm, "x"),))

    def test_all_parts(self) -> None:
        """
        10,000 parts with checksums are within the limits.
        """
        body = complete(*(part(number, "<ETag>e</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32>") for number in range(1, 10001)))
        self.assertEqual(len(parse_complete(body)), 10000)

    def test_order(self) -> None:
        """
        Numbers ascend.
        """
        for numbers in ((2, 1), (1, 3, 2), (1, 2, 1)):
            self.assertRaises(InvalidPartOrder, parse_complete, complete(*map(part, numbers)))

    def test_sent_again(self) -> None:
        """
        Of a part that is named again and again the last naming counts.
        """
        body = complete(part(1, "<ETag>a</ETag>"), part(1, "<ETag>b</ETag>"), part(2, "<ETag>c</ETag>"))
        self.assertEqual(parse_complete(body), [CompletedPart(1, "b"), CompletedPart(2, "c")])

    def test_numbers(self) -> None:
        """
        1 to 10000.
        """
        for number in (0, 10001):
            self.assertRaises(InvalidArgument, parse_complete, complete(part(number)))

    def test_malformed(self) -> None:
        """
        No part, or a part without its number or ETag, or with more.
        """
        for body in (
            complete(),
            complete("<ETag>e</ETag>"),
            complete(part(1, "")),
            complete(part("x")),
            complete(part("-1")),
            complete(part("1" * 5000)),
            complete(part(1, "<ETag>e</ETag><ETag>f</ETag>")),
            complete(part(1, "<ETag>e</ETag><Size>1</Size>")),
            b"",
            b"<CompleteMultipartUpload><Other/></CompleteMultipartUpload>",
        ):
            self.assertRaises(MalformedXML, parse_complete, body)
            self.assertFalse(is_valid("CompleteMultipartUpload", body), body)


class OutTests(SynchronousTestCase):
    """
    What is answered.
    """

    def test_initiate(self) -> None:
        """
        The upload's id.
        """
        self.assertEqual(texts(valid(initiate_result("b", "k&", "u")), "Key"), ["k&"])

    def test_complete(self) -> None:
        """
        The ETag in its quotes, and the checksum of the whole.
        """
        root = valid(complete_result("http://h/b/k", "b", "k", "e-1", (COMPOSITE,)))
        self.assertEqual(
            texts(root, "ETag") + texts(root, "ChecksumSHA256") + texts(root, "ChecksumType"), ['"e-1"', "AAAA-2", "COMPOSITE"]
        )

    def test_copies(self) -> None:
        """
        When it was made and what it is.
        """
        root = valid(copy_object_result("e", TIME, (SUM,)))
        self.assertEqual(names(root), ["LastModified", "ETag", "ChecksumCRC32", "ChecksumType"])
        self.assertEqual(names(valid(copy_part_result("e", TIME, (SUM,)))), ["LastModified", "ETag", "ChecksumCRC32"])

    def test_parts(self) -> None:
        """
        A page of parts, and an empty one.
        """
        upload = Upload("k", "u", TIME, "CRC32", ChecksumType.FULL_OBJECT)
        root = valid(list_parts("b", upload, [Part(3, "e", 5, TIME, (SUM,)), Part(9, "f", 6, TIME)], True, 2, 2))
        self.assertEqual(texts(root, "Part/PartNumber"), ["3", "9"])
        self.assertEqual(texts(root, "Part/ETag"), ['"e"', '"f"'])
        for name, value in (("PartNumberMarker", "2"), ("NextPartNumberMarker", "9"), ("MaxParts", "2"), ("IsTruncated", "true")):
            self.assertEqual(texts(root, name), [value], name)
        root = valid(list_parts("b", Upload("k\x01", "u", TIME), [], False, encoded=True))
        self.assertEqual(texts(root, "NextPartNumberMarker") + texts(root, "Key"), ["0", "k%01"])

    def test_uploads(self) -> None:
        """
        A page of uploads with common prefixes.
        """
        page = UploadListing([Upload("k", "u", TIME), Upload("l", "v", TIME, "CRC32", ChecksumType.COMPOSITE)], ["p/"], True, "p/", "w")
        root = valid(list_uploads("b", UploadsQuery("", "/", "j", "t", 3), page))
        self.assertEqual(texts(root, "Upload/Key") + texts(root, "Upload/UploadId"), ["k", "l", "u", "v"])
        for name, value in (
            ("KeyMarker", "j"),
            ("UploadIdMarker", "t"),
            ("NextKeyMarker", "p/"),
            ("NextUploadIdMarker", "w"),
            ("MaxUploads", "3"),
        ):
            self.assertEqual(texts(root, name), [value], name)
        self.assertEqual(texts(valid(list_uploads("b", UploadsQuery(), UploadListing([], [], False))), "IsTruncated"), ["false"])


class AttributesTests(SynchronousTestCase):
    """
    GetObjectAttributes.
    """

    info = ObjectInfo("k", 7, bytes(32), TIME, "0" * 32, None, (SUM,))

    def test_wanted(self) -> None:
        """
        Only what was asked for; the ETag without quotes.
        """
        root = valid(object_attributes(self.info, frozenset({"ETag", "ObjectSize"})))
        self.assertEqual(names(root), ["ETag", "ObjectSize"])
        self.assertEqual(texts(root, "ETag"), ["00" * 32 + "-1"])
        root = valid(object_attributes(self.info, ATTRIBUTES))
        self.assertEqual(names(root), ["ETag", "Checksum", "StorageClass", "ObjectSize"])
        self.assertEqual(texts(root, "Checksum/ChecksumCRC32"), ["AAAAAA=="])

    def test_parts(self) -> None:
        """
        A page of the parts, with their checksums where they are known, and how many there are in all.
        """
        parts = [ObjectPart(1, 5, (SUM,)), ObjectPart(2, 5), ObjectPart(3, 1)]
        for after, limit, numbers, following, truncated in (
            (0, 1000, ["1", "2", "3"], "3", "false"),
            (0, 2, ["1", "2"], "2", "true"),
            (2, 1, ["3"], "3", "false"),
            (9, 5, [], "9", "false"),
            (1, 0, [], "1", "true"),
        ):
            root = valid(object_attributes(self.info, ATTRIBUTES, parts, after, limit))
            self.assertEqual(names(root), ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"])
            self.assertEqual(texts(root, "ObjectParts/Part/PartNumber"), numbers)
            self.assertEqual(texts(root, "ObjectParts/NextPartNumberMarker"), [following])
            self.assertEqual(texts(root, "ObjectParts/IsTruncated"), [truncated])
            self.assertEqual(texts(root, "ObjectParts/PartsCount"), ["3"])
            self.assertEqual(texts(root, "ObjectParts/Part/ChecksumCRC32"), ["AAAAAA=="] if "1" in numbers else [])
        self.assertEqual(names(valid(object_attributes(self.info, frozenset({"ObjectSize"}), parts))), ["ObjectSize"])

    def test_header(self) -> None:
        """
        A list with at least one known name and no unknown one.
        """
        name = "x-amz-object-attributes"
        self.assertEqual(parse_attributes({name: "ETag, ObjectSize"}), frozenset({"ETag", "ObjectSize"}))
        for headers in ({}, {name: ""}, {name: "ETag,Colour"}):
            self.assertRaises(InvalidArgument, parse_attributes, headers)
