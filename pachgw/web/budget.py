"""
How much may go on at once.
"""

from __future__ import annotations

from typing import Optional

from pachgw.s3.errors import SlowDown

STREAM = 4 * 1024 * 1024
"""
What a request with a large body, its own or its answer's, may hold in memory, in bytes.
"""

SMALL = 64 * 1024
"""
What any other request is counted as.
"""


class Budget:
    """
    A bound on requests and on the memory that they may take together.

    @ivar requests: how many are under way.
    @ivar memory: what they are counted as, in bytes.
    """

    def __init__(self, max_requests: int, max_memory: int) -> None:
        """
        @param max_memory: in bytes.
        """
        self.max_requests = max_requests
        self.max_memory = max_memory
        self.requests = 0
        self.memory = 0

    def enter(self, length: Optional[int]) -> int:
        """
        Let a request in.

        @param length: of its body in bytes, C{None} if it is not known.
        @return: what to give to L{leave}.
        @raise SlowDown: too much is going on.
        """
        cost = _cost(length)
        if self.requests >= self.max_requests or self.memory + cost > self.max_memory:
            raise SlowDown()
        self.requests += 1
        self.memory += cost
        return cost

    def grow(self, cost: int, length: int) -> int:
        """
        Let a request answer with a body.

        @param cost: what it has been counted as.
        @param length: of the answer's body, in bytes.
        @return: what to give to L{leave} instead.
        @raise SlowDown: too much is going on.
        """
        more = max(0, _cost(length) - cost)
        if self.memory + more > self.max_memory:
            raise SlowDown()
        self.memory += more
        return cost + more

    def leave(self, cost: int) -> None:
        """
        A request that was let in has ended.
        """
        self.requests -= 1
        self.memory -= cost


def _cost(length: Optional[int]) -> int:
    return STREAM if length is None else max(SMALL, min(length, STREAM))
