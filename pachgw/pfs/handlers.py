"""
A servicer's methods as gRPC calls them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, NoReturn, Optional

import grpc

from pachgw.pfs.context import TOKEN_KEY
from pachgw.pfs.methods import ALL, INSPECT_COMMIT, INSPECT_COMMIT_SET, SUBSCRIBE_COMMIT, ClientStream, Method, ServerStream
from pachgw.pfs.servicer import Procedure, Servicer, explained

_CODES: dict[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}


class Pools(NamedTuple):
    """
    The threads for each kind of call. See L{Served<pachgw.pfs.serving.Served>}.
    """

    calls: ThreadPoolExecutor
    streams: ThreadPoolExecutor
    uploads: ThreadPoolExecutor
    waits: ThreadPoolExecutor

    def of(self, method: Method[Any, Any]) -> ThreadPoolExecutor:
        """
        The threads for a procedure.
        """
        if method in (SUBSCRIBE_COMMIT, INSPECT_COMMIT, INSPECT_COMMIT_SET):
            return self.waits
        if isinstance(method, ClientStream):
            return self.uploads
        return self.streams if isinstance(method, ServerStream) else self.calls


class _ServedCall:
    """
    L{CallContext<pachgw.pfs.servicer.CallContext>} for a call of gRPC.
    """

    __slots__ = ("add_callback", "is_active", "token")

    def __init__(self, context: grpc.ServicerContext) -> None:
        metadata = dict(context.invocation_metadata())
        token = metadata.get(TOKEN_KEY)
        self.token: Optional[str] = None if token is None else str(token)
        self.is_active: Callable[[], bool] = context.is_active
        self.add_callback: Callable[[Callable[[], None]], bool] = context.add_callback


def _refuse(context: grpc.ServicerContext, call: _ServedCall, error: Exception, name: str) -> NoReturn:
    known = explained(error, name, call)
    context.abort(_CODES[known.status.value], known.details)
    raise AssertionError("abort raises")


def _answering(behaviour: Procedure, name: str) -> Callable[..., Any]:
    """
    A method with one answer, as gRPC calls it.
    """

    def answer(request: Any, context: grpc.ServicerContext) -> Any:
        call = _ServedCall(context)
        try:
            return behaviour(request, call)
        except Exception as error:
            _refuse(context, call, error, name)

    return answer


def _streaming(behaviour: Procedure, name: str) -> Callable[..., Any]:
    """
    A method with a stream of answers, as gRPC calls it.
    """

    def answer(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        call = _ServedCall(context)
        try:
            yield from behaviour(request, call)
        except Exception as error:
            _refuse(context, call, error, name)

    return answer


def _handler(method: Method[Any, Any], behaviour: Procedure, pools: Pools) -> grpc.RpcMethodHandler[Any, Any]:
    adapted = (_streaming if isinstance(method, ServerStream) else _answering)(behaviour, method.name)
    adapted.experimental_thread_pool = pools.of(method)  # type: ignore[attr-defined]
    kind = {ServerStream: grpc.unary_stream_rpc_method_handler, ClientStream: grpc.stream_unary_rpc_method_handler}
    make = kind.get(type(method), grpc.unary_unary_rpc_method_handler)
    return make(adapted, method.request.FromString, method.response.SerializeToString)


def handlers(servicer: Servicer, pools: Pools) -> list[grpc.GenericRpcHandler[Any, Any]]:
    """
    A handler for each gRPC service, with those procedures that the servicer has.
    """
    return [
        grpc.method_handlers_generic_handler(
            service,
            {
                method.name: _handler(method, servicer.procedures[method.path], pools)
                for method in ALL
                if method.service == service and method.path in servicer.procedures
            },
        )
        for service in sorted({method.service for method in ALL})
    ]
