"""
C{python -m pachgw gc}: remove what nothing in an embedded store refers to any more. A gateway that runs does so by itself.
"""

from __future__ import annotations

from threading import Event

from pachgw.commands.folder import FolderOptions, opened


class GcOptions(FolderOptions):
    """
    The command line of C{gc}.
    """

    synopsis = "gc [options]"
    longdesc = "Removes what no commit and no upload refers to. A gateway that runs does so by itself, now and then."


def run(options: GcOptions) -> None:
    """
    Run the command.
    """
    with opened(options) as folder:
        collected = folder.store.maintain(Event())
    print(f"Removed {collected.files} files of {collected.size} bytes, and {collected.rows} rows.")
