"""
Documents held against our own RelaxNG schemas, and read the way that a client reads them.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from lxml import etree

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_SCHEMAS = Path(__file__).parent / "schemas"


@lru_cache
def _schema(name: str) -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(_SCHEMAS / f"{name}.rng"))


def is_valid(name: str, body: bytes) -> bool:
    """
    Whether a document is as the schema of that name has it.
    """
    try:
        return bool(_schema(name).validate(etree.fromstring(body)))
    except etree.XMLSyntaxError:
        return False


def valid(body: bytes) -> etree._Element:
    """
    A document's root, once it has been found to be what its name says.

    @raise AssertionError: it is not; with the reason.
    """
    root = etree.fromstring(body)
    schema = _schema(etree.QName(root).localname)
    assert schema.validate(root), schema.error_log.last_error
    return root


def texts(root: etree._Element, path: str) -> list[str]:
    """
    The texts of the elements at a path such as C{Contents/Key}.
    """
    steps = "/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/"))
    return [found.text or "" for found in root.findall(steps)]


def names(root: etree._Element) -> list[str]:
    """
    The names of the elements within.
    """
    return [etree.QName(child).localname for child in root]
