"""
The errors as a table: what each promises to the person and to the client.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3 import errors
from pachgw.s3.errors import S3Error

CLASSES = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, S3Error) and value not in (S3Error, errors.Overload)
]


class ErrorTests(SynchronousTestCase):
    """
    Codes, statuses and messages.
    """

    def test_code_is_the_name_of_the_class(self) -> None:
        """
        A class is found by its S3 code.
        """
        for error in CLASSES:
            self.assertEqual(error.code, error.__name__)

    def test_status_is_an_error(self) -> None:
        """
        Each has a status that HTTP knows as one that is no success.
        """
        self.assertEqual([error.code for error in CLASSES if not (error.status == 304 or 400 <= error.status <= 503)], [])

    def test_default_message_is_a_sentence(self) -> None:
        """
        Whoever raises an error without words still tells the person something, and no two say the same.
        """
        messages = [error().message for error in CLASSES]
        self.assertEqual(
            [message for message in messages if not (message[0].isupper() and message.endswith(".") and len(message) > 20)], []
        )
        self.assertEqual(len(set(messages)), len(messages))

    def test_message_and_elements(self) -> None:
        """
        What is given replaces the default and is kept for the document.
        """
        error = errors.NoSuchKey("No a.", Key="a")
        self.assertEqual((error.message, error.elements, str(error)), ("No a.", {"Key": "a"}, "No a."))

    def test_range_tells_the_size(self) -> None:
        """
        An unsatisfiable range answers with the size in Content-Range, if it is known.
        """
        self.assertEqual(errors.InvalidRange(ActualObjectSize="7").headers, {"Content-Range": "bytes */7"})
        self.assertEqual(errors.InvalidRange().headers, {})

    def test_overload_says_when_to_come_back(self) -> None:
        """
        503 has Retry-After, others have no header of their own.
        """
        self.assertEqual([error.code for error in CLASSES if error().headers], ["ServiceUnavailable", "SlowDown"])

    def test_output_branch_in_the_words_that_users_know(self) -> None:
        """
        The documents show pachd's phrase.
        """
        self.assertIn("cannot start a commit on an output branch", errors.WriteToOutputBranch.default)
