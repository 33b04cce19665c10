"""
minio-py: the operations that the documents list for MinIO's SDK.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
from minio import Minio
from minio.commonconfig import CopySource
from minio.deleteobjects import DeleteObject
from minio.error import S3Error

from tests.clients.described import Described
from tests.clients.gateways import Gateway

CLIENT = Described("minio-py", (sys.executable, "-c", "import minio; print(minio.__version__)"), "``secure=False`` for plain HTTP.")


@pytest.fixture
def minio(gateway: Gateway) -> Minio:
    """
    A client with nothing set but the endpoint and the keys.
    """
    return Minio(gateway.host, access_key=gateway.key, secret_key=gateway.key, secure=False)


def test_documented(minio: Minio, bucket: str, tmp_path: Path) -> None:
    """
    make_bucket, list_buckets, bucket_exists, list_objects, put, get, stat, fput, fget, remove
    """
    assert not minio.bucket_exists(bucket)
    minio.make_bucket(bucket)
    assert minio.bucket_exists(bucket)
    assert bucket in [row.name for row in minio.list_buckets()]
    minio.put_object(bucket, "dir/o", io.BytesIO(b"hello"), 5)
    answer = minio.get_object(bucket, "dir/o")
    assert answer.read() == b"hello"
    answer.close()
    answer.release_conn()
    assert minio.stat_object(bucket, "dir/o").size == 5
    (tmp_path / "up").write_bytes(b"from a file")
    minio.fput_object(bucket, "f", str(tmp_path / "up"))
    minio.fget_object(bucket, "f", str(tmp_path / "down"))
    assert (tmp_path / "down").read_bytes() == b"from a file"
    assert {row.object_name for row in minio.list_objects(bucket)} == {"dir/", "f"}
    assert [row.object_name for row in minio.list_objects(bucket, recursive=True)] == ["dir/o", "f"]
    minio.remove_object(bucket, "f")
    with pytest.raises(S3Error) as gone:
        minio.stat_object(bucket, "f")
    assert gone.value.code == "NoSuchKey"
    assert not list(minio.remove_objects(bucket, [DeleteObject("dir/o")]))
    minio.remove_bucket(bucket)
    assert not minio.bucket_exists(bucket)


def test_unknown_length(minio: Minio, bucket: str) -> None:
    """
    put_object of a stream of unknown length (multipart), copy_object, presigned_get_object
    """
    minio.make_bucket(bucket)
    content = b"0123456789abcdef" * (6 << 16)
    minio.put_object(bucket, "s", io.BytesIO(content), -1, part_size=5 << 20)
    minio.copy_object(bucket, "t", CopySource(bucket, "s"))
    with urlopen(minio.presigned_get_object(bucket, "t")) as answer:
        assert answer.read() == content
