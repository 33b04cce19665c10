"""
C{docs/guide.rst}, command by command.
"""

from __future__ import annotations

import sys

import pytest

from tests.clients.gateways import Gateway
from tests.clients.shell import Shell
from tests.documents import ROOT, commands

GUIDE = ROOT / "docs" / "guide.rst"


def told(client: str, gateway: Gateway) -> str:
    """
    What the guide says for a client, for the gateway under test.
    """
    text = commands(GUIDE, client).replace("http://localhost:30600", gateway.url).replace("localhost:30600", gateway.host)
    return text.replace("KEY:KEY", f"{gateway.key}:{gateway.key}").replace('"KEY"', f'"{gateway.key}"').replace("=KEY", f"={gateway.key}")


@pytest.mark.parametrize("client", ["mc", "aws", "s3cmd", "curl"])
def test_commands(client: str, shell: Shell, gateway: Gateway) -> None:
    """
    the user guide's commands
    """
    script = told(client, gateway).replace(" KEY", f" {gateway.key}")
    if client == "mc":
        script += "\naws s3 rb --force s3://master.photos"
    shell.run("bash", "-eu", "-o", "pipefail", "-c", f"shopt -s expand_aliases\n{script}")


def test_boto3(shell: Shell, gateway: Gateway) -> None:
    """
    the user guide's Python
    """
    shell.run(sys.executable, "-c", told("boto3", gateway))
