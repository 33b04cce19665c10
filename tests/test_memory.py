"""
The memory of a process that serves.
"""

from __future__ import annotations

import gc

from twisted.trial.unittest import SynchronousTestCase

from pachgw.memory import FREE, HEAPS, INTERVAL, LARGE, THRESHOLDS, Tidying, find_option, find_trim, manage
from pachgw.objects.modifications import MESSAGE_LIMIT
from tests.fake_threads import FakeReactor


class Knot:
    """
    An object that refers to itself.
    """

    def __init__(self) -> None:
        self.itself = self


class TidyingTests(SynchronousTestCase):
    """
    L{Tidying}.
    """

    def setUp(self) -> None:
        """Python's own settings come back at the end."""
        self.addCleanup(gc.set_threshold, *gc.get_threshold())
        self.addCleanup(gc.unfreeze)
        self.reactor = FakeReactor()
        self.trimmed: list[int] = []

    def trim(self, pad: int) -> int:
        """Like C{malloc_trim}."""
        self.trimmed.append(pad)
        return 1

    def test_start(self) -> None:
        """What has been loaded is left alone, and the youngest are looked at less often."""
        Tidying(self.reactor, self.trim).start()
        self.assertEqual(gc.get_threshold(), THRESHOLDS)
        self.assertGreater(gc.get_freeze_count(), 0)

    def test_rounds(self) -> None:
        """Each round finds young garbage, and gives free memory back from another thread."""
        Tidying(self.reactor, self.trim).start()
        for number in (1, 2):
            Knot()
            before = sum(isinstance(each, Knot) for each in gc.get_objects())
            self.reactor.advance(INTERVAL)
            self.assertEqual((before, sum(isinstance(each, Knot) for each in gc.get_objects())), (1, 0))
            self.reactor.threads.run()
            self.assertEqual(self.trimmed, [0] * number)

    def test_without_trim(self) -> None:
        """Where there is no such function, the rest is done all the same."""
        Tidying(self.reactor, None).start()
        self.reactor.advance(INTERVAL)
        self.assertEqual(self.reactor.threads.work, [])

    def test_manage(self) -> None:
        """The allocator is told, where it can be; the one of this process understands."""
        told: list[tuple[int, int]] = []

        def option(name: int, value: int) -> int:
            told.append((name, value))
            return 1

        manage(option)
        manage(None)
        self.assertEqual(told, [(-3, LARGE), (-1, FREE), (-8, HEAPS)])
        found = find_option()
        if found is not None:
            self.assertEqual([found(*each) for each in told], [1, 1, 1])

    def test_messages_are_kept(self) -> None:
        """The buffers of an upload are taken from memory that is kept, with room for what surrounds the content."""
        self.assertLess(MESSAGE_LIMIT + 1024, LARGE)

    def test_find(self) -> None:
        """What is found can be called."""
        trim = find_trim()
        if trim is not None:
            self.assertIn(trim(0), (0, 1))
