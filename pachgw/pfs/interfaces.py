"""
What everything above C{pachgw.pfs} knows of PFS: requests go in, messages come out, with backpressure and a way to cancel.

The shape is that of pfs_v2 itself. Whether a gRPC channel or the embedded servicer answers cannot be told from here.
"""

from __future__ import annotations

from typing import Optional, Protocol, TypeVar, Union

from google.protobuf.message import Message
from twisted.internet.defer import Deferred
from zope.interface import Interface

from pachgw.pfs.methods import ClientStream, ServerStream, Unary
from pachgw.pfs.proto import pfs_pb2 as pfs

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)
Sent = TypeVar("Sent", bound=Message, contravariant=True)
Answered = TypeVar("Answered", bound=Message)
Read = TypeVar("Read", bound=Message)

Buffer = Union[bytes, memoryview]


class Messages(Protocol[Read]):
    """
    A stream of messages from PFS, pulled by its reader.
    """

    def read(self) -> Deferred[list[Read]]:
        """
        Ask for what comes next. At most one read may be outstanding.

        @return: fires with one or more messages in order, as many as are at hand (a few hundred at the most), or with an
            empty list at the end of the stream and ever after.
        @raise PFSError: (by the Deferred) when PFS ends the stream with an error.
        """

    def cancel(self) -> None:
        """
        Say that no more is wanted; frees what the stream holds. An outstanding read fails with C{CancelledError}.
        May be called at any time, also twice.
        """


class Content(Protocol):
    """
    The bytes of a file from PFS, pulled by their reader, with no copy between the message and the reader.
    """

    def read(self) -> Deferred[list[Buffer]]:
        """
        Ask for what comes next. At most one read may be outstanding.

        @return: fires with one or more buffers, none of them empty, or with an empty list at the end and ever after.
        @raise PFSError: (by the Deferred) when PFS ends the stream with an error.
        """

    def cancel(self) -> None:
        """
        Say that no more is wanted; as in L{Messages}.
        """


class MessageSink(Protocol[Sent, Answered]):
    """
    A stream of messages to PFS, with the one answer at its end.
    """

    def write(self, message: Sent) -> Deferred[None]:
        """
        Hand over a message. At most one write may be outstanding.

        @return: fires when the next message may be written: at once while there is room.
        @raise PFSError: (by the Deferred) when PFS has ended the call early.
        """

    def finish(self) -> Deferred[Answered]:
        """
        Say that the last message has been written.

        @return: fires with PFS's answer.
        @raise PFSError: (by the Deferred) when PFS refuses.
        """

    def cancel(self) -> None:
        """
        Abandon the call: PFS applies nothing of it if it has not been finished. May be called at any time, also twice.
        """


class IPFS(Interface):
    """
    PFS, wherever it runs. All methods are called in, and all Deferreds fire in, the reactor's thread.

    Every Deferred may be cancelled, which cancels the call. C{token} is the Pachyderm token of the caller, or C{None} for nobody.
    C{timeout} is in seconds; a call that takes longer fails with a L{PFSError<pachgw.pfs.errors.PFSError>} of status
    C{DEADLINE_EXCEEDED}, and nobody knows whether it was applied. PFS out of reach is C{UNAVAILABLE}, soon.
    """

    def call(
        method: Unary[Request, Response], request: Request, token: Optional[str] = None, timeout: Optional[float] = None
    ) -> Deferred[Response]:
        """
        One message in, one out. C{timeout} defaults to the implementation's own, some tens of seconds.
        """

    def stream(
        method: ServerStream[Request, Response],
        request: Request,
        token: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Messages[Response]:
        """
        One message in, any number out. C{timeout} is for each wait for a message, not for the whole.
        """

    def content(request: pfs.GetFileRequest, token: Optional[str] = None, timeout: Optional[float] = None) -> Content:
        """
        The content of a file (GetFile). The path in C{request} is read as a glob: it must have been escaped
        (L{pachgw.pfs.messages.literal}).
        """

    def send(
        method: ClientStream[Request, Response], token: Optional[str] = None, timeout: Optional[float] = None
    ) -> MessageSink[Request, Response]:
        """
        Any number of messages in, one out. C{timeout} is for each wait.
        """

    def close() -> Deferred[None]:
        """
        End what runs, with C{CANCELLED}, and free everything. The instance is of no use afterwards.
        """
