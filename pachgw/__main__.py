"""
C{python -m pachgw}: C{serve}, which needs not be said, and the other commands.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from twisted.python import usage

from pachgw.commands import auth, fsck, gc, probe, serve
from pachgw.options import Options

COMMANDS: dict[str, tuple[Callable[[], usage.Options], Callable[[Any], None]]] = {
    "serve": (lambda: Options(os.environ), serve.run),
    "probe": (probe.ProbeOptions, probe.run),
    "fsck": (lambda: fsck.FsckOptions(os.environ), fsck.run),
    "gc": (lambda: gc.GcOptions(os.environ), gc.run),
    "auth": (lambda: auth.AuthOptions(os.environ), auth.run),
}
"""
For each command how its options are made, and what runs it.
"""


def main(arguments: Sequence[str]) -> None:
    """
    Run a command.

    @param arguments: the command line, without the program's name.
    @raise SystemExit: the command line is wrong, or the command has failed.
    """
    if arguments and not arguments[0].startswith("-") and arguments[0] not in COMMANDS:
        raise SystemExit(f"There is no command {arguments[0]!r}. There are: {', '.join(COMMANDS)}; each takes --help.")
    name, rest = (arguments[0], arguments[1:]) if arguments and arguments[0] in COMMANDS else ("serve", arguments)
    make, run = COMMANDS[name]
    options = make()
    try:
        options.parseOptions(rest)
    except usage.UsageError as error:
        raise SystemExit(f"{error}\nTry: python -m pachgw {name} --help") from None
    run(options)


if __name__ == "__main__":
    main(sys.argv[1:])
