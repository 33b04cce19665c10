"""
Bodies that are documents: whatever they hold, they are read, or refused with an error of S3.

The first byte chooses the document.
"""

from __future__ import annotations

from pachgw.s3.documents_acl import access_control_policy, check_access_control_policy
from pachgw.s3.documents_bucket import check_create_bucket, check_versioning
from pachgw.s3.documents_delete import MAX_KEYS, parse_delete
from pachgw.s3.documents_multipart import parse_complete
from pachgw.s3.errors import S3Error
from pachgw.s3.parameters import MAX_PART

_READERS = (check_create_bucket, check_versioning, check_access_control_policy, parse_delete, parse_complete)

SEEDS = (
    b"\x00<CreateBucketConfiguration><LocationConstraint>eu</LocationConstraint></CreateBucketConfiguration>",
    b"\x01<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Disabled</MfaDelete></VersioningConfiguration>",
    b"\x02" + access_control_policy(),
    b'\x03<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>a&amp;b</Key><VersionId>v</VersionId></Object><Quiet>true</Quiet></Delete>',
    b"\x04<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;e&quot;</ETag></Part></CompleteMultipartUpload>",
    b'\x03<!DOCTYPE a [<!ENTITY b SYSTEM "file:///dev/zero">]><Delete><Object><Key>&b;</Key></Object></Delete>',
)


def fuzz_one(data: bytes) -> None:
    """
    Read a document.
    """
    if not data:
        return
    body = data[1:]
    try:
        match data[0] % len(_READERS):
            case 3:
                keys = parse_delete(body).keys
                assert 1 <= len(keys) <= MAX_KEYS and all(deletion.key for deletion in keys)
            case 4:
                numbers = [part.number for part in parse_complete(body)]
                assert numbers == sorted(set(numbers)) and numbers[0] >= 1 and numbers[-1] <= MAX_PART
            case reader:
                _READERS[reader](body)
    except S3Error as error:
        assert error.status in (400, 501), error.code
