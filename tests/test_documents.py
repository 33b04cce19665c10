"""
The documents hold together, and say what the code says.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests import settings_table
from tests.documents import complaints, documents


class DocumentTests(SynchronousTestCase):
    """
    What people read.
    """

    def test_documents_hold_together(self) -> None:
        """
        Their markup is right, and what they link to is there.
        """
        self.assertEqual([complaint for path in documents() for complaint in complaints(path)], [])

    def test_settings_are_the_options(self) -> None:
        """
        The table of settings is what C{python -m tests.settings_table} makes.
        """
        self.assertEqual(settings_table.DOCUMENT.read_text(encoding="utf-8"), settings_table.made())
