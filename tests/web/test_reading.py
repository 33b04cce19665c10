"""
GetObject and HeadObject: ranges, conditions, and what describes an object.
"""

from __future__ import annotations

from typing import Optional

from twisted.internet.defer import succeed
from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.values import ObjectInfo, ObjectPart, Wanted
from pachgw.s3.metadata import Checksum, ChecksumType, Metadata
from tests.web.fake_objects import COMMIT, FakeContent, FakeOpen, info_of
from tests.web.wire import Response, Wire

CONTENT = b"0123456789"


class ReadingTests(SynchronousTestCase):
    """
    A site with C{data/k.bin}, of ten bytes.
    """

    def setUp(self) -> None:
        """The site."""
        self.wire = Wire()
        self.wire.objects.stored["master.data", "k.bin"] = CONTENT
        self.etag = f'"{info_of("k.bin", CONTENT).etag}"'

    def get(self, **headers: str) -> Response:
        """GET it."""
        return self.wire.request("GET /data/k.bin", **headers)

    def test_ranges(self) -> None:
        """One range is answered with 206; several, and what is no range, with the whole."""
        cases = [
            ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
            ("bytes=8-", 206, b"89", "bytes 8-9/10"),
            ("bytes=-3", 206, b"789", "bytes 7-9/10"),
            ("bytes=5-99", 206, b"56789", "bytes 5-9/10"),
            ("bytes=0-1,3-4", 200, CONTENT, None),
            ("lines=1-2", 200, CONTENT, None),
            ("bytes=4-2", 200, CONTENT, None),
        ]
        for value, status, body, content_range in cases:
            with self.subTest(value):
                response = self.get(Range=value)
                self.assertEqual((response.status, response.body), (status, body))
                self.assertEqual(response.headers.get("content-range"), content_range)

    def test_only_the_range_is_read(self) -> None:
        """PFS is asked for the bytes of the range alone."""
        self.get(Range="bytes=2-4")
        self.assertEqual([len(opened.opened) for opened in self.wire.objects.opened], [1])

    def test_wanted_early(self) -> None:
        """What will be read is said when the object is opened, if it can be told then; what is open is closed, whatever is answered."""
        cases: list[tuple[str, dict[str, str], Optional[Wanted]]] = [
            ("GET /data/k.bin", {}, Wanted(0)),
            ("GET /data/k.bin", {"If_Match": self.etag}, Wanted(0)),
            ("GET /data/k.bin", {"Range": "bytes=2-4"}, Wanted(2, 3)),
            ("GET /data/k.bin", {"Range": "bytes=-3"}, None),
            ("GET /data/k.bin", {"Range": "bytes=10-"}, Wanted(10)),
            ("GET /data/k.bin", {"If_None_Match": self.etag}, None),
            ("GET /data/k.bin?partNumber=1", {}, None),
            ("HEAD /data/k.bin", {}, None),
        ]
        for request, headers, wanted in cases:
            with self.subTest(request, headers=headers):
                self.wire.request(request, **headers)
                opened = self.wire.objects.opened[-1]
                self.assertEqual((opened.wanted, opened.closed), (wanted, True))

    def test_unsatisfiable(self) -> None:
        """A range behind the end is told how long the object is."""
        response = self.get(Range="bytes=10-")
        self.assertEqual((response.status, response.headers["content-range"]), (416, "bytes */10"))
        self.assertIn(b"<Code>InvalidRange</Code>", response.body)

    def test_range_of_head(self) -> None:
        """HEAD answers a range like GET, and reads nothing."""
        response = self.wire.request("HEAD /data/k.bin", Range="bytes=2-4")
        self.assertEqual((response.status, response.headers["content-length"], response.body), (206, "3", b""))
        self.assertEqual(self.wire.objects.opened[0].opened, [])

    def test_not_modified(self) -> None:
        """What the client has already is answered with 304, the validators, and no body."""
        response = self.get(If_None_Match=self.etag)
        self.assertEqual((response.status, response.body, response.headers["etag"]), (304, b"", self.etag))
        self.assertEqual(response.headers["x-amz-version-id"], COMMIT)

    def test_conditions(self) -> None:
        """Conditions hold or do not."""
        cases = [
            ({"If_Match": self.etag}, 200),
            ({"If_Match": '"other"'}, 412),
            ({"If_None_Match": '"other"'}, 200),
            ({"If_Modified_Since": "Tue, 14 Nov 2023 22:13:20 GMT"}, 304),
            ({"If_Unmodified_Since": "Tue, 14 Nov 2023 22:13:19 GMT"}, 412),
        ]
        for headers, status in cases:
            with self.subTest(headers):
                self.assertEqual(self.get(**headers).status, status)

    def test_if_range(self) -> None:
        """C{If-Range} with another ETag gives the whole."""
        self.assertEqual(self.get(Range="bytes=1-2", If_Range=self.etag).status, 206)
        self.assertEqual(self.get(Range="bytes=1-2", If_Range='"other"').status, 200)

    def test_parts(self) -> None:
        """An object that was uploaded in parts can be read by them, each with its own checksum."""
        name = "master.data", "k.bin"
        self.wire.objects.parts[name] = [ObjectPart(1, 6, (Checksum("CRC32", "AAAAAA=="),)), ObjectPart(2, 4)]
        self.wire.objects.checksums[name] = (Checksum("CRC32", "BBBBBB==-2", ChecksumType.COMPOSITE),)
        mode = {"x_amz_checksum_mode": "ENABLED"}
        first, second = (self.wire.request(f"GET /data/k.bin?partNumber={number}", **mode) for number in (1, 2))
        self.assertEqual((first.status, first.body, first.headers["content-range"]), (206, b"012345", "bytes 0-5/10"))
        self.assertEqual((second.status, second.body, second.headers["content-range"]), (206, b"6789", "bytes 6-9/10"))
        self.assertEqual((first.headers["x-amz-checksum-crc32"], first.headers["x-amz-checksum-type"]), ("AAAAAA==", "COMPOSITE"))
        self.assertNotIn("x-amz-checksum-crc32", second.headers)
        head = self.wire.request("HEAD /data/k.bin?partNumber=2")
        self.assertEqual((head.status, head.headers["content-length"], head.headers["x-amz-mp-parts-count"]), (206, "4", "2"))
        whole = self.get(**mode)
        self.assertEqual((whole.body, whole.headers["x-amz-checksum-crc32"]), (CONTENT, "BBBBBB==-2"))
        self.assertNotIn("x-amz-mp-parts-count", whole.headers)
        refused = self.wire.request("GET /data/k.bin?partNumber=3")
        self.assertEqual(refused.status, 400)
        self.assertIn(b"<Code>InvalidPart</Code>", refused.body)

    def test_empty_parts(self) -> None:
        """A part without bytes has no range; an object without bytes is answered as it is."""
        name = "master.data", "k.bin"
        self.wire.objects.parts[name] = [ObjectPart(1, 10), ObjectPart(2, 0)]
        self.assertEqual(self.wire.request("GET /data/k.bin?partNumber=2").status, 416)
        self.wire.objects.stored[name] = b""
        self.wire.objects.parts[name] = [ObjectPart(1, 0)]
        response = self.wire.request("GET /data/k.bin?partNumber=1")
        self.assertEqual((response.status, response.body, response.headers["x-amz-mp-parts-count"]), (200, b"", "1"))

    def test_part_number(self) -> None:
        """An object that was not uploaded in parts is its own first part, and has no other."""
        response = self.wire.request("GET /data/k.bin?partNumber=1")
        self.assertEqual((response.status, response.body, response.headers["content-range"]), (206, CONTENT, "bytes 0-9/10"))
        self.assertEqual(self.wire.request("GET /data/k.bin?partNumber=2").status, 400)
        self.assertEqual(self.wire.request("GET /data/k.bin?partNumber=1", Range="bytes=0-1").status, 400)

    def test_version(self) -> None:
        """The version that is asked for is looked for."""
        self.wire.request(f"GET /data/k.bin?versionId={COMMIT}")
        self.assertEqual(self.wire.objects.calls[-1], ("open", "master.data", "k.bin", COMMIT))

    def test_metadata(self) -> None:
        """What was given at the PUT comes back, in headers that every client can read."""
        self.wire.objects.metadata["master.data", "k.bin"] = Metadata({"content-type": "a/b", "cache-control": "no-cache"}, {"who": "Zoë"})
        response = self.get()
        self.assertEqual((response.headers["content-type"], response.headers["cache-control"]), ("a/b", "no-cache"))
        self.assertEqual(response.headers["x-amz-meta-who"], "=?UTF-8?B?Wm/Dqw==?=")

    def test_overrides(self) -> None:
        """Headers can be replaced by those who sign, even while nobody looks at the signature."""
        line = "GET /data/k.bin?response-content-type=text%2Fx&response-cache-control=never"
        response = self.wire.request(line, Authorization="AWS a:b")
        self.assertEqual((response.headers["content-type"], response.headers["cache-control"]), ("text/x", "never"))
        self.assertEqual(self.wire.request(line).status, 400)

    def test_overrides_cannot_break_the_message(self) -> None:
        """A line break in what replaces a header is refused, and reaches no client."""
        response = self.wire.request("GET /data/k.bin?response-content-type=a%0d%0aEvil:%20b", Authorization="AWS a:b")
        self.assertEqual(response.status, 400)
        self.assertNotIn("evil", response.headers)

    def open_as(self, info: ObjectInfo, *pieces: bytes) -> FakeOpen:
        """Have the next reads find this object."""
        opened = FakeOpen(info, lambda start, length: FakeContent([b"".join(pieces)[start : start + length]]))
        self.wire.objects.open = lambda *_: succeed(opened)  # type: ignore[method-assign]
        return opened

    def test_type_by_content(self) -> None:
        """A key that tells nothing has its type looked up in its bytes, by GET with no further read, by HEAD with a short one."""
        png = b"\x89PNG\r\n\x1a\n" + bytes(1000)
        opened = self.open_as(info_of("noname", png), png)
        response = self.wire.request("GET /data/noname")
        self.assertEqual((response.headers["content-type"], response.body, len(opened.opened)), ("image/png", png, 1))
        response = self.wire.request("GET /data/noname", Range="bytes=500-501")
        self.assertEqual((response.headers["content-type"], response.body), ("image/png", b"\0\0"))
        self.assertEqual(self.wire.request("HEAD /data/noname").headers["content-type"], "image/png")
        self.assertTrue(all(content.cancelled for content in opened.opened))

    def test_checksums(self) -> None:
        """Checksums are shown to those who ask, and never on a part of an object."""
        self.open_as(info_of("k.bin", CONTENT, checksums=(Checksum("CRC32", "AAAAAA=="),)), CONTENT)
        self.assertNotIn("x-amz-checksum-crc32", self.get().headers)
        response = self.get(x_amz_checksum_mode="ENABLED")
        self.assertEqual((response.headers["x-amz-checksum-crc32"], response.headers["x-amz-checksum-type"]), ("AAAAAA==", "FULL_OBJECT"))
        self.assertNotIn("x-amz-checksum-crc32", self.get(x_amz_checksum_mode="ENABLED", Range="bytes=0-1").headers)

    def test_empty_object(self) -> None:
        """An empty object has a body of no bytes."""
        self.wire.objects.stored["master.data", "empty"] = b""
        response = self.wire.request("GET /data/empty")
        self.assertEqual((response.status, response.headers["content-length"], response.body), (200, "0", b""))
