"""
boto3, with the defaults of today: checksums on each upload, aws-chunked for streams.
"""

from __future__ import annotations

import io
import sys
from typing import Any

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.clients.described import Described
from tests.clients.gateways import Gateway

CLIENT = Described("boto3", (sys.executable, "-c", "import boto3; print(boto3.__version__)"))


@pytest.fixture
def s3(gateway: Gateway) -> Any:
    """
    A client with nothing set but the endpoint and the keys.
    """
    return boto3.client(
        "s3",
        endpoint_url=gateway.url,
        aws_access_key_id=gateway.key,
        aws_secret_access_key=gateway.key,
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )


@pytest.fixture
def made(s3: Any, bucket: str) -> str:
    """
    A bucket that exists.
    """
    s3.create_bucket(Bucket=bucket)
    return bucket


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    """
    The S3 error code of a refusal.
    """
    return str(error.value.response["Error"]["Code"])


def test_buckets(s3: Any, bucket: str) -> None:
    """
    create, list, head, delete a bucket
    """
    s3.create_bucket(Bucket=bucket)
    assert bucket in [row["Name"] for row in s3.list_buckets()["Buckets"]]
    s3.head_bucket(Bucket=bucket)
    with pytest.raises(ClientError) as again:
        s3.create_bucket(Bucket=bucket)
    assert code(again) == "BucketAlreadyOwnedByYou"
    s3.delete_bucket(Bucket=bucket)
    with pytest.raises(ClientError) as gone:
        s3.head_bucket(Bucket=bucket)
    assert gone.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_objects(s3: Any, made: str) -> None:
    """
    put, get, head, list and delete objects
    """
    put = s3.put_object(Bucket=made, Key="dir/file.txt", Body=b"hello")
    got = s3.get_object(Bucket=made, Key="dir/file.txt")
    assert got["Body"].read() == b"hello"
    assert got["ETag"] == put["ETag"]
    assert got["VersionId"] == put["VersionId"]
    assert got["ContentType"] == "text/plain; charset=utf-8"
    assert s3.head_object(Bucket=made, Key="dir/file.txt")["ContentLength"] == 5
    listed = s3.list_objects_v2(Bucket=made, Delimiter="/")
    assert [row["Prefix"] for row in listed["CommonPrefixes"]] == ["dir/"]
    assert [row["Key"] for row in s3.list_objects(Bucket=made)["Contents"]] == ["dir/file.txt"]
    s3.delete_object(Bucket=made, Key="dir/file.txt")
    assert "Contents" not in s3.list_objects_v2(Bucket=made)
    with pytest.raises(ClientError) as gone:
        s3.get_object(Bucket=made, Key="dir/file.txt")
    assert code(gone) == "NoSuchKey"


def test_stream(s3: Any, made: str) -> None:
    """
    upload a stream (aws-chunked with a trailing checksum)
    """
    content = b"0123456789abcdef" * 65536
    s3.put_object(Bucket=made, Key="stream", Body=io.BufferedReader(io.BytesIO(content)), ChecksumAlgorithm="CRC32")
    assert s3.get_object(Bucket=made, Key="stream")["Body"].read() == content


def test_ranges(s3: Any, made: str) -> None:
    """
    read ranges
    """
    s3.put_object(Bucket=made, Key="r", Body=b"0123456789")
    for header, expected in (("bytes=2-4", b"234"), ("bytes=-3", b"789"), ("bytes=7-", b"789"), ("bytes=5-99", b"56789")):
        got = s3.get_object(Bucket=made, Key="r", Range=header)
        assert got["Body"].read() == expected
        assert got["ContentRange"].endswith("/10")
    with pytest.raises(ClientError) as beyond:
        s3.get_object(Bucket=made, Key="r", Range="bytes=10-")
    assert code(beyond) == "InvalidRange"


def test_versions(s3: Any, made: str) -> None:
    """
    read old versions, by versionId and by commit bucket, and list them
    """
    old = s3.put_object(Bucket=made, Key="v", Body=b"old")["VersionId"]
    new = s3.put_object(Bucket=made, Key="v", Body=b"new")["VersionId"]
    assert s3.get_object(Bucket=made, Key="v", VersionId=old)["Body"].read() == b"old"
    assert s3.get_object(Bucket=f"{old}.{made}", Key="v")["Body"].read() == b"old"
    s3.delete_object(Bucket=made, Key="v")
    listed = s3.list_object_versions(Bucket=made)
    assert [row["VersionId"] for row in listed["Versions"]] == [new, old]
    assert [row["Key"] for row in listed["DeleteMarkers"]] == ["v"]
    with pytest.raises(ClientError) as unknown:
        s3.get_object(Bucket=made, Key="v", VersionId="0" * 32)
    assert code(unknown) == "NoSuchVersion"


def test_delete_many(s3: Any, made: str) -> None:
    """
    delete many objects in one request
    """
    for number in range(3):
        s3.put_object(Bucket=made, Key=f"k{number}", Body=b"x")
    keys = [{"Key": f"k{number}"} for number in range(4)]
    assert len(s3.delete_objects(Bucket=made, Delete={"Objects": keys})["Deleted"]) == 4
    assert s3.list_objects_v2(Bucket=made)["KeyCount"] == 0


