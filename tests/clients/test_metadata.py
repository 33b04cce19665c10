"""
What S3 remembers of an object: metadata, content types, checksums and keys beyond PFS's own, as clients see them.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.clients.gateways import LISTENS, LOOPBACK, PFS_LISTENS, Gateway, running
from tests.clients.shell import Shell


def client(url: str, key: str) -> Any:
    """
    boto3 for a gateway.
    """
    settings = Config(s3={"addressing_style": "path"})
    return boto3.client("s3", endpoint_url=url, aws_access_key_id=key, aws_secret_access_key=key, region_name="us-east-1", config=settings)


@pytest.fixture
def s3(gateway: Gateway, bucket: str) -> Any:
    """
    boto3, with a bucket made.
    """
    made = client(gateway.url, gateway.key)
    made.create_bucket(Bucket=bucket)
    return made


GIVEN = {
    "ContentType": "application/x-thing",
    "CacheControl": "max-age=60",
    "ContentDisposition": 'attachment; filename="thing"',
    "ContentEncoding": "gzip",
    "ContentLanguage": "nl",
    "Metadata": {"owner": "somebody", "colour": "blue"},
}


def test_headers(s3: Any, bucket: str) -> None:
    """
    what was given at a PUT comes back, from the head and from an old version
    """
    version = s3.put_object(Bucket=bucket, Key="o", Body=b"one", **GIVEN)["VersionId"]
    s3.put_object(Bucket=bucket, Key="o", Body=b"two")
    old = s3.head_object(Bucket=bucket, Key="o", VersionId=version)
    assert {name: old[name] for name in GIVEN} == GIVEN
    new = s3.get_object(Bucket=bucket, Key="o")
    assert new["Metadata"] == {}
    assert new["ContentType"] != GIVEN["ContentType"]


def test_copies(s3: Any, bucket: str) -> None:
    """
    a copy keeps metadata or replaces it, also onto itself
    """
    source = {"Bucket": bucket, "Key": "from"}
    s3.put_object(Bucket=bucket, Key="from", Body=b"bytes", **GIVEN)
    s3.copy_object(Bucket=bucket, Key="to", CopySource=source)
    kept = s3.head_object(Bucket=bucket, Key="to")
    assert {name: kept[name] for name in GIVEN} == GIVEN
    new = {"Metadata": {"only": "this"}, "ContentType": "text/csv"}
    s3.copy_object(Bucket=bucket, Key="from", CopySource=source, MetadataDirective="REPLACE", **new)
    replaced = s3.head_object(Bucket=bucket, Key="from")
    assert {name: replaced[name] for name in new} == new


def test_multipart(s3: Any, bucket: str) -> None:
    """
    an upload in parts keeps what was said at its beginning
    """
    upload = s3.create_multipart_upload(Bucket=bucket, Key="m", ChecksumAlgorithm="SHA256", **GIVEN)["UploadId"]
    parts = []
    for number, body in enumerate((b"a" * (5 << 20), b"b"), 1):
        done = s3.upload_part(Bucket=bucket, Key="m", UploadId=upload, PartNumber=number, Body=body, ChecksumAlgorithm="SHA256")
        parts.append({"PartNumber": number, "ETag": done["ETag"], "ChecksumSHA256": done["ChecksumSHA256"]})
    s3.complete_multipart_upload(Bucket=bucket, Key="m", UploadId=upload, MultipartUpload={"Parts": parts})
    told = s3.head_object(Bucket=bucket, Key="m", ChecksumMode="ENABLED")
    assert {name: told[name] for name in GIVEN} == GIVEN
    digests = b"".join(hashlib.sha256(body).digest() for body in (b"a" * (5 << 20), b"b"))
    assert told["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(digests).digest()).decode() + "-2"


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_checksums(s3: Any, bucket: str, algorithm: str) -> None:
    """
    a checksum of each algorithm is kept and checked by the client
    """
    name = f"Checksum{algorithm}"
    put = s3.put_object(Bucket=bucket, Key="c", Body=io.BytesIO(b"checked"), ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket=bucket, Key="c", ChecksumMode="ENABLED")
    assert got["Body"].read() == b"checked"
    assert got[name] == put[name]
    attributes = s3.get_object_attributes(Bucket=bucket, Key="c", ObjectAttributes=["Checksum", "ObjectSize", "ETag"])
    assert attributes["Checksum"][name] == put[name]
    assert name not in s3.get_object(Bucket=bucket, Key="c", ChecksumMode="ENABLED", Range="bytes=0-2")


def test_modified(s3: Any, bucket: str) -> None:
    """
    LastModified stays what it was when other objects are written
    """
    s3.put_object(Bucket=bucket, Key="o", Body=b"x", ContentType="text/x-special")
    before = s3.head_object(Bucket=bucket, Key="o")["LastModified"]
    s3.put_object(Bucket=bucket, Key="other", Body=b"y")
    assert s3.head_object(Bucket=bucket, Key="o")["LastModified"] == before
    assert s3.list_objects_v2(Bucket=bucket)["Contents"][0]["LastModified"] == before


def test_restart(tmp_path: Path) -> None:
    """
    everything is there after a restart
    """
    arguments = ["--data-dir", str(tmp_path / "data"), "--listen", LOOPBACK]
    with running(arguments) as process:
        first = client(process.wait_for(LISTENS), "any-word")
        first.create_bucket(Bucket="master.kept")
        first.put_object(Bucket="master.kept", Key="o", Body=b"one", ChecksumAlgorithm="CRC32C", **GIVEN)
        before = first.head_object(Bucket="master.kept", Key="o", ChecksumMode="ENABLED")
    with running(arguments) as process:
        after = client(process.wait_for(LISTENS), "any-word").head_object(Bucket="master.kept", Key="o", ChecksumMode="ENABLED")
    for name in (*GIVEN, "LastModified", "ETag", "VersionId", "ChecksumCRC32C"):
        assert after[name] == before[name]


@pytest.fixture(params=["embedded", "over --pachd"])
def escaping(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Gateway]:
    """
    A gateway that escapes keys which PFS cannot hold.
    """
    embedded = ["--data-dir", str(tmp_path / "data"), "--listen", LOOPBACK]
    escapes = ["--escape-keys", "yes"]
    if request.param == "embedded":
        with running(embedded + escapes) as process:
            yield Gateway(process.wait_for(LISTENS), "any-word")
        return
    with (
        running([*embedded, "--pfs-listen", LOOPBACK]) as server,
        running(["--pachd", f"grpc://{server.wait_for(PFS_LISTENS)}", "--listen", LOOPBACK, *escapes]) as process,
    ):
        yield Gateway(process.wait_for(LISTENS), "any-word")


def test_any_key(escaping: Gateway, tmp_path: Path) -> None:
    """
    keys that PFS cannot hold, where the setting is on: listed in their order, read, copied, synchronised, deleted
    """
    keys = ["%28looks%29", "a+b@c", "dir/é", "report (1).csv", "ü😀"]
    s3 = client(escaping.url, escaping.key)
    s3.create_bucket(Bucket="master.any")
    for key in keys:
        s3.put_object(Bucket="master.any", Key=key, Body=key.encode())
    listed = [row["Key"] for row in s3.list_objects_v2(Bucket="master.any")["Contents"]]
    assert listed == sorted(keys, key=str.encode)
    for key in keys:
        assert s3.get_object(Bucket="master.any", Key=key)["Body"].read() == key.encode()
    s3.copy_object(Bucket="master.any", Key="again (2)", CopySource={"Bucket": "master.any", "Key": "report (1).csv"})
    assert [row["Key"] for row in s3.list_objects_v2(Bucket="master.any", Prefix="again (")["Contents"]] == ["again (2)"]
    environment = {"AWS_ACCESS_KEY_ID": "any-word", "AWS_SECRET_ACCESS_KEY": "any-word", "AWS_ENDPOINT_URL": escaping.url}
    shell = Shell(tmp_path, {**environment, "AWS_DEFAULT_REGION": "us-east-1", "LC_ALL": "C.UTF-8"})
    shell.run("aws", "s3", "sync", "s3://master.any", "copy")
    assert (tmp_path / "copy" / "ü😀").read_bytes() == "ü😀".encode()
    assert shell.run("aws", "s3", "sync", "copy", "s3://master.any") == ""
    deleted = s3.delete_objects(Bucket="master.any", Delete={"Objects": [{"Key": key} for key in keys]})
    assert len(deleted["Deleted"]) == len(keys)
    told = json.loads(shell.run("aws", "s3api", "list-objects-v2", "--bucket", "master.any"))
    assert [row["Key"] for row in told["Contents"]] == ["again (2)"]
