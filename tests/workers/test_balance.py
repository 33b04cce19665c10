"""
Which worker accepts.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from pachgw.workers.balance import ABSENT, Balance
from pachgw.workers.numbers import SharedNumbers


class BalanceTests(SynchronousTestCase):
    """
    L{Balance} of three workers, of whom one is not there.
    """

    def setUp(self) -> None:
        """Nobody has a connection."""
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        numbers = SharedNumbers(Path(folder) / "numbers", 3)
        self.first, self.second, self.third = (Balance(numbers, place) for place in range(3))
        numbers.write(ABSENT, 2)

    def test_fewest(self) -> None:
        """It is the turn of those who have no more than any other."""
        self.assertEqual((self.first.my_turn(), self.second.my_turn()), (True, True))
        self.first.tell(1)
        self.assertEqual((self.first.my_turn(), self.second.my_turn()), (False, True))
        self.second.tell(2)
        self.assertEqual((self.first.my_turn(), self.second.my_turn()), (True, False))

    def test_absent(self) -> None:
        """Nobody waits for one who accepts nothing; who comes gets the next ones."""
        self.second.tell(5)
        self.first.leave()
        self.first.tell(3)
        self.assertTrue(self.second.my_turn())
        self.third.tell(0)
        self.assertEqual((self.second.my_turn(), self.third.my_turn()), (False, True))
