"""
Every error that the gateway answers, as an exception named by its S3 code.

Source: U{https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html}.
"""

from __future__ import annotations

from typing import ClassVar


class S3Error(Exception):
    """
    An answer that is an error document.

    @cvar code: the S3 error code; the name of the class.
    @cvar status: the HTTP status.
    @cvar default: the message when none is given.
    @ivar message: tells the person what to do.
    @ivar elements: further elements of the error document, by name, such as C{BucketName}.
    """

    code: ClassVar[str] = "InternalError"
    status: ClassVar[int] = 500
    default: ClassVar[str] = "We encountered an internal error. Please try again."

    def __init__(self, message: str = "", **elements: str) -> None:
        self.message = message or self.default
        self.elements = elements
        super().__init__(self.message)

    def __init_subclass__(cls) -> None:
        cls.code = cls.__name__


class InvalidBucketName(S3Error):
    """The bucket's name is outside the grammar."""

    status = 400
    default = "The specified bucket is not valid."
