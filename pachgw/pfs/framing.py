"""
The one place that reads a protobuf message by hand: the content of a file, out of the message that carries it, without a copy.
"""

from __future__ import annotations

from google.protobuf.wrappers_pb2 import BytesValue

from pachgw.pfs.interfaces import Buffer

_VALUE = 0x0A
"""
The tag of field 1, length-delimited. Source: U{https://protobuf.dev/programming-guides/encoding/}.
"""


def payload(message: bytes) -> Buffer:
    """
    The value of a serialised C{google.protobuf.BytesValue}.

    @return: a slice of C{message}, which stays in memory as long as the slice does.
    @raise google.protobuf.message.DecodeError: it is none.
    """
    if not message:
        return b""
    length = shift = 0
    for position in range(1, min(len(message), 6)):
        byte = message[position]
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            if message[0] == _VALUE and position + 1 + length == len(message):
                return memoryview(message)[position + 1 :]
            break
    return BytesValue.FromString(message).value
