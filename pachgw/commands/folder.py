"""
What the commands on an embedded store's folder share: its options, and opening it. The gateway must not run on it meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from google.protobuf.message import Message
from twisted.python import usage

from pachgw.embedded.calls import InnerCall
from pachgw.embedded.errors import Refused
from pachgw.embedded.faults import StoreFault
from pachgw.embedded.servicer import EmbeddedPFS
from pachgw.options import ROOT_TOKEN_VARIABLE, read_token
from pachgw.pfs.methods import Method
from pachgw.settings import DEFAULT_DATA_DIR


class FolderOptions(usage.Options):
    """
    Which folder, and by whose right.
    """

    optParameters = [
        ["data-dir", None, str(DEFAULT_DATA_DIR), "The folder of the embedded store; no gateway may be running on it"],
        ["root-token-file", None, None, f"The root token, if the store asks for tokens; or in the environment, as {ROOT_TOKEN_VARIABLE}"],
    ]

    def __init__(self, environment: Optional[Mapping[str, str]] = None) -> None:
        """
        @param environment: the process's variables; none by default.
        """
        usage.Options.__init__(self)
        self._environment = environment or {}

    @property
    def folder(self) -> Path:
        """
        The folder.
        """
        return Path(self["data-dir"])

    @property
    def token(self) -> Optional[str]:
        """
        The root token, if it was given.

        @raise usage.UsageError: the file cannot be read.
        """
        path = self["root-token-file"]
        return read_token(Path(path)) if path is not None else self._environment.get(ROOT_TOKEN_VARIABLE)


@dataclass(frozen=True)
class OpenFolder:
    """
    A store that is open.
    """

    store: EmbeddedPFS
    token: Optional[str]

    def call(self, method: Method[Any, Any], request: Message) -> Any:
        """
        Call a procedure of PFS, in this thread.

        @return: its response, or an iterator of them.
        @raise Refused: PFS says no.
        """
        return self.store.procedures[method.path](request, InnerCall(self.token))


@contextmanager
def opened(options: FolderOptions) -> Iterator[OpenFolder]:
    """
    Open a store for the length of a C{with} block. What it says no to ends the program with its text.
    """
    if not options.folder.is_dir():
        raise SystemExit(f"{options.folder} is no folder of a store.")
    store = EmbeddedPFS(options.folder, time.time)
    try:
        store.open()
        yield OpenFolder(store, options.token)
    except StoreFault as fault:
        raise SystemExit(str(fault)) from None
    except Refused as refused:
        raise SystemExit(refused.details) from None
    finally:
        store.close()
