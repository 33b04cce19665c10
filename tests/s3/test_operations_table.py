"""
The table of operations that users read is what the dispatch table does.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.operations import OPERATIONS
from tests.s3.operations_table import statuses, written


class TableTests(SynchronousTestCase):
    """
    C{docs/compatibility.rst}.
    """

    def test_document_says_what_is_done(self) -> None:
        """
        Every operation that both the document and this botocore know has the same status in both, and all that we do is in it. If
        this fails, run C{python -m tests.s3.operations_table}.
        """
        said, true = written(), statuses()
        self.assertEqual({name: said[name] for name in said if name in true}, {name: true[name] for name in true if name in said})
        self.assertEqual({row.name for row in OPERATIONS} - set(said), set())

    def test_what_is_refused_is_there(self) -> None:
        """
        The document tells what is not done, too.
        """
        refused = {name for name, (status, _) in written().items() if status == "no"}
        self.assertTrue({"PutBucketPolicy", "GetObjectTagging", "SelectObjectContent", "RestoreObject"} <= refused)
