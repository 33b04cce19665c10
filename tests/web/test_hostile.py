"""
Requests that no client sends, through all layers: each gets the right error of S3, soon, and nothing is changed by it.

The site is the real one, on the real objects, on an embedded PFS that answers at once.
"""

from __future__ import annotations

import re
from typing import Optional

from twisted.internet.task import Clock

from pachgw.objects.resolving import OWN_BRANCH
from pachgw.objects.store import ObjectStore
from pachgw.pfs import messages, methods
from pachgw.pfs.proto import pfs_pb2 as pfs
from tests.objects.direct_pfs import EmbeddedTestCase
from tests.web.wire import Response, Wire, head, parse

MIB = 1024 * 1024
BOMB = b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>'
OUTSIDE = b'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&a;</Key></Object></Delete>'


class HostileTests(EmbeddedTestCase):
    """
    A repo with two branches, one object, and an upload that is under way; and a second repo.
    """

    def setUp(self) -> None:
        """Make them."""
        self.clock = Clock()
        self.clock.advance(1_000_000)
        self.pfs = self.open_pfs(self.clock)
        self.data = self.repo(self.pfs, "default", "data", ["master", "dev"])
        self.other = self.repo(self.pfs, "default", "other", ["master"])
        self.commit(self.pfs, self.data, "master", {"/k": b"0123456789", "/dir/file": b"x"})
        self.commit(self.pfs, self.data, "dev", {"/k": b"development"})
        self.commit(self.pfs, self.other, "master", {"/k": b"other"})
        store = ObjectStore(self.pfs, self.clock)
        self.wire = Wire(store)  # type: ignore[arg-type]
        begun = self.ask("POST /data/up?uploads", b"").body
        self.upload = _between(begun, "UploadId")
        part = self.ask(f"PUT /data/up?uploadId={self.upload}&partNumber=1", b"part")
        self.part = part.headers["etag"].strip('"')

    def ask(self, line: str, body: Optional[bytes] = None, **headers: str) -> Response:
        """Send a request on a connection of its own, and wait for the answer for a little."""
        self.wire.connect()
        if body == b"":
            headers["Content_Length"] = "0"
        self.wire.send(head(line, body, **headers) + (body or b""))
        for _ in range(100):
            if self.wire.transport.value():
                break
            self.clock.advance(0.05)
        [response] = parse(self.wire.received(), line.split(" ")[0])
        return response

    def state(self) -> list[str]:
        """The heads of all branches: nothing has changed if they have not."""
        branches = [(self.data, "master"), (self.data, "dev"), (self.data, OWN_BRANCH), (self.other, "master")]
        return [self.head_of(repo, branch) for repo, branch in branches]

    def head_of(self, repo: pfs.Repo, branch: str) -> str:
        """The id of a branch's head."""
        request = pfs.InspectCommitRequest(commit=messages.commit(repo, branch_name=branch))
        return str(self.successResultOf(self.pfs.call(methods.INSPECT_COMMIT, request)).commit.id)

    def assert_refused(self, code: str, status: int, line: str, body: Optional[bytes] = None, **headers: str) -> None:
        """The request gets this error, and nothing has changed."""
        before = self.state()
        response = self.ask(line, body, **headers)
        self.assertEqual((response.status, _between(response.body, "Code")), (status, code), (line[:200], headers, response.body[:500]))
        self.assertEqual(self.state(), before, line[:200])

    def test_paths(self) -> None:
        """Paths that PFS would take for others, or that are none, are not keys; to read them finds nothing."""
        for path in (
            "..",
            "%2e%2e",
            "../k",
            "dir/../k",
            "dir/%2E%2E/k",
            "./k",
            "/k",
            "dir//file",
            "k%00",
            "k%0a",
            "*",
            "%7bk,x%7d",
            "k%7f",
            "caf%c3%a9",
        ):
            self.assert_refused("NoSuchKey", 404, f"GET /data/{path}")
            self.assert_refused("InvalidFilePath", 400, f"PUT /data/{path}", b"x")
        for path in ("%ff", "%ed%a0%80", "%c3"):
            self.assert_refused("InvalidURI", 400, f"GET /data/{path}")
            self.assert_refused("InvalidURI", 400, f"PUT /data/{path}", b"x")
        for bucket in ("", "d%00a", "data.", ".data", "data..x", "%2e", "%2e%2e", "data%2fk", "a.b.c.d.e"):
            self.assert_refused("InvalidBucketName", 400, f"PUT /{bucket}/k", b"x")

    def test_own_branch(self) -> None:
        """The gateway's own branch is no bucket, whatever is done to it."""
        for line in (
            "GET /_pachgw_.data",
            "GET /_pachgw_.data/uploads/x",
            "PUT /_pachgw_.data/k",
            "DELETE /_pachgw_.data/k",
            "DELETE /_pachgw_.data",
        ):
            self.assert_refused("NoSuchBucket", 404, line, b"" if line.startswith("PUT") else None)
        self.assert_refused("NoSuchBucket", 404, "PUT /data/c", b"", x_amz_copy_source="_pachgw_.data/uploads/x")

    def test_methods(self) -> None:
        """Methods that S3 has not, or not for this."""
        for method in ("PATCH", "TRACE", "CONNECT", "get", "PROPFIND", "M" * 3000):
            self.assert_refused("MethodNotAllowed", 405, f"{method} /data/k")
        self.assert_refused("MethodNotAllowed", 405, "POST /data/k", b"x")
        self.assert_refused("MethodNotAllowed", 405, "DELETE /")

    def test_queries(self) -> None:
        """Numbers that are none, and what does not go together."""
        for query in (
            "max-keys=-1",
            "max-keys=1.5",
            "max-keys=%00",
            "list-type=3",
            "encoding-type=x",
            "acl&versioning",
            "versions&version-id-marker=x",
        ):
            self.assert_refused("InvalidArgument", 400, f"GET /data?{query}")
        for query in (
            "partNumber=0",
            "partNumber=-1",
            "partNumber=10001",
            "versionId=",
            "versionId=k",
            f"versionId={'A' * 32}",
            "uploadId=x&acl",
        ):
            self.assert_refused("InvalidArgument", 400, f"GET /data/k?{query}")
        for line in (
            "GET /data?policy",
            "GET /data/k?torrent",
            "PUT /data/k?tagging",
            "DELETE /data/k?tagging",
            "PUT /data/k?x=y",
            "GET /data?thing",
        ):
            self.assert_refused("NotImplemented", 501, line, b"x" if line.startswith("PUT") else None)

    def test_versions_of_others(self) -> None:
        """A commit of another branch or repo is no version, no source of a copy, and no bucket, of this one."""
        for commit in (self.head_of(self.data, "dev"), self.head_of(self.other, "master"), self.head_of(self.data, OWN_BRANCH), "0" * 32):
            self.assert_refused("NoSuchVersion", 404, f"GET /data/k?versionId={commit}")
            self.assert_refused("NoSuchVersion", 404, "PUT /data/c", b"", x_amz_copy_source=f"data/k?versionId={commit}")
            self.assert_refused("NoSuchBucket", 404, f"GET /{commit}.data/k")
        self.assert_refused("NotImplemented", 501, f"DELETE /data/k?versionId={self.head_of(self.data, 'master')}")

    def test_tokens_of_others(self) -> None:
        """A listing's token goes on with that listing only."""
        first = self.ask("GET /data?list-type=2&max-keys=1")
        token = _between(first.body, "NextContinuationToken")
        self.assertIn(b"<Key>k</Key>", self.ask(f"GET /data?list-type=2&continuation-token={token}").body)
        for where in ("dev.data?", "other?", "data?prefix=k&", "data?delimiter=/&"):
            self.assert_refused("InvalidArgument", 400, f"GET /{where}list-type=2&continuation-token={token}")
        for wrong in (token[:-1], f"{token}A", "x", "%00", "A" * 9000):
            self.assert_refused("InvalidArgument", 400, f"GET /data?list-type=2&continuation-token={wrong}")

    def test_documents(self) -> None:
        """Documents with a document type, too large, too many, or none."""
        for body in (
            BOMB,
            OUTSIDE,
            BOMB.decode().encode("utf-16"),
            b"<Delete>" + b"<a>" * 5000,
            b"\0",
            b"<Delete/>",
            b"<Delete><Object/></Delete>",
        ):
            self.assert_refused("MalformedXML", 400, "POST /data?delete", body)
        many = b"<Object><Key>k</Key></Object>" * 1001
        self.assert_refused("MalformedXML", 400, "POST /data?delete", b"<Delete>%s</Delete>" % many)
        for line in ("POST /data?delete", f"POST /data/up?uploadId={self.upload}", "PUT /new", "PUT /data?acl"):
            self.assert_refused("MaxMessageLengthExceeded", 400, line, b"<Delete>" + b" " * (3 * MIB))

    def test_uploads(self) -> None:
        """Parts that there are not, numbers that none has, and uploads of others; the upload goes on being there."""
        for number in ("0", "-1", "10001", "x", "", "1" * 5000):
            self.assert_refused("InvalidArgument", 400, f"PUT /data/up?uploadId={self.upload}&partNumber={number}", b"x")
        for where in ("data/other", "dev.data/up", "other/up"):
            self.assert_refused("NoSuchUpload", 404, f"POST /{where}?uploadId={self.upload}", self.complete("1"))
            self.assert_refused("NoSuchUpload", 404, f"PUT /{where}?uploadId={self.upload}&partNumber=1", b"x")
            self.assert_refused("NoSuchUpload", 404, f"DELETE /{where}?uploadId={self.upload}")
        for id in ("x", "../x", "*", "%00", self.upload.upper(), "a" * 5000):
            self.assert_refused("NoSuchUpload", 404, f"DELETE /data/up?uploadId={id}")
        completing = f"POST /data/up?uploadId={self.upload}"
        self.assert_refused("InvalidArgument", 400, completing, self.complete("0"))
        self.assert_refused("InvalidArgument", 400, completing, self.complete(*map(str, range(1, 10_002))))
        self.assert_refused("InvalidPart", 400, completing, self.complete("2"))
        self.assert_refused("InvalidPartOrder", 400, completing, self.complete("2", "1"))
        self.assert_refused("MalformedXML", 400, completing, self.complete("-1"))
        self.assert_refused("InvalidRequest", 400, completing, self.complete("1"), x_amz_mp_object_size="5")
        self.assert_refused("InvalidRequest", 400, completing, self.complete("1"), x_amz_checksum_crc32="AAAAAA==")
        self.assertEqual(self.ask(completing, self.complete("1")).status, 200)

    def test_bodies(self) -> None:
        """What the headers say of a body, and it is not."""
        for code, headers in (
            ("InvalidDigest", {"Content_MD5": "x"}),
            ("BadDigest", {"Content_MD5": "A" * 22 + "=="}),
            ("BadDigest", {"x_amz_checksum_crc32": "AAAAAA=="}),
            ("XAmzContentSHA256Mismatch", {"x_amz_content_sha256": "0" * 64}),
            ("InvalidArgument", {"x_amz_content_sha256": "nonsense"}),
            ("IncompleteBody", {"x_amz_content_sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}),
            ("MetadataTooLarge", {"x_amz_meta_a": "x" * 2049}),
            ("PreconditionFailed", {"If_None_Match": "*"}),
            ("InvalidArgument", {"x_amz_acl": "nonsense"}),
        ):
            self.assert_refused(code, 412 if code == "PreconditionFailed" else 400, "PUT /data/k", b"abc", **headers)

    def complete(self, *numbers: str) -> bytes:
        """A C{CompleteMultipartUpload} of parts that all have the ETag of the one that is there."""
        parts = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{self.part}</ETag></Part>" for number in numbers)
        return f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()


def _between(document: bytes, name: str) -> str:
    """The text of an element, empty if there is none."""
    found = re.search(rf"<{name}>(.*?)</{name}>", document.decode())
    return found.group(1) if found else ""
