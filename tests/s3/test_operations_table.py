"""
What the table of operations is made from; that the document has it is held by C{tests/test_documents.py}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.operations import OPERATIONS
from tests.s3.operations_table import statuses


class TableTests(SynchronousTestCase):
    """
    What users read of each operation.
    """

    def test_all_that_is_done_is_told(self) -> None:
        """
        Every row of the dispatch table is in it, as done.
        """
        done = {name for name, (status, _) in statuses().items() if status != "no"}
        self.assertEqual(done, {row.name for row in OPERATIONS})

    def test_what_is_refused_is_told(self) -> None:
        """
        So is what is not done.
        """
        refused = {name for name, (status, _) in statuses().items() if status == "no"}
        self.assertTrue({"PutBucketPolicy", "GetObjectTagging", "SelectObjectContent", "RestoreObject"} <= refused)
