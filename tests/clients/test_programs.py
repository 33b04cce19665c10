"""
SDKs in other languages: each runs a program of its own, which C{.ci/install-clients} has built.
"""

from __future__ import annotations

import os
from pathlib import Path

from tests.clients.described import Described
from tests.clients.gateways import Gateway
from tests.clients.shell import Shell

HERE = Path(__file__).parent
CLIENTS = Path(os.environ.get("PACHGW_CLIENTS", ""))


def test_minio_go(shell: Shell, gateway: Gateway, bucket: str) -> None:
    """
    the operations that the documents list: MakeBucket, ListBuckets, BucketExists, RemoveBucket, ListObjects, GetObject, PutObject,
    StatObject, RemoveObject, FPutObject, FGetObject; CopyObject
    """
    assert shell.run("miniosdk", gateway.host, gateway.key, bucket) == "passed\n"


def test_aws_go(shell: Shell, gateway: Gateway, bucket: str) -> None:
    """
    objects, versions, transfer manager, listing, conditional write, presigned URL, DeleteObjects
    """
    assert shell.run("awssdk", gateway.url, gateway.key, bucket) == "passed\n"


def test_javascript(shell: Shell, gateway: Gateway, bucket: str) -> None:
    """
    objects, versions, lib-storage's parallel upload, listing, presigned URL, DeleteObjects
    """
    shell.run("node", str(HERE / "node" / "flow.mjs"), gateway.url, gateway.key, bucket)


def test_hadoop(shell: Shell, gateway: Gateway, bucket: str) -> None:
    """
    mkdirs, markers, listing, rename and recursive delete of directories, large files, seeks; the magic, directory and file committers
    """
    shell.run("aws", "s3", "mb", f"s3://{bucket}")
    told = shell.run("java", "-cp", f"{CLIENTS / 'hadoop'}/*", "S3aFlow", gateway.url, gateway.key, bucket)
    assert told.splitlines()[-1] == "passed"


def module_version(module: str) -> tuple[str, ...]:
    """
    A command that prints the version of a Go module that the programs were built with.
    """
    return ("go", "list", "-C", str(HERE / "go"), "-m", "-f", "{{.Version}}", module)


CLIENT_OF = {
    "test_minio_go": Described("MinIO's Go SDK", module_version("github.com/minio/minio-go/v7")),
    "test_aws_go": Described(
        "AWS SDK for Go 2", module_version("github.com/aws/aws-sdk-go-v2/service/s3"), "``UsePathStyle`` and ``BaseEndpoint``."
    ),
    "test_javascript": Described(
        "AWS SDK for JavaScript 3",
        ("node", "-p", f"require('{CLIENTS}/node/node_modules/@aws-sdk/client-s3/package.json').version"),
        "``forcePathStyle: true``.",
    ),
    "test_hadoop": Described(
        "Hadoop s3a (Spark)",
        ("sh", "-c", f"ls {CLIENTS}/hadoop | sed -n 's/^hadoop-aws-\\(.*\\)\\.jar/\\1/p'"),
        "``fs.s3a.path.style.access = true``; bucket names must not hold ``_``.",
    ),
}
