"""
A page for people: what runs here, and what to paste into clients.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

_STYLE = (
    "body{font-family:sans-serif;max-width:60em;margin:2em auto;padding:0 1em;line-height:1.4}"
    "pre{background:#f3f3f3;padding:.8em;overflow:auto}td{padding:.1em 1em .1em 0;vertical-align:top}"
)


@dataclass(frozen=True)
class Page:
    """
    What the page shows.

    @ivar facts: names and values, in order; read anew at each request.
    @ivar recipes: the settings to paste, by the client's name.
    """

    title: str
    facts: Callable[[], Sequence[tuple[str, str]]]
    recipes: Mapping[str, str]

    def html(self) -> str:
        """
        The page: no script, nothing from elsewhere.
        """
        rows = "".join(f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in self.facts())
        recipes = "".join(f"<h2>{escape(name)}</h2><pre>{escape(text)}</pre>" for name, text in self.recipes.items())
        return (
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(self.title)}</title><style>{_STYLE}</style></head>'
            f"<body><h1>{escape(self.title)}</h1><table>{rows}</table>{recipes}"
            '<p><a href="metrics">metrics</a> · <a href="healthz">healthz</a> · <a href="readyz">readyz</a></p></body></html>'
        )
