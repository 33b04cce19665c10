"""
s3cmd, with signatures of version 4 and 2.
"""

from __future__ import annotations

from urllib.request import urlopen

import pytest

from tests.clients.described import Described
from tests.clients.gateways import Gateway
from tests.clients.shell import Shell

CLIENT = Described(
    "s3cmd",
    ("s3cmd", "--version"),
    "``host_base`` and ``host_bucket`` are both the gateway's host and port, ``use_https = False``; ``--signature-v2`` works too.",
)


@pytest.fixture(params=["v4", "v2"])
def configured(shell: Shell, gateway: Gateway, request: pytest.FixtureRequest) -> Shell:
    """
    A shell with a C{.s3cfg}, once for each version of the signature.
    """
    shell.file(
        ".s3cfg",
        "\n".join(
            [
                "[default]",
                f"access_key = {gateway.key}",
                f"secret_key = {gateway.key}",
                f"host_base = {gateway.host}",
                f"host_bucket = {gateway.host}",
                "use_https = False",
                f"signature_v2 = {request.param == 'v2'}",
            ]
        ).encode(),
    )
    return shell


def test_guide(configured: Shell, bucket: str) -> None:
    """
    mb, ls, put, get, del, rb
    """
    configured.file("test.csv", b"a,b\n1,2\n")
    configured.run("s3cmd", "mb", f"s3://{bucket}")
    assert f"s3://{bucket}" in configured.run("s3cmd", "ls")
    configured.run("s3cmd", "put", "test.csv", f"s3://{bucket}")
    assert configured.run("s3cmd", "ls", f"s3://{bucket}/").split()[-2:] == ["8", f"s3://{bucket}/test.csv"]
    configured.run("s3cmd", "get", f"s3://{bucket}/test.csv", "back.csv")
    assert (configured.home / "back.csv").read_bytes() == b"a,b\n1,2\n"
    configured.run("s3cmd", "cp", f"s3://{bucket}/test.csv", f"s3://{bucket}/copy.csv")
    configured.run("s3cmd", "mv", f"s3://{bucket}/copy.csv", f"s3://{bucket}/moved.csv")
    configured.run("s3cmd", "info", f"s3://{bucket}/moved.csv")
    configured.run("s3cmd", "rm", f"s3://{bucket}/test.csv", f"s3://{bucket}/moved.csv")
    configured.run("s3cmd", "rb", f"s3://{bucket}")
    assert f"s3://{bucket}\n" not in configured.run("s3cmd", "ls")


def test_sync(configured: Shell, bucket: str) -> None:
    """
    sync up, again without work, and down
    """
    configured.run("s3cmd", "mb", f"s3://{bucket}")
    for name in ("a.txt", "d/b.txt"):
        configured.file(f"tree/{name}", name.encode())
    assert configured.run("s3cmd", "sync", "tree/", f"s3://{bucket}/tree/").count("upload:") == 2
    assert "upload:" not in configured.run("s3cmd", "sync", "tree/", f"s3://{bucket}/tree/")
    configured.run("s3cmd", "sync", f"s3://{bucket}/tree/", "copy/")
    assert (configured.home / "copy/d/b.txt").read_bytes() == b"d/b.txt"


def test_multipart(configured: Shell, bucket: str) -> None:
    """
    put in parts
    """
    configured.run("s3cmd", "mb", f"s3://{bucket}")
    big = configured.file("big", b"0123456789abcdef" * (12 << 16))
    configured.run("s3cmd", "put", "--multipart-chunk-size-mb=5", "big", f"s3://{bucket}/big")
    configured.run("s3cmd", "get", f"s3://{bucket}/big", "back")
    assert (configured.home / "back").read_bytes() == big.read_bytes()


def test_signurl(configured: Shell, bucket: str) -> None:
    """
    signurl
    """
    configured.run("s3cmd", "mb", f"s3://{bucket}")
    configured.file("x", b"shared")
    configured.run("s3cmd", "put", "x", f"s3://{bucket}/x")
    with urlopen(configured.run("s3cmd", "signurl", f"s3://{bucket}/x", "+600").strip()) as answer:
        assert answer.read() == b"shared"
