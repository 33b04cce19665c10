"""
The runner: C{python -m tests.fuzz TARGET --seconds N [--corpus DIR]}.

An input that breaks a target is kept in the folder C{build/fuzz}, and the exit code is not 0.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

import atheris

from tests.fuzz.targets import NAMES, load

ARTIFACTS = Path("build/fuzz")


def main() -> None:
    """
    Fuzz one target for some time.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("target", choices=NAMES)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--corpus", type=Path, help="where to find and keep inputs; by default in build/fuzz")
    arguments = parser.parse_args()
    with atheris.instrument_imports(include=["pachgw"]):
        target = load(arguments.target)
    corpus = arguments.corpus or ARTIFACTS / arguments.target
    for folder in (ARTIFACTS, corpus):
        folder.mkdir(parents=True, exist_ok=True)
    for seed in target.SEEDS:
        (corpus / hashlib.sha1(seed).hexdigest()).write_bytes(seed)
    options = {
        "max_total_time": arguments.seconds,
        "timeout": 5,
        "rss_limit_mb": 1024,
        "max_len": 8192,
        "artifact_prefix": f"{ARTIFACTS}/{arguments.target}-",
        "print_final_stats": 1,
    }
    atheris.Setup([sys.argv[0], *(f"-{name}={value}" for name, value in options.items()), str(corpus)], target.fuzz_one)
    atheris.Fuzz()


main()
