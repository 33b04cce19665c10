"""
The rows about writing.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from benchmarks.clients import seconds
from benchmarks.load import bodies, puts_per_second, upload
from benchmarks.rows import Row, Run

SMALL = bytes(4096)


METADATA = {"content-type": "application/x-benchmark", "x-amz-meta-origin": "benchmark"}
"""
What has to be kept.
"""


def _puts(run: Run, prefix: str, count: int) -> Iterator[Callable[[], Awaitable[Any]]]:
    for number in range(count):
        yield partial(run.put, f"{prefix}/{number:06}", SMALL)


async def put_small(run: Run, workers: int, prefix: str = "put", headers: Mapping[str, str] = MappingProxyType({})) -> float:
    """
    PUT of 4 KiB by a number of clients, in operations a second. What the clients have left behind is waited for, lest the next row pays.
    """
    path = f"/{run.bucket}/{prefix}{workers}"
    figure = await puts_per_second(run.reactor, run.url, path, workers, run.scale.count(30, 4), headers)
    await seconds(run.reactor, workers, _puts(run, "last", workers))
    return figure


async def delete(run: Run) -> float:
    """
    DELETE by 16 clients.
    """
    count = run.scale.count(400, 16)
    await seconds(run.reactor, 64, _puts(run, "delete", count))
    jobs = (partial(run.clients.request, "DELETE", f"/{run.bucket}/delete/{number:06}") for number in range(count))
    return count / await seconds(run.reactor, 16, jobs)


async def delete_objects(run: Run) -> float:
    """
    One DeleteObjects of 1,000 keys, in keys a second.
    """
    count = run.scale.count(1000, 10)
    await seconds(run.reactor, 64, _puts(run, "many", count))
    keys = "".join(f"<Object><Key>many/{number:06}</Key></Object>" for number in range(count))
    body = f"<Delete><Quiet>true</Quiet>{keys}</Delete>".encode()
    headers = {"content-md5": b64encode(hashlib.md5(body).digest()).decode()}
    return count / await seconds(run.reactor, 1, [partial(run.clients.request, "POST", f"/{run.bucket}?delete", body, headers)])


async def put_large(run: Run, full: int) -> float:
    """
    One PUT as one stream, in MiB a second.
    """
    size = run.scale.count(full, 8)
    with bodies(1, size) as files:
        return size / await seconds(run.reactor, 1, [partial(upload, run.reactor, f"{run.url}/{run.bucket}/large{full}", files[0])])


async def multipart(run: Run) -> float:
    """
    A multipart upload of 512 MiB in parts of 16 MiB, by 4 workers, in MiB a second.
    """
    parts = run.scale.count(32, 2)
    etags: dict[int, str] = {}

    async def whole(files: Sequence[Path]) -> None:
        begun = await run.clients.request("POST", f"/{run.bucket}/multipart?uploads")
        match = re.search(rb"<UploadId>([^<]+)</UploadId>", begun)
        assert match is not None
        upload_id = match.group(1).decode()

        async def part(number: int) -> None:
            url = f"{run.url}/{run.bucket}/multipart?partNumber={number}&uploadId={upload_id}"
            etags[number] = await upload(run.reactor, url, files[number - 1])

        await seconds(run.reactor, 4, [partial(part, number) for number in range(1, parts + 1)])
        listed = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{etags[number]}</ETag></Part>" for number in sorted(etags))
        body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
        await run.clients.request("POST", f"/{run.bucket}/multipart?uploadId={upload_id}", body)

    with bodies(parts, 16) as files:
        return parts * 16 / await seconds(run.reactor, 1, [partial(whole, files)])


async def copy(run: Run, full: int) -> float:
    """
    CopyObject of what L{put_large} made, in seconds.
    """
    source = f"/{run.bucket}/large{full}"
    return await seconds(run.reactor, 1, [partial(run.put, f"copy{full}", b"", x_amz_copy_source=source)])


ROWS = [
    Row("PUT 4 KiB, 1 client", "/s", "write", partial(put_small, workers=1)),
    Row("PUT 4 KiB, 16 clients", "/s", "write", partial(put_small, workers=16)),
    Row("PUT 4 KiB, 64 clients", "/s", "write", partial(put_small, workers=64)),
    Row("PUT 4 KiB with metadata, 16 clients", "/s", "write", partial(put_small, workers=16, prefix="meta", headers=METADATA)),
    Row("DELETE, 16 clients", "/s", "write", delete),
    Row("DeleteObjects of 1,000 keys", "/s", "write", delete_objects),
    Row("PUT 256 MiB", "MiB/s", "write", partial(put_large, full=256)),
    Row("CopyObject of 256 MiB", "s", "write", partial(copy, full=256)),
    Row("PUT 2 GiB", "MiB/s", "write", partial(put_large, full=2048)),
    Row("CopyObject of 2 GiB", "s", "write", partial(copy, full=2048)),
    Row("multipart of 512 MiB, 4 workers", "MiB/s", "write", multipart),
]
