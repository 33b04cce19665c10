"""
Content that is asked for before it is known what there is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Optional

from pachgw.objects.neighbours import LARGEST
from pachgw.objects.values import Wanted
from pachgw.pfs.interfaces import Content


class Early:
    """
    The bytes that a request will want, on their way while PFS still tells what they are. Short ranges are left to
    L{pachgw.objects.neighbours}: one message may serve many of them.
    """

    def __init__(self, wanted: Optional[Wanted] = None) -> None:
        """
        @param wanted: C{None} if nothing is to be asked for early.
        """
        self._wanted = wanted if wanted is not None and (wanted.length is None or wanted.length > LARGEST) else None
        self._content: Optional[Content] = None

    def begin(self, ask: Callable[[int], Content]) -> None:
        """
        Ask for the bytes, if any are wanted.

        @param ask: asks for the content from a byte on.
        """
        if self._wanted is not None:
            self._content = ask(self._wanted.start)

    def take(self, start: int) -> Optional[Content]:
        """
        The content from C{start} on, if it is on its way. It is given once; what does not fit is given up.
        """
        fits = self._wanted is not None and self._wanted.start == start
        content = self._content if fits else None
        if not fits:
            self.cancel()
        self._content = None
        return content

    def cancel(self) -> None:
        """
        Give up what was not taken.
        """
        content, self._content = self._content, None
        if content is not None:
            content.cancel()
