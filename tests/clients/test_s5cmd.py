"""
s5cmd.
"""

from __future__ import annotations

from tests.clients.described import Described
from tests.clients.gateways import Gateway
from tests.clients.shell import Shell

CLIENT = Described("s5cmd", ("s5cmd", "version"), "``--endpoint-url`` or ``S3_ENDPOINT_URL``.")


def test_flow(shell: Shell, gateway: Gateway, bucket: str) -> None:
    """
    mb, cp of a tree, ls, sync without work, cat, mv, rm with a wildcard, rb; a large file in parts
    """
    s5cmd = ("s5cmd", "--endpoint-url", gateway.url)
    for number in range(20):
        shell.file(f"tree/d/{number:02}.txt", f"{number}".encode())
    big = shell.file("big", b"0123456789abcdef" * (12 << 16))
    shell.run(*s5cmd, "mb", f"s3://{bucket}")
    shell.run(*s5cmd, "cp", "tree/", f"s3://{bucket}/tree/")
    assert shell.run(*s5cmd, "ls", f"s3://{bucket}/tree/d/*").count(".txt") == 20
    assert shell.run(*s5cmd, "sync", "--size-only", "tree/", f"s3://{bucket}/tree/") == ""
    assert shell.run(*s5cmd, "cat", f"s3://{bucket}/tree/d/07.txt") == "7"
    shell.run(*s5cmd, "cp", "--part-size", "5", "big", f"s3://{bucket}/big")
    shell.run(*s5cmd, "mv", f"s3://{bucket}/big", f"s3://{bucket}/moved")
    shell.run(*s5cmd, "cp", f"s3://{bucket}/moved", "back")
    assert (shell.home / "back").read_bytes() == big.read_bytes()
    shell.run(*s5cmd, "rm", f"s3://{bucket}/*")
    shell.run(*s5cmd, "rb", f"s3://{bucket}")
