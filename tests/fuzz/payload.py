"""
What headers promise of a body: no promise may break anything.

A head, an empty line, a body.
"""

from __future__ import annotations

from pachgw.s3.checksum_headers import parse_object_checksum, parse_upload_checksum
from pachgw.s3.errors import S3Error
from pachgw.s3.payload import PayloadCheck
from tests.fuzz.heads import parse_head

SEEDS = (
    b"PUT /b/k\nx-amz-content-sha256:UNSIGNED-PAYLOAD\ncontent-md5:kAFQmDzST7DWlj99KOF/cg==\ncontent-length:3\n\nabc",
    b"PUT /\nx-amz-content-sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\nx-amz-checksum-crc32:NSRBwg==\n\nabc",
    b"PUT /b/k\ncontent-encoding:aws-chunked\nx-amz-trailer:x-amz-checksum-crc32\n\n3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n",
    b"POST /b/k?uploadId=1\nx-amz-checksum-crc32:NSRBwg==-3\nx-amz-checksum-type:COMPOSITE\n\nabc",
    b"POST /b/k?uploads\nx-amz-checksum-algorithm:CRC64NVME\nx-amz-checksum-type:FULL_OBJECT\n\n",
)


def fuzz_one(data: bytes) -> None:
    """
    Read the headers, then check the body.
    """
    lines, _, body = data.partition(b"\n\n")
    head = parse_head(lines)
    try:
        headers = {name: head.header(name) or "" for name in head.headers}
        parse_object_checksum(headers)
        parse_upload_checksum(headers)
        check = PayloadCheck(head)
        content = b"".join(check.feed(body))
        check.finish()
    except S3Error as error:
        assert error.status < 500 or error.code == "NotImplemented", error.code
        return
    assert check.received == len(content) and check.length in (None, len(content))
    assert all(checksum.value for checksum in check.checksums())
