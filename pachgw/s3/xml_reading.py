"""
Reading of XML that a client has sent, which is trusted in nothing: no document type, no entities, no network, no more than is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from pachgw.s3.errors import MalformedXML, MaxMessageLengthExceeded, MissingRequestBodyError
from pachgw.s3.xml_writing import NAMESPACE

MAX_BODY = 2 * 1024 * 1024
"""
The largest document, in bytes.
"""

_NAMESPACES = frozenset(
    {"", NAMESPACE, NAMESPACE.rstrip("/"), "http://doc.s3.amazonaws.com/2006-03-01", "http://doc.s3.amazonaws.com/2006-03-01/"}
)


class Node:
    """
    An element whose children are looked for by their plain names. Elements of namespaces that are not S3's do not exist.
    """

    __slots__ = ("_element", "name")

    def __init__(self, element: etree._Element) -> None:
        self.name = _plain_name(element.tag)
        self._element = element

    @property
    def text(self) -> str:
        """
        The text within, exactly.
        """
        return self._element.text or ""

    def children(self) -> Iterator[Node]:
        """
        The elements within.
        """
        return (Node(child) for child in self._element)

    def values(self, known: frozenset[str]) -> dict[str, str]:
        """
        The texts of the elements within, by name; those that hold other elements count as their text.

        @param known: the names that there may be, each at most once.
        @raise MalformedXML: there is another, or one twice.
        """
        values: dict[str, str] = {}
        for child in self._element:
            name = _plain_name(child.tag)
            if name not in known or name in values:
                raise MalformedXML(f"{self.name} must not hold {'a second' if name in values else 'this'}: {name[:64]!r}.")
            values[name] = child.text or ""
        return values


@lru_cache(maxsize=512)
def _plain_name(tag: str) -> str:
    """
    A tag, in lxml's notation, without a namespace that is S3's; empty for another's.
    """
    namespace, _, name = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
    return name if namespace in _NAMESPACES else ""


def parse(body: bytes, root: str, most_tags: int = 1000) -> Node:
    """
    Read a document.

    @param body: UTF-8, whatever the document declares.
    @param root: the name that its root element must have.
    @param most_tags: how many tags (start and end counted) it may have, so that a small body does not become a huge tree.
    @raise MalformedXML: it is not XML, not this document, or has a document type.
    @raise MissingRequestBodyError: there is nothing.
    @raise MaxMessageLengthExceeded: it is larger than L{MAX_BODY}.
    """
    if not body:
        raise MissingRequestBodyError
    if len(body) > MAX_BODY:
        raise MaxMessageLengthExceeded(MaxMessageLengthBytes=str(MAX_BODY))
    if b"<!DOCTYPE" in body:
        raise MalformedXML("The XML document must not have a document type.")
    if body.count(b"<") > most_tags:
        raise MalformedXML("The XML document has too many elements.")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        node = Node(etree.fromstring(body, parser))
    except (etree.XMLSyntaxError, ValueError):
        raise MalformedXML from None
    if node.name != root:
        raise MalformedXML(f"The XML document must be a {root}.")
    return node
