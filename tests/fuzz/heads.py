"""
Heads of requests, as bytes that a fuzzer can change.
"""

from __future__ import annotations

from pachgw.s3.request_head import RequestHead


def parse_head(data: bytes) -> RequestHead:
    """
    Read C{METHOD target} and C{name: value} lines, much as HTTP has them. Anything will do.
    """
    first, *lines = data.decode("latin-1").split("\n")
    method, _, target = first.partition(" ")
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.lower(), []).append(value)
    return RequestHead(method, target, headers)


def format_head(head: RequestHead) -> bytes:
    """
    The bytes of which L{parse_head} makes a request.
    """
    lines = [f"{head.method} {head.target}"]
    lines += [f"{name}:{value}" for name, values in head.headers.items() for value in values]
    return "\n".join(lines).encode("latin-1")
