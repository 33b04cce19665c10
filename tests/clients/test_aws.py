"""
The AWS CLI: the commands of the user guide, then what people do every day.
"""

from __future__ import annotations

import json
from urllib.request import urlopen

from tests.clients.described import Described
from tests.clients.shell import Shell

CLIENT = Described("AWS CLI", ("sh", "-c", "aws --version | cut -d' ' -f1"), "``AWS_ENDPOINT_URL`` or ``--endpoint-url``.")


def test_guide(shell: Shell, bucket: str) -> None:
    """
    mb, ls, cp up and down, rm, rb
    """
    shell.file("test.csv", b"a,b\n1,2\n")
    assert shell.run("aws", "s3", "mb", f"s3://{bucket}").strip() == f"make_bucket: {bucket}"
    assert bucket in shell.run("aws", "s3", "ls")
    assert "upload: ./test.csv" in shell.run("aws", "s3", "cp", "test.csv", f"s3://{bucket}")
    assert shell.run("aws", "s3", "ls", f"s3://{bucket}").split()[-2:] == ["8", "test.csv"]
    shell.run("aws", "s3", "cp", f"s3://{bucket}/test.csv", "back.csv")
    assert (shell.home / "back.csv").read_bytes() == b"a,b\n1,2\n"
    assert "delete:" in shell.run("aws", "s3", "rm", f"s3://{bucket}/test.csv")
    assert shell.run("aws", "s3", "rb", f"s3://{bucket}").strip() == f"remove_bucket: {bucket}"
    assert bucket not in shell.run("aws", "s3", "ls")


def test_old_version(shell: Shell, bucket: str) -> None:
    """
    s3api get-object with --version-id, and from the commit's bucket
    """
    shell.run("aws", "s3", "mb", f"s3://{bucket}")
    shell.file("file.txt", b"first")
    old = json.loads(shell.run("aws", "s3api", "put-object", "--bucket", bucket, "--key", "file.txt", "--body", "file.txt"))["VersionId"]
    shell.file("file.txt", b"second")
    shell.run("aws", "s3", "cp", "file.txt", f"s3://{bucket}/file.txt")
    told = json.loads(shell.run("aws", "s3api", "get-object", "--bucket", bucket, "--key", "file.txt", "--version-id", old, "export.txt"))
    assert (shell.home / "export.txt").read_bytes() == b"first"
    assert told["VersionId"] == old
    assert told["ContentType"] == "text/plain; charset=utf-8"
    shell.run("aws", "s3api", "get-object", "--bucket", f"{old}.{bucket}", "--key", "file.txt", "again.txt")
    assert (shell.home / "again.txt").read_bytes() == b"first"


def test_sync(shell: Shell, bucket: str) -> None:
    """
    sync up, again without work, and down
    """
    shell.run("aws", "s3", "mb", f"s3://{bucket}")
    for name in ("a.txt", "d/b.txt", "d/e/c.txt"):
        shell.file(f"tree/{name}", name.encode())
    assert shell.run("aws", "s3", "sync", "tree", f"s3://{bucket}/tree").count("upload:") == 3
    assert shell.run("aws", "s3", "sync", "tree", f"s3://{bucket}/tree") == ""
    shell.run("aws", "s3", "cp", "tree/a.txt", f"s3://{bucket}/unrelated")
    assert shell.run("aws", "s3", "sync", "tree", f"s3://{bucket}/tree") == ""
    shell.run("aws", "s3", "sync", f"s3://{bucket}/tree", "copy")
    assert (shell.home / "copy/d/e/c.txt").read_bytes() == b"d/e/c.txt"


def test_move_and_presign(shell: Shell, bucket: str) -> None:
    """
    mv within a bucket, presign
    """
    shell.run("aws", "s3", "mb", f"s3://{bucket}")
    shell.file("x", b"moved")
    shell.run("aws", "s3", "cp", "x", f"s3://{bucket}/x")
    shell.run("aws", "s3", "mv", f"s3://{bucket}/x", f"s3://{bucket}/dir/y")
    assert "x" not in [line.split()[-1] for line in shell.run("aws", "s3", "ls", f"s3://{bucket}").splitlines()]
    with urlopen(shell.run("aws", "s3", "presign", f"s3://{bucket}/dir/y").strip()) as answer:
        assert answer.read() == b"moved"


def test_stream_and_multipart(shell: Shell, bucket: str) -> None:
    """
    cp from standard input, and a file above the multipart threshold
    """
    shell.run("aws", "s3", "mb", f"s3://{bucket}")
    shell.run("aws", "s3", "cp", "-", f"s3://{bucket}/stdin", stdin=b"piped")
    assert shell.run("aws", "s3", "cp", f"s3://{bucket}/stdin", "-") == "piped"
    big = shell.file("big", b"0123456789abcdef" * (20 << 16))
    shell.run("aws", "s3", "cp", "big", f"s3://{bucket}/big")
    shell.run("aws", "s3", "cp", f"s3://{bucket}/big", "back")
    assert (shell.home / "back").read_bytes() == big.read_bytes()


def test_recursive_remove(shell: Shell, bucket: str) -> None:
    """
    rm --recursive, and rb --force
    """
    shell.run("aws", "s3", "mb", f"s3://{bucket}")
    for number in range(5):
        shell.file(f"t/{number}", b"x")
    shell.run("aws", "s3", "cp", "--recursive", "t", f"s3://{bucket}/t")
    assert shell.run("aws", "s3", "rm", "--recursive", f"s3://{bucket}/t").count("delete:") == 5
    shell.run("aws", "s3", "cp", "--recursive", "t", f"s3://{bucket}/t")
    shell.run("aws", "s3", "rb", "--force", f"s3://{bucket}")
