"""
Both recordings of a real pachd, played against every door there is, step by step, none left out.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from pachgw.embedded.servicer import EmbeddedPFS
from tests.contract.doors import Door, ServicerDoor
from tests.contract.player import Mismatch, Player, load

ROOT_TOKEN = "iamroot"


def play_all(door: Door, recording: str, token: str | None) -> list[str]:
    """
    Play a recording to its end.

    @return: what went wrong, one text a step.
    """
    player = Player(door, token)
    wrong = []
    for number, step in enumerate(load(recording)):
        try:
            player.play(step)
        except Mismatch as mismatch:
            wrong.append(f"{number} {step['rpc']} [{step['name']}]: {mismatch}")
    return wrong


class ServicerTests(SynchronousTestCase):
    """
    The methods of the embedded PFS, called directly.
    """

    def setUp(self) -> None:
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        self.embedded = EmbeddedPFS(folder, time.time)
        self.embedded.open()
        self.addCleanup(self.embedded.close)
        self.door = ServicerDoor(self.embedded)

    def test_without_auth(self) -> None:
        """
        Every step of the recording without auth is answered as recorded.
        """
        self.assertEqual(play_all(self.door, "recorded-main.json", None), [])

    def test_with_auth(self) -> None:
        """
        Every step of the recording with auth is answered as recorded.
        """
        self.embedded.activate_auth(ROOT_TOKEN)
        self.assertEqual(play_all(self.door, "recorded-auth.json", ROOT_TOKEN), [])
