"""
What makes the content of a commit invalid.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from hypothesis import given, settings
from hypothesis import strategies as st

from pachgw.embedded.entries import Content, make_key, split_key
from pachgw.embedded.validation import collision, duplicate, first_error
from tests.embedded.stores import StoreCase

NAMES = (
    st.text("ab!/", min_size=1, max_size=5).map(lambda name: "/" + name.strip("/")).filter(lambda path: "//" not in path and path != "/")
)
KEYS = st.lists(st.tuples(NAMES, st.sampled_from(["", "tag", "zz"])), min_size=1, max_size=40, unique=True)


def expected(keys: Sequence[bytes], key: bytes) -> Optional[str]:
    """
    The error of one key among others, found by looking at all of them.
    """
    path, datum = split_key(key)
    others = [split_key(other) for other in sorted(keys)]
    tag = next((other for where, other in others if where == path and other != datum), None)
    if tag is not None:
        return duplicate(path, *sorted((datum, tag)))
    if any(path.startswith(f"{where}/") for where, _ in others):
        return collision(path)
    below = next((where for where, _ in others if where.startswith(f"{path}/")), None)
    return None if below is None else collision(below)


class FirstErrorTests(StoreCase):
    """
    L{first_error}.
    """

    def test_as_if_all_were_looked_at(self) -> None:
        """
        Whatever lies side by side with a new file, what is wrong with it is found.
        """
        store = self.open()

        @settings(max_examples=300, deadline=None, derandomize=True)
        @given(KEYS)
        def check(files: list[tuple[str, str]]) -> None:
            keys = sorted({make_key(path, datum) for path, datum in files})
            with store.database.write() as connection:
                tree = store.tree.inside(connection)
                root = tree.apply(b"", [(key, Content.of([])) for key in keys])
                each = [expected(keys, key) for key in keys]
                self.assertEqual([first_error(tree, root, [key]) for key in keys], each)
                self.assertEqual(first_error(tree, root, keys), next(filter(None, each), None))

        check()
