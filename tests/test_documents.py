"""
The documents hold together, and say what the code says.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests import clients_table, settings_table
from tests.documents import complaints, documents
from tests.s3 import operations_table


class DocumentTests(SynchronousTestCase):
    """
    What people read.
    """

    def test_documents_hold_together(self) -> None:
        """
        Their markup is right, and what they link to is there.
        """
        self.assertEqual([complaint for path in documents() for complaint in complaints(path)], [])

    def test_tables_are_made(self) -> None:
        """
        The tables of settings, operations and clients are what their modules make; if one is not, run that module.
        """
        for module in (settings_table, operations_table, clients_table):
            self.assertEqual(module.TABLE.written(), module.TABLE.made(module.rows()), module.__name__)
