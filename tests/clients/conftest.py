"""
Which gateway the clients speak to, and the record of what passed.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

import pytest

from tests.clients.described import Described
from tests.clients.gateways import LISTENS, LOOPBACK, PFS_LISTENS, RUNNING, Gateway, running
from tests.clients.shell import Shell

ROOT_TOKEN = "0123456789abcdef0123456789abcdef"

_numbers = itertools.count(1)
_passed: dict[str, list[str]] = {}


@pytest.fixture(scope="session")
def gateway(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """
    The gateway under test: C{--gateway embedded} (the default: embedded PFS, auth on), C{served} (one gateway in front of another one's
    embedded PFS over gRPC, auth on), C{open} (embedded PFS, auth off), or the URL of one that runs already.
    """
    kind = request.config.getoption("--gateway")
    if kind.startswith("http"):
        yield Gateway(kind, request.config.getoption("--gateway-key"))
        return
    data = tmp_path_factory.mktemp("data")
    token = tmp_path_factory.mktemp("token") / "root"
    token.write_text(ROOT_TOKEN)
    embedded = ["--data-dir", str(data), "--listen", LOOPBACK]
    if kind != "open":
        embedded += ["--root-token-file", str(token)]
    if kind != "served":
        with running(embedded) as process:
            yield Gateway(process.wait_for(LISTENS), ROOT_TOKEN)
        return
    with running([*embedded, "--pfs-listen", LOOPBACK]) as server:
        address = server.wait_for(PFS_LISTENS)
        with running(["--pachd", f"grpc://{address}", "--listen", LOOPBACK]) as process:
            yield Gateway(process.wait_for(LISTENS), ROOT_TOKEN)


@pytest.fixture
def shell(tmp_path: Path, gateway: Gateway) -> Shell:
    """
    A shell with the keys in the environment, as most clients take them.
    """
    return Shell(
        tmp_path,
        {
            "AWS_ACCESS_KEY_ID": gateway.key,
            "AWS_SECRET_ACCESS_KEY": gateway.key,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": gateway.url,
            "AWS_EC2_METADATA_DISABLED": "true",
        },
    )


@pytest.fixture
def bucket() -> str:
    """
    The name of a bucket that no other test uses, nor another run against the same gateway; it does not exist yet.
    """
    return f"master.bucket-{os.getpid()}-{next(_numbers)}"


def described(item: pytest.Item) -> Optional[Described]:
    """
    The client that a test drives: its module's C{CLIENT}, or the one that the module's C{CLIENT_OF} names for it.
    """
    module = getattr(item, "module", None)
    client = getattr(module, "CLIENT_OF", {}).get(getattr(item, "originalname", "")) or getattr(module, "CLIENT", None)
    return client if isinstance(client, Described) else None


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """
    Note what passed, in the words of its docstring.
    """
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.failed:
        report.sections += [(" ".join(process.command), process.output[-8000:]) for process in RUNNING]
    client = described(item)
    if report.when == "call" and report.passed and client is not None:
        text = re.sub(r"\s+", " ", (item.function.__doc__ or "").strip())
        _passed.setdefault(json.dumps([client.name, client.version, client.settings]), []).append(text)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """
    Write the record, if it was asked for.
    """
    target = session.config.getoption("--clients-report")
    if not target:
        return
    rows = {}
    for described, texts in _passed.items():
        name, version, settings = json.loads(described)
        printed = subprocess.run(version, capture_output=True, text=True, check=True)
        first = (printed.stdout or printed.stderr).strip().splitlines()[0]
        rows[name] = {"version": first, "settings": settings, "ran": sorted(set(texts))}
    Path(target).write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n", encoding="utf-8")
