"""
The administration endpoint of a gateway, whether it is one process or several.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Union

from twisted.internet.defer import Deferred
from twisted.web.server import Site

from pachgw import __version__
from pachgw.admin.page import Page
from pachgw.admin.resources import make_admin


def admin_site(
    reactor: Any,
    metrics: Callable[[], Union[str, Deferred[str]]],
    check: Callable[[], Deferred[Any]],
    facts: Callable[[], Sequence[tuple[str, str]]],
    recipes: Mapping[str, str],
) -> Site:
    """
    What serves it.

    @param metrics: gives their text.
    @param check: fails when requests cannot be served.
    @param facts: what the page for people says.
    @param recipes: what to paste, by client.
    """
    page = Page(f"pachgw {__version__}", facts, recipes)
    site = Site(make_admin(metrics, check, reactor, page), reactor=reactor)
    site.noisy = False
    return site