def test_collision(s3: Any, made: str) -> None:
    """
    a key below an object and a key of a directory are refused, and nothing is lost
    """
    s3.put_object(Bucket=made, Key="a", Body=b"file")
    with pytest.raises(ClientError) as below:
        s3.put_object(Bucket=made, Key="a/b", Body=b"x")
    assert code(below) == "ObjectParentIsFile"
    s3.put_object(Bucket=made, Key="d/e", Body=b"file")
    with pytest.raises(ClientError) as above:
        s3.put_object(Bucket=made, Key="d", Body=b"x")
    assert code(above) == "ExistingObjectIsDirectory"
    assert s3.get_object(Bucket=made, Key="a")["Body"].read() == b"file"
    assert s3.get_object(Bucket=made, Key="d/e")["Body"].read() == b"file"


def test_conditions(s3: Any, made: str) -> None:
    """
    conditional reads and writes
    """
    etag = s3.put_object(Bucket=made, Key="c", Body=b"1", IfNoneMatch="*")["ETag"]
    with pytest.raises(ClientError) as exists:
        s3.put_object(Bucket=made, Key="c", Body=b"2", IfNoneMatch="*")
    assert code(exists) == "PreconditionFailed"
    s3.put_object(Bucket=made, Key="c", Body=b"2", IfMatch=etag)
    with pytest.raises(ClientError) as stale:
        s3.put_object(Bucket=made, Key="c", Body=b"3", IfMatch=etag)
    assert code(stale) == "PreconditionFailed"
    with pytest.raises(ClientError) as unchanged:
        s3.get_object(Bucket=made, Key="c", IfNoneMatch=s3.head_object(Bucket=made, Key="c")["ETag"])
    assert code(unchanged) in ("304", "NotModified")


def test_copy(s3: Any, made: str) -> None:
    """
    copy objects, also from an old version
    """
    old = s3.put_object(Bucket=made, Key="from", Body=b"old")["VersionId"]
    s3.put_object(Bucket=made, Key="from", Body=b"new")
    s3.copy_object(Bucket=made, Key="to", CopySource={"Bucket": made, "Key": "from"})
    s3.copy_object(Bucket=made, Key="was", CopySource={"Bucket": made, "Key": "from", "VersionId": old})
    assert s3.get_object(Bucket=made, Key="to")["Body"].read() == b"new"
    assert s3.get_object(Bucket=made, Key="was")["Body"].read() == b"old"


def test_transfer_manager(s3: Any, made: str) -> None:
    """
    the transfer manager: parallel multipart upload, ranged download
    """
    content = bytes(range(256)) * 4096 * 20
    settings = TransferConfig(multipart_threshold=6 << 20, multipart_chunksize=6 << 20, max_concurrency=4)
    s3.upload_fileobj(io.BytesIO(content), made, "big", Config=settings)
    into = io.BytesIO()
    s3.download_fileobj(made, "big", into, Config=settings)
    assert into.getvalue() == content


def test_multipart(s3: Any, made: str) -> None:
    """
    multipart by hand: list parts and uploads, complete, abort
    """
    upload = s3.create_multipart_upload(Bucket=made, Key="m")["UploadId"]
    sent = [b"a" * (5 << 20), b"tail"]
    parts = [
        {"PartNumber": number, "ETag": s3.upload_part(Bucket=made, Key="m", UploadId=upload, PartNumber=number, Body=body)["ETag"]}
        for number, body in enumerate(sent, 1)
    ]
    assert [row["PartNumber"] for row in s3.list_parts(Bucket=made, Key="m", UploadId=upload)["Parts"]] == [1, 2]
    assert [row["UploadId"] for row in s3.list_multipart_uploads(Bucket=made)["Uploads"]] == [upload]
    s3.complete_multipart_upload(Bucket=made, Key="m", UploadId=upload, MultipartUpload={"Parts": parts})
    assert s3.get_object(Bucket=made, Key="m")["Body"].read() == b"".join(sent)
    other = s3.create_multipart_upload(Bucket=made, Key="n")["UploadId"]
    s3.abort_multipart_upload(Bucket=made, Key="n", UploadId=other)
    with pytest.raises(ClientError) as gone:
        s3.list_parts(Bucket=made, Key="n", UploadId=other)
    assert code(gone) == "NoSuchUpload"


def test_presigned(s3: Any, made: str, gateway: Gateway) -> None:
    """
    presigned URLs, fetched without keys
    """
    from urllib.request import urlopen

    s3.put_object(Bucket=made, Key="p", Body=b"shared")
    with urlopen(s3.generate_presigned_url("get_object", Params={"Bucket": made, "Key": "p"})) as answer:
        assert answer.read() == b"shared"


def test_not_implemented(s3: Any, made: str) -> None:
    """
    what versioned files cannot carry is refused as NotImplemented
    """
    for refused in (
        lambda: s3.get_bucket_lifecycle_configuration(Bucket=made),
        lambda: s3.get_bucket_replication(Bucket=made),
        lambda: s3.put_object_tagging(Bucket=made, Key="x", Tagging={"TagSet": []}),
        lambda: s3.put_bucket_versioning(Bucket=made, VersioningConfiguration={"Status": "Suspended"}),
    ):
        with pytest.raises(ClientError) as error:
            refused()
        assert code(error) == "NotImplemented"
