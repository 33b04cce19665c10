"""
curl, signed by itself.
"""

from __future__ import annotations

import pytest

from tests.clients.described import Described
from tests.clients.gateways import Gateway
from tests.clients.shell import Shell

CLIENT = Described(
    "curl", ("sh", "-c", "curl --version | cut -d' ' -f1-2"), "``--aws-sigv4 aws:amz:us-east-1:s3 --user KEY:KEY`` where auth is on."
)


@pytest.fixture
def curl(gateway: Gateway) -> list[str]:
    """
    The command up to its own arguments.
    """
    return ["curl", "-sS", "--fail-with-body", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", f"{gateway.key}:{gateway.key}"]


def test_buckets(shell: Shell, gateway: Gateway, curl: list[str], bucket: str) -> None:
    """
    the list of buckets, as in the documents
    """
    shell.run(*curl, "-X", "PUT", f"{gateway.url}/{bucket}")
    listed = shell.run(*curl, f"{gateway.url}/")
    assert "<ID>00000000000000000000000000000000</ID><DisplayName>pachyderm</DisplayName>" in listed
    assert f"<Name>{bucket}</Name>" in listed


def test_objects(shell: Shell, gateway: Gateway, curl: list[str], bucket: str) -> None:
    """
    upload a file, a range of it back, HEAD, DELETE
    """
    url = f"{gateway.url}/{bucket}/dir/file.txt"
    shell.file("file.txt", b"0123456789")
    shell.run(*curl, "-X", "PUT", f"{gateway.url}/{bucket}")
    shell.run(*curl, "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD", "-T", "file.txt", url)
    assert shell.run(*curl, url) == "0123456789"
    assert shell.run(*curl, "-r", "2-4", url) == "234"
    assert "Content-Type: text/plain; charset=utf-8" in shell.run(*curl, "-I", url)
    shell.run(*curl, "-X", "DELETE", url)
    assert "<Code>NoSuchKey</Code>" in shell.refused(*curl, url)


def test_unknown_length(shell: Shell, gateway: Gateway, curl: list[str], bucket: str) -> None:
    """
    upload of standard input: chunked, without a length
    """
    shell.run(*curl, "-X", "PUT", f"{gateway.url}/{bucket}")
    command = [*curl, "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD", "-T", "-", f"{gateway.url}/{bucket}/piped"]
    shell.run(*command, stdin=b"z" * 300_000)
    assert len(shell.run(*curl, f"{gateway.url}/{bucket}/piped")) == 300_000


def test_unsigned(shell: Shell, gateway: Gateway, bucket: str) -> None:
    """
    without a signature: the answer depends on whether auth is on, and is never a failure of the gateway
    """
    told = shell.run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", f"{gateway.url}/")
    assert told in ("200", "403")
