"""
rclone.
"""

from __future__ import annotations

import pytest

from tests.clients.described import Described
from tests.clients.gateways import Gateway
from tests.clients.shell import Shell

CLIENT = Described(
    "rclone",
    ("rclone", "version"),
    "``type = s3``, ``provider = Other``, ``force_path_style = true``. "
    "``purge`` asks for the removal of versions, and is refused; use ``delete``.",
)


@pytest.fixture
def configured(shell: Shell, gateway: Gateway) -> Shell:
    """
    A shell in which rclone knows the gateway as C{pach:}.
    """
    lines = ["[pach]", "type = s3", "provider = Other", "force_path_style = true", "region = us-east-1"]
    lines += [f"endpoint = {gateway.url}", f"access_key_id = {gateway.key}", f"secret_access_key = {gateway.key}"]
    shell.file(".config/rclone/rclone.conf", "\n".join(lines).encode())
    return shell


def test_sync_and_check(configured: Shell, bucket: str) -> None:
    """
    mkdir, sync, again without work, check, copy back, delete
    """
    for name in ("a.txt", "d/b.txt", "d/e/c.bin"):
        configured.file(f"tree/{name}", name.encode() * 100)
    configured.run("rclone", "mkdir", f"pach:{bucket}")
    configured.run("rclone", "sync", "tree", f"pach:{bucket}/tree")
    configured.run("rclone", "check", "--download", "tree", f"pach:{bucket}/tree")
    second = configured.attempt("rclone", "sync", "-v", "tree", f"pach:{bucket}/tree")
    assert second.returncode == 0
    assert b"There was nothing to transfer" in second.stderr, second.stderr.decode()
    configured.run("rclone", "copy", f"pach:{bucket}/tree", "copy")
    assert (configured.home / "copy/d/e/c.bin").read_bytes() == b"d/e/c.bin" * 100
    configured.run("rclone", "delete", f"pach:{bucket}/tree")
    assert configured.run("rclone", "lsf", "-R", f"pach:{bucket}") == ""


def test_multipart(configured: Shell, bucket: str) -> None:
    """
    copyto in parts, moveto (a copy on the server), cat of a part, rcat
    """
    configured.run("rclone", "mkdir", f"pach:{bucket}")
    big = configured.file("big", b"0123456789abcdef" * (12 << 16))
    configured.run("rclone", "copyto", "--s3-upload-cutoff", "5M", "--s3-chunk-size", "5M", "big", f"pach:{bucket}/big")
    configured.run("rclone", "moveto", f"pach:{bucket}/big", f"pach:{bucket}/moved")
    configured.run("rclone", "copyto", f"pach:{bucket}/moved", "back")
    assert (configured.home / "back").read_bytes() == big.read_bytes()
    assert configured.run("rclone", "cat", "--offset", "16", "--count", "4", f"pach:{bucket}/moved") == "0123"
    configured.run("rclone", "rcat", f"pach:{bucket}/piped", stdin=b"from a pipe")
    assert configured.run("rclone", "cat", f"pach:{bucket}/piped") == "from a pipe"
