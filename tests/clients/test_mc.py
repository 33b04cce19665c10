"""
MinIO's mc.
"""

from __future__ import annotations

import re
from urllib.request import urlopen

import pytest

from tests.clients.described import Described
from tests.clients.gateways import Gateway
from tests.clients.shell import Shell

VERSION = "go version -m $(command -v mc) | sed -n 's/^\\tmod\\t[^\\t]*\\t\\([^\\t]*\\).*/\\1/p'"
CLIENT = Described("MinIO client (mc)", ("sh", "-c", VERSION), "``mc alias set local http://localhost:30600 KEY KEY``.")


@pytest.fixture
def local(shell: Shell, gateway: Gateway) -> Shell:
    """
    A shell in which mc knows the gateway as C{local}.
    """
    shell.run("mc", "alias", "set", "local", gateway.url, gateway.key, gateway.key)
    return shell


def test_guide(local: Shell, bucket: str) -> None:
    """
    mb, ls, cp up and down, stat, rm, rb
    """
    local.file("test.csv", b"a,b\n1,2\n")
    assert f"Bucket created successfully `local/{bucket}`" in local.run("mc", "mb", f"local/{bucket}")
    assert f"{bucket}/" in local.run("mc", "ls", "local")
    local.run("mc", "cp", "test.csv", f"local/{bucket}/test.csv")
    assert "8B STANDARD test.csv" in local.run("mc", "ls", f"local/{bucket}")
    assert re.search(r"Size *: 8 B", local.run("mc", "stat", f"local/{bucket}/test.csv"))
    local.run("mc", "cp", f"local/{bucket}/test.csv", "back.csv")
    assert (local.home / "back.csv").read_bytes() == b"a,b\n1,2\n"
    assert local.run("mc", "cat", f"local/{bucket}/test.csv") == "a,b\n1,2\n"
    assert "delete marker" in local.run("mc", "rm", f"local/{bucket}/test.csv")
    assert local.run("mc", "ls", f"local/{bucket}") == ""
    local.run("mc", "mb", f"local/{bucket}-2")
    local.run("mc", "rb", f"local/{bucket}-2")
    assert f"{bucket}-2/" not in local.run("mc", "ls", "local")


def test_mirror(local: Shell, bucket: str) -> None:
    """
    mirror up, again without work, and down; cp -r
    """
    local.run("mc", "mb", f"local/{bucket}")
    for name in ("a.txt", "d/b.txt"):
        local.file(f"tree/{name}", name.encode())
    local.run("mc", "mirror", "tree", f"local/{bucket}/tree")
    assert "a.txt" not in local.run("mc", "mirror", "tree", f"local/{bucket}/tree")
    local.run("mc", "mirror", f"local/{bucket}/tree", "copy")
    assert (local.home / "copy/d/b.txt").read_bytes() == b"d/b.txt"
    local.run("mc", "cp", "-r", f"local/{bucket}/tree/", f"local/{bucket}/again/")
    assert local.run("mc", "cat", f"local/{bucket}/again/d/b.txt") == "d/b.txt"


def test_versions(local: Shell, bucket: str) -> None:
    """
    ls --versions; rm --versions is refused and removes nothing
    """
    local.run("mc", "mb", f"local/{bucket}")
    for content in (b"one", b"two"):
        local.file("v", content)
        local.run("mc", "cp", "v", f"local/{bucket}/v")
    assert local.run("mc", "ls", "--versions", f"local/{bucket}").count("PUT") == 2
    assert "Commits do not change" in local.refused("mc", "rm", "--versions", "--force", f"local/{bucket}/v")
    assert local.run("mc", "cat", f"local/{bucket}/v") == "two"


def test_share(local: Shell, bucket: str) -> None:
    """
    share download: a presigned URL
    """
    local.run("mc", "mb", f"local/{bucket}")
    local.file("x", b"shared")
    local.run("mc", "cp", "x", f"local/{bucket}/x")
    told = local.run("mc", "share", "download", f"local/{bucket}/x")
    match = re.search(r"Share: (\S+)", told)
    assert match is not None, told
    with urlopen(match.group(1)) as answer:
        assert answer.read() == b"shared"


def test_multipart_and_pipe(local: Shell, bucket: str) -> None:
    """
    a large file in parts, and pipe
    """
    local.run("mc", "mb", f"local/{bucket}")
    big = local.file("big", b"0123456789abcdef" * (40 << 16))
    local.run("mc", "cp", "big", f"local/{bucket}/big")
    local.run("mc", "cp", f"local/{bucket}/big", "back")
    assert (local.home / "back").read_bytes() == big.read_bytes()
    local.run("mc", "pipe", f"local/{bucket}/piped", stdin=b"from a pipe")
    assert local.run("mc", "cat", f"local/{bucket}/piped") == "from a pipe"
    local.file("empty", b"")
    local.run("mc", "cp", "empty", f"local/{bucket}/empty")
    assert local.run("mc", "cat", f"local/{bucket}/empty") == ""
