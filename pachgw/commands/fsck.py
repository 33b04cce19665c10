"""
C{python -m pachgw fsck}: prove that an embedded store is whole.
"""

from __future__ import annotations

from pachgw.commands.folder import FolderOptions, opened
from pachgw.pfs.methods import FSCK


class FsckOptions(FolderOptions):
    """
    The command line of C{fsck}.
    """

    synopsis = "fsck [options]"
    longdesc = "Reads all that the store's commits hold and compares it with its hashes. Ends with status 1 if anything is damaged."


def run(options: FsckOptions) -> None:
    """
    Run the command.

    @raise SystemExit: the store is damaged.
    """
    damage = 0
    with opened(options) as folder:
        for answer in folder.call(FSCK, FSCK.request()):
            print(answer.error or answer.fix)
            damage += bool(answer.error)
    if damage:
        raise SystemExit(1)
    print(f"{options.folder} is whole.")
