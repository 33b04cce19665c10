"""
The fuzz targets hold on their seeds and on inputs near to them, so that the fuzzer begins with code that works.
"""

from __future__ import annotations

import random

from twisted.trial.unittest import SynchronousTestCase

from tests.fuzz.targets import NAMES, load

ROUNDS = 200


def mutated(seed: bytes, choices: random.Random) -> bytes:
    """
    Some bytes with a few of them changed, removed or repeated.
    """
    data = bytearray(seed)
    for _ in range(choices.randint(0, 4)):
        start = choices.randrange(len(data) + 1)
        stop = min(len(data), start + choices.randint(0, 4))
        data[start:stop] = choices.choice([b"", data[start:stop] * 2, choices.randbytes(1), b"\r\n", b"\n"])
    return bytes(data)


class TargetTests(SynchronousTestCase):
    """
    Each target.
    """

    def test_targets(self) -> None:
        """
        A target has seeds, and neither they nor their mutants break it.
        """
        self.assertIn("signature", NAMES)
        for name in NAMES:
            target = load(name)
            self.assertTrue(target.SEEDS, name)
            choices = random.Random(name)
            for seed in target.SEEDS:
                for data in (seed, b"", *(mutated(seed, choices) for _ in range(ROUNDS))):
                    self.assertIs(target.fuzz_one(data), None, (name, data))
