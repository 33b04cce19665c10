"""
C{python -m pachgw fsck}: prove that an embedded store is whole.
"""

from __future__ import annotations

from collections import Counter

from pachgw.commands.folder import FolderOptions, opened
from pachgw.embedded.fsck import Kind


class FsckOptions(FolderOptions):
    """
    The command line of C{fsck}.
    """

    synopsis = "fsck [options]"
    longdesc = "Reads all that the store's commits hold and compares it with its hashes. Ends with status 1 if anything is damaged."
    optFlags = [["quick", None, "Look for what is missing or has the wrong size, without reading large contents"]]


def run(options: FsckOptions) -> None:
    """
    Run the command.

    @raise SystemExit: the store is damaged.
    """
    kinds: Counter[Kind] = Counter()
    with opened(options) as folder:
        for finding in folder.store.check(contents=not options["quick"]):
            kinds[finding.kind] += 1
            if finding.kind is Kind.DAMAGE:
                print(finding.text)
    if kinds[Kind.DAMAGE]:
        raise SystemExit(1)
    print(f"{options.folder} is whole.")
    if kinds[Kind.ORPHAN]:
        print("It holds things that nothing refers to any more: gc removes them.")
