"""
Keys that PFS cannot hold, under names that it can: an escaping in percent style, for gateways that are set to use it.

The rules, for the key's UTF-8 from left to right:

  1. A byte outside of printable ASCII, or one of C{*?[]{}!()@+^}, becomes C{%XX}, in upper-case hex: C{a+é} is C{a%2B%C3%A9}.
  2. A slash that would follow a slash or begin the path becomes C{%2F}: C{a//b} is C{a/%2Fb}.
  3. The first dot of a segment C{.} or C{..} becomes C{%2E}, and so does that of a segment C{.pachgw}.
  4. What already reads as one of these, with any number of C{25} behind its C{%}, gets one more C{25}: the key C{a%2Bb} is C{a%252Bb},
     and the key C{a%252Bb} is C{a%25252Bb}. Any other C{%} stays: C{100%}, C{%41} and C{%2b} are what they are.

So each key has one path, and each path that PFS can hold (but for those with a segment C{.pachgw}) is one key's. What others have
written with pachctl or a pipeline stays reachable, and a key that PFS can hold is changed only if it reads as an escape.

B{Order.} S3 lists keys in the order of their UTF-8, PFS paths in theirs, and an escape sorts as C{%}. The two orders differ only among
the names within one directory, since a slash that stays is a slash in both. So a reader that goes through PFS directory by directory must
sort the names of each, unescaped, a directory's with its trailing slash, before it goes on; one that has all of a commit sorts all keys
once. Prefixes, delimiters and markers are of keys: they are compared with what L{unescape} gives. Only the search for a prefix can be
narrowed in PFS, to L{path_prefix}.

A path may become three times as long as its key.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

_BYTE = "2A|3F|5B|5D|7B|7D|21|28|29|40|2B|5E|[01][0-9A-F]|7F"
_TAIL = "%[89AB][0-9A-F]"
_CHARACTER = (
    f"(?:C[2-9A-F]|D[0-9A-F]){_TAIL}"
    f"|(?:E0%[AB][0-9A-F]|ED%[89][0-9A-F]|E[1-9A-CEF]{_TAIL}){_TAIL}"
    f"|(?:F0%[9AB][0-9A-F]|F4%8[0-9A-F]|F[1-3]{_TAIL}){_TAIL}{_TAIL}"
)
_REST = r"(?=(?:\.?|pachgw)(?:/|\Z))"
_LEVELS = "%(?:25)*"
_UNHELD = r"[^ -~]|[*?\[\]{}!()@+^]"

_ESCAPE = re.compile(f"{_LEVELS}(?:{_BYTE}|{_CHARACTER})")
_ESCAPE_FIRST = re.compile(f"{_LEVELS}(?:{_BYTE}|{_CHARACTER}|2F|2E{_REST})")
_RUN = re.compile(f"(?:{_UNHELD})+")
_PLAIN = re.compile(f"(?:(?!{_UNHELD}|[%/]).)+")
_DOT = re.compile(rf"\.{_REST}")
_NOTHING_TO_DO = re.compile(r"(?:(?!/)[ -~])+(?:/(?:(?!/)[ -~])+)*/?")
_SUSPICIOUS = re.compile(rf"%|{_UNHELD}|(?:^|/)\.")


def escape(key: str) -> str:
    """
    The path, without a leading slash, under which PFS holds a key.

    @param key: not empty. One that ends in a slash, of which the path keeps it, is a directory marker's.
    """
    if not _SUSPICIOUS.search(key) and _NOTHING_TO_DO.fullmatch(key):
        return key
    pieces: list[str] = []
    position, first = 0, True
    while position < len(key):
        piece, path = _next(key, position, first)
        pieces.append(path)
        position += len(piece)
        first = path == "/"
    return "".join(pieces)


def unescape(path: str) -> str:
    """
    The key that a path shows.

    @param path: as PFS has it, without its leading slash.
    """
    if "%" not in path:
        return path
    pieces: list[str] = []
    position, first = 0, True
    while position < len(path):
        match = (_ESCAPE_FIRST if first else _ESCAPE).match(path, position)
        if match is None:
            first = path[position] == "/"
            pieces.append(path[position])
            position += 1
        else:
            first = False
            pieces.append(_decoded(match.group()))
            position = match.end()
    return "".join(pieces)


def path_prefix(prefix: str) -> str:
    """
    How the paths of all keys begin that begin with C{prefix}. Others may begin so too.
    """
    return escape(prefix[: prefix.rfind("/") + 1])


def _next(key: str, position: int, first: bool) -> tuple[str, str]:
    """
    The next piece of a key, and the path's piece for it.

    @param first: whether the path's piece begins a segment.
    """
    match = (_ESCAPE_FIRST if first else _ESCAPE).match(key, position)
    if match is not None:
        return match.group(), "%25" + match.group()[1:]
    if first and key[position] == "/":
        return "/", "%2F"
    if first and _DOT.match(key, position):
        return ".", "%2E"
    match = _RUN.match(key, position)
    if match is not None:
        return match.group(), quote(match.group(), safe="", errors="surrogateescape")
    match = _PLAIN.match(key, position)
    return (match.group(), match.group()) if match is not None else (key[position], key[position])


def _decoded(escaped: str) -> str:
    """
    What an escape stands for: itself with one level less, or a character.
    """
    return "%" + escaped[3:] if escaped.startswith("%25") else unquote(escaped, errors="strict")
