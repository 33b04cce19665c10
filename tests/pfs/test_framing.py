"""
Content out of the messages that carry it.
"""

from __future__ import annotations

from google.protobuf.message import DecodeError
from google.protobuf.wrappers_pb2 import BytesValue
from twisted.trial.unittest import SynchronousTestCase

from pachgw.pfs.framing import payload


class PayloadTests(SynchronousTestCase):
    """
    L{payload}.
    """

    def test_sizes(self) -> None:
        """
        Around every size at which the length takes another byte, the content is a slice of the message.
        """
        for size in (1, 127, 128, 16383, 16384, 2097151, 2097152):
            content = bytes(size - 1) + b"x"
            message = BytesValue(value=content).SerializeToString()
            found = payload(message)
            self.assertEqual(found, content)
            assert isinstance(found, memoryview)
            self.assertIs(found.obj, message)

    def test_empty(self) -> None:
        """
        An empty message, and an empty value that is written out.
        """
        self.assertEqual(payload(b""), b"")
        self.assertEqual(payload(b"\x0a\x00"), b"")

    def test_unusual(self) -> None:
        """
        What another encoder may write, an unknown field or the value twice, is read as protobuf says.
        """
        self.assertEqual(payload(b"\x10\x01\x0a\x01x"), b"x")
        self.assertEqual(payload(b"\x0a\x01x\x10\x01"), b"x")
        self.assertEqual(payload(b"\x0a\x01x\x0a\x01y"), b"y")
        self.assertEqual(payload(b"\x0a\x81\x00x"), b"x")

    def test_broken(self) -> None:
        """
        A message that is cut short is refused.
        """
        for message in (b"\x0a", b"\x0a\x05x", b"\x0a\xff\xff\xff\xff\xff\xff", b"\x0b\x01x"):
            self.assertRaises(DecodeError, payload, message)
