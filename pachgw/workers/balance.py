"""
Which worker is to accept the next connection: one that has no more of them than any other.

A connection wakes all who wait for one, and the same is the first each time. Without this, clients that come one after another and stay
would all be one worker's.
"""

from __future__ import annotations

from pachgw.workers.numbers import SharedNumbers

ABSENT = (1 << 64) - 1
"""
Stands for the number of connections of a worker that accepts none.
"""


class Balance:
    """
    One worker's place among the others.
    """

    def __init__(self, connections: SharedNumbers, place: int) -> None:
        """
        @param connections: how many each worker has.
        @param place: this one's number in there.
        """
        self._connections = connections
        self._place = place
        self._left = False

    def tell(self, connections: int) -> None:
        """
        Tell the others how many this worker has.
        """
        if not self._left:
            self._connections.write(connections, self._place)

    def leave(self) -> None:
        """
        Tell the others that this worker accepts no more.
        """
        self.tell(ABSENT)
        self._left = True

    def my_turn(self) -> bool:
        """
        Whether no other has less.
        """
        return self._connections.read(self._place) <= self._connections.least()
