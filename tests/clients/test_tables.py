"""
Readers of tables: s3fs with pandas, pyarrow, DuckDB. They run in an environment of their own (C{tables_program.py}).
"""

from __future__ import annotations

import os
from pathlib import Path

from tests.clients.described import Described
from tests.clients.gateways import Gateway
from tests.clients.shell import Shell

PYTHON = str(Path(os.environ.get("PACHGW_CLIENTS", "")) / "tables" / "bin" / "python")
CLIENT = Described(
    "s3fs with pandas, pyarrow, DuckDB",
    (
        PYTHON,
        "-c",
        "import s3fs, pandas, pyarrow, duckdb; "
        "print(f's3fs {s3fs.__version__}, pandas {pandas.__version__}, pyarrow {pyarrow.__version__}, DuckDB {duckdb.__version__}')",
    ),
    "``endpoint_url`` (s3fs), ``endpoint_override`` (pyarrow); DuckDB through fsspec.",
)


def run(shell: Shell, gateway: Gateway, task: str, bucket: str) -> None:
    """
    Run one task of the program.
    """
    shell.run(PYTHON, str(Path(__file__).with_name("tables_program.py")), task, gateway.url, gateway.key, bucket)


def test_fsspec(shell: Shell, gateway: Gateway, bucket: str) -> None:
    """
    s3fs and pandas: files, CSV, Parquet, copy, recursive removal
    """
    run(shell, gateway, "fsspec", bucket)


def test_arrow(shell: Shell, gateway: Gateway, bucket: str) -> None:
    """
    pyarrow: partitioned Parquet datasets, directories, streams, moves
    """
    run(shell, gateway, "arrow", bucket)


def test_duck(shell: Shell, gateway: Gateway, bucket: str) -> None:
    """
    DuckDB: COPY to and SELECT from Parquet
    """
    run(shell, gateway, "duck", bucket)
