"""
Answers that take long.

A client or a proxy in between gives up a connection on which nothing moves. So after a while the head of the answer is sent, and then
a blank now and then, which XML allows before its document. An error that comes after that is in the body of the 200, as AWS has it.

Source: U{https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html}.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Optional

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IDelayedCall

from pachgw.s3.xml_writing import DECLARATION
from pachgw.web.answer import XML, Answer
from pachgw.web.request import Request
from pachgw.web.responder import Responder

PATIENT = frozenset({"CompleteMultipartUpload", "CopyObject", "UploadPartCopy"})
"""
The operations that are answered like this.
"""

FIRST = 5.0
"""
Seconds before the head is sent: up to then an error has its own status.
"""

BETWEEN = 10.0
"""
Seconds from blank to blank.
"""


class _Blanks:
    """
    Sends them.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._next: Optional[IDelayedCall] = request.site.clock.callLater(FIRST, self._send)

    def stop(self) -> None:
        """
        No more are needed.
        """
        if self._next is not None and self._next.active():
            self._next.cancel()
        self._next = None

    def _send(self) -> None:
        if self._request.startedWriting:
            self._request.send((b" ",))
        else:
            self._request.start(200, [XML], None, (DECLARATION,))
        self._next = self._request.site.clock.callLater(BETWEEN, self._send)


async def answer_patiently(request: Request, responder: Responder, work: Coroutine[Deferred[Any], Any, Answer]) -> None:
    """
    Answer a request, keeping its connection alive meanwhile.

    @param work: the operation; its answer is an XML document.
    """
    blanks = _Blanks(request)
    try:
        answer = await work
    except CancelledError:
        raise
    except Exception as error:
        blanks.stop()
        if not request.startedWriting:
            raise
        document = responder.document(request, error)
    else:
        blanks.stop()
        if not request.startedWriting:
            await responder.answer(request, answer)
            return
        document = answer.body
    finally:
        blanks.stop()
    request.send((document.removeprefix(DECLARATION),))
    request.finish()
