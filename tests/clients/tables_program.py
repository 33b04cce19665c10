"""
What readers of tables do, as a program for the environment of C{requirements-tables.txt}: C{tables_program.py TASK URL KEY BUCKET}.
"""

from __future__ import annotations

import sys

import duckdb
import pandas
import pyarrow
import pyarrow.dataset
import pyarrow.fs
import pyarrow.parquet
import s3fs


def fsspec(url: str, key: str, bucket: str) -> None:
    """
    s3fs and pandas.
    """
    files = s3fs.S3FileSystem(key=key, secret=key, endpoint_url=url)
    files.mkdir(bucket)
    with files.open(f"{bucket}/dir/note.txt", "wb") as out:
        out.write(b"hello")
    assert files.ls(f"{bucket}/dir") == [f"{bucket}/dir/note.txt"]
    assert files.cat(f"{bucket}/dir/note.txt") == b"hello"
    assert not files.exists(f"{bucket}/none")
    options = {"key": key, "secret": key, "client_kwargs": {"endpoint_url": url}}
    frame = pandas.DataFrame({"n": range(1000), "text": [f"row {number}" for number in range(1000)]})
    frame.to_csv(f"s3://{bucket}/frame.csv", index=False, storage_options=options)
    assert pandas.read_csv(f"s3://{bucket}/frame.csv", storage_options=options).equals(frame)
    frame.to_parquet(f"s3://{bucket}/frame.parquet", storage_options=options)
    assert pandas.read_parquet(f"s3://{bucket}/frame.parquet", storage_options=options)["n"].sum() == 499500
    files.copy(f"{bucket}/frame.csv", f"{bucket}/dir/frame.csv")
    files.rm(f"{bucket}/dir", recursive=True)
    assert files.find(bucket) == [f"{bucket}/frame.csv", f"{bucket}/frame.parquet"]


def arrow(url: str, key: str, bucket: str) -> None:
    """
    pyarrow's own S3 file system with a partitioned Parquet dataset.
    """
    files = pyarrow.fs.S3FileSystem(access_key=key, secret_key=key, endpoint_override=url, region="us-east-1", allow_bucket_creation=True)
    files.create_dir(bucket)
    table = pyarrow.table({"part": [number % 4 for number in range(4000)], "n": list(range(4000))})
    pyarrow.dataset.write_dataset(
        table, f"{bucket}/set", format="parquet", filesystem=files, partitioning=["part"], existing_data_behavior="overwrite_or_ignore"
    )
    read = pyarrow.dataset.dataset(f"{bucket}/set", format="parquet", filesystem=files, partitioning=["part"])
    assert read.count_rows() == 4000
    assert read.to_table(filter=pyarrow.dataset.field("part") == 3)["n"].to_pylist() == list(range(3, 4000, 4))
    files.create_dir(f"{bucket}/empty/dir", recursive=True)
    assert files.get_file_info(f"{bucket}/empty/dir").type == pyarrow.fs.FileType.Directory
    with files.open_output_stream(f"{bucket}/empty/dir/file") as out:
        out.write(b"x" * 12_000_000)
    assert files.get_file_info(f"{bucket}/empty/dir/file").size == 12_000_000
    files.move(f"{bucket}/empty/dir/file", f"{bucket}/moved")
    files.delete_dir(f"{bucket}/set")
    assert files.get_file_info(f"{bucket}/set").type == pyarrow.fs.FileType.NotFound


def duck(url: str, key: str, bucket: str) -> None:
    """
    Parquet files as DuckDB makes them, written and read through fsspec (its own httpfs extension comes from elsewhere than a package).
    """
    files = s3fs.S3FileSystem(key=key, secret=key, endpoint_url=url)
    files.mkdir(bucket)
    database = duckdb.connect()
    database.register_filesystem(files)
    database.execute(f"COPY (SELECT range AS n, range % 7 AS g FROM range(100000)) TO 's3://{bucket}/t.parquet' (FORMAT parquet)")
    row = database.execute(f"SELECT count(*), sum(n) FROM 's3://{bucket}/t.parquet' WHERE g = 3").fetchone()
    assert row == (len(range(3, 100000, 7)), sum(range(3, 100000, 7))), row


if __name__ == "__main__":
    task, *arguments = sys.argv[1:]
    {"fsspec": fsspec, "arrow": arrow, "duck": duck}[task](*arguments)
