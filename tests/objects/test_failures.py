"""
Errors of PFS as S3 tells them.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.failures import TABLE, s3_error
from pachgw.pfs.errors import Kind, PFSError, Status
from pachgw.s3 import errors as s3

ROWS = [
    (Status.NOT_FOUND, "repo default/x not found", s3.NoSuchBucket),
    (Status.NOT_FOUND, 'branch "b" not found in repo default/x', s3.NoSuchBucket),
    (Status.NOT_FOUND, "file /zz not found in repo default/x at commit ", s3.NoSuchKey),
    (Status.NOT_FOUND, "commit default/x@1 not found", s3.NoSuchVersion),
    (Status.UNKNOWN, "cannot start a commit on an output branch: default/x@master", s3.WriteToOutputBranch),
    (Status.UNKNOWN, "path (/a*) invalid: globbing character (*) not allowed in path", s3.InvalidFilePath),
    (Status.UNAUTHENTICATED, "no authentication token (try logging in)", s3.InvalidAccessKeyId),
    (Status.PERMISSION_DENIED, "robot:reader is not authorized …", s3.AccessDenied),
    (Status.UNAVAILABLE, "connection refused", s3.ServiceUnavailable),
    (Status.DEADLINE_EXCEEDED, "too late", s3.ServiceUnavailable),
    (Status.RESOURCE_EXHAUSTED, "too many", s3.SlowDown),
    (Status.UNIMPLEMENTED, "unknown method", s3.NotImplemented),
    (Status.DATA_LOSS, "chunk 123 of /etc/shadow is gone", s3.InternalError),
]


class FailureTests(SynchronousTestCase):
    """
    L{s3_error}.
    """

    def test_rows(self) -> None:
        """
        Each error becomes the S3 error that a client can act on.
        """
        for status, details, expected in ROWS:
            self.assertIs(type(s3_error(PFSError(status, details))), expected, details)

    def test_every_kind(self) -> None:
        """
        No kind is left out.
        """
        self.assertEqual(set(TABLE), set(Kind))

    def test_no_internals(self) -> None:
        """
        PFS's own text never reaches the client.
        """
        for status, details, _ in ROWS:
            answer = s3_error(PFSError(status, details))
            self.assertNotIn(details, answer.message)
            self.assertTrue(answer.message)

    def test_words_that_users_know(self) -> None:
        """
        The message about an output branch says what it has always said.
        """
        answer = s3_error(PFSError(Status.UNKNOWN, "cannot start a commit on an output branch: default/x@master"))
        self.assertIn("cannot start a commit on an output branch", answer.message)
