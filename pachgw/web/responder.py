"""
The one place where a result or an error becomes a response, a line in the log and a count.
"""

from __future__ import annotations

import txaio
from twisted.internet.defer import CancelledError
from twisted.python.failure import Failure

from pachgw.admin.metrics import Metrics
from pachgw.objects.failures import known_error
from pachgw.s3.documents_error import error_document
from pachgw.s3.errors import InternalError, S3Error
from pachgw.web.access_log import AccessLog, resource
from pachgw.web.answer import XML, Answer
from pachgw.web.outgoing import Stalled, send_content
from pachgw.web.request import Header, Request

log = txaio.make_logger()

CLIENT_GONE = 499
"""
The status by which the log and the metrics know a request whose client went away (as nginx has it).
"""


class Responder:
    """
    Ends requests.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._access = AccessLog()

    async def answer(self, request: Request, answer: Answer) -> None:
        """
        Send what an operation answered.
        """
        if answer.content is not None and request.sends_body:
            await send_content(request, answer.status, answer.headers, answer.content, answer.length or 0)
        else:
            length = len(answer.body) if answer.length is None else answer.length
            request.start(answer.status, answer.headers, length, (answer.body,) if answer.body else ())
        request.finish()

    def fail(self, request: Request, error: Exception) -> None:
        """
        Answer with an error, while it is being handled. If the answer has begun, the connection is cut: the client must not take it for
        the whole.
        """
        if request.disconnected:
            if not isinstance(error, (CancelledError, S3Error)):
                log.debug("{id} after the client had gone: {error}", id=request.id, error=error)
        elif request.startedWriting:
            if not isinstance(error, Stalled):
                log.failure("{id} failed in the middle of its answer", id=request.id)
            request.abort()
        else:
            self.send_error(request, self._shown(request, error))

    def give_up(self, failure: Failure, request: Request) -> None:
        """
        Even answering with an error has failed, which is a defect of ours.
        """
        log.failure("{id} could not be answered", failure=failure, id=request.id)
        request.abort()

    def send_error(self, request: Request, error: S3Error) -> None:
        """
        Send an error document.
        """
        headers: list[Header] = [*error.headers.items(), XML]
        body = self._document(request, error)
        request.start(error.status, headers, len(body), (body,))
        request.finish()

    def document(self, request: Request, error: Exception) -> bytes:
        """
        The error document alone, of an error that is being handled.
        """
        return self._document(request, self._shown(request, error))

    def _document(self, request: Request, error: S3Error) -> bytes:
        return error_document(error, resource(request), request.id, request.site.host_id)

    def done(self, request: Request, operation: str) -> None:
        """
        Count a request that has ended, and write its line in the log.
        """
        seconds = request.site.clock.seconds() - request.began
        status = request.code if request.finished else CLIENT_GONE
        self._metrics.request(operation, status, seconds, request.received, request.sent)
        self._access.write(request, operation, status, seconds)

    def close(self) -> None:
        """
        Write what has been held back.
        """
        self._access.flush()

    def _shown(self, request: Request, error: Exception) -> S3Error:
        """
        What the client sees of an error: never more than S3 has to say.
        """
        known = known_error(error)
        if known is not None:
            return known
        log.failure("{id} failed", id=request.id)
        return InternalError()
