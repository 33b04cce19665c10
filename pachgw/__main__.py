"""
C{python -m pachgw}: C{serve}, which needs not be said, and the other commands.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from twisted.python import usage

from pachgw.commands import auth, fsck, gc, probe, records, serve
from pachgw.options import Options

COMMANDS: dict[str, tuple[Callable[[], usage.Options], Callable[[Any], None], str]] = {
    "serve": (lambda: Options(os.environ), serve.run, "run the gateway; what is done without a command"),
    "probe": (probe.ProbeOptions, probe.run, "ask a gateway whether it answers"),
    "fsck": (lambda: fsck.FsckOptions(os.environ), fsck.run, "prove that an embedded store is whole"),
    "gc": (lambda: gc.GcOptions(os.environ), gc.run, "remove what an embedded store no longer refers to"),
    "auth": (lambda: auth.AuthOptions(os.environ), auth.run, "tokens and roles of an embedded store"),
    "records": (lambda: records.RecordsOptions(os.environ), records.run, "list, check, export and collect the records of objects"),
}
"""
For each command how its options are made, what runs it, and what it is for.
"""


def overview() -> str:
    """
    What C{--help} without a command says.
    """
    rows = [f"  {name:<9}{purpose}" for name, (_, _, purpose) in COMMANDS.items()]
    return "\n".join(["python -m pachgw [COMMAND] [OPTIONS]", "", *rows, "", "Each takes --help."])


def main(arguments: Sequence[str]) -> None:
    """
    Run a command.

    @param arguments: the command line, without the program's name.
    @raise SystemExit: the command line is wrong, or the command has failed.
    """
    if arguments and not arguments[0].startswith("-") and arguments[0] not in COMMANDS:
        raise SystemExit(f"There is no command {arguments[0]!r}. There are: {', '.join(COMMANDS)}; each takes --help.")
    if list(arguments) == ["--help"]:
        print(overview())
        return
    name, rest = (arguments[0], arguments[1:]) if arguments and arguments[0] in COMMANDS else ("serve", arguments)
    make, run, _ = COMMANDS[name]
    options = make()
    try:
        options.parseOptions(rest)
    except usage.UsageError as error:
        raise SystemExit(f"{error}\nTry: python -m pachgw {name} --help") from None
    run(options)


if __name__ == "__main__":
    main(sys.argv[1:])
