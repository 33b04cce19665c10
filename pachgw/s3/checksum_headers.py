"""
What the headers of a request say of checksums.

Source: U{https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html} and C{API_CompleteMultipartUpload.html}.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

from pachgw.s3.checksum_parts import multipart_type
from pachgw.s3.checksums import HASHES, PREFIX, parse_algorithm, parse_value, to_base64
from pachgw.s3.errors import InvalidRequest
from pachgw.s3.metadata import Checksum, ChecksumType
from pachgw.s3.request_head import RequestHead

_NOT_VALUES = (f"{PREFIX}algorithm", f"{PREFIX}type", f"{PREFIX}mode")
_COUNT = re.compile(r"\d{1,5}", re.ASCII)


@dataclass(frozen=True)
class Declared:
    """
    What a request says of the checksum of its body.

    @ivar value: the digest, when a header gives it.
    @ivar trailer: whether the digest comes behind the body. With neither, the checksum is asked for but not given.
    """

    algorithm: str
    value: Optional[bytes] = None
    trailer: bool = False


def parse_declared(head: RequestHead) -> Optional[Declared]:
    """
    Read C{x-amz-checksum-*}, C{x-amz-trailer}, C{x-amz-sdk-checksum-algorithm} and C{x-amz-checksum-algorithm}.

    @return: C{None} if the request says nothing of a checksum of its body.
    @raise InvalidRequest: several checksums, an unknown algorithm, headers that contradict each other.
    @raise BadDigest: the value is none of the algorithm.
    """
    if completes_upload(head):
        return None
    given = _given({name: head.header(name) or "" for name in head.headers})
    trailer = (head.header("x-amz-trailer") or "").strip().lower()
    if (given and trailer) or "," in trailer:
        raise _several()
    if given:
        algorithm, text = given
        return _agreeing(head, Declared(algorithm, parse_value(algorithm, text)))
    if trailer:
        if not trailer.startswith(PREFIX):
            raise InvalidRequest("The value specified in the x-amz-trailer header is not supported")
        return _agreeing(head, Declared(parse_algorithm(trailer.removeprefix(PREFIX)), trailer=True))
    if head.header("x-amz-sdk-checksum-algorithm"):
        raise InvalidRequest(
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found."
        )
    asked = head.header(f"{PREFIX}algorithm")
    return Declared(parse_algorithm(asked)) if asked else None


def completes_upload(head: RequestHead) -> bool:
    """
    Whether this is CompleteMultipartUpload, whose checksum headers are of the object and not of the body.
    """
    return head.method == "POST" and head.parameter("uploadId") is not None


def parse_upload_checksum(headers: Mapping[str, str]) -> tuple[Optional[str], Optional[ChecksumType]]:
    """
    Read which checksum CreateMultipartUpload asks for: C{x-amz-checksum-algorithm} and C{x-amz-checksum-type}.

    @param headers: by lower-case name.
    @return: the algorithm and the type, both or neither.
    @raise InvalidRequest: an unknown algorithm or type, or a type that the algorithm does not have.
    """
    algorithm = headers.get(f"{PREFIX}algorithm")
    asked = headers.get(f"{PREFIX}type")
    if algorithm:
        algorithm = parse_algorithm(algorithm)
        return algorithm, multipart_type(algorithm, asked)
    if asked:
        raise InvalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
    return None, None


def parse_object_checksum(headers: Mapping[str, str]) -> Optional[Checksum]:
    """
    Read what CompleteMultipartUpload says of the checksum of the object: C{x-amz-checksum-*}, and C{x-amz-checksum-type}. Without the
    latter a CRC is one of the full object, unless C{-N} follows it.

    @param headers: by lower-case name.
    @return: as the client wrote it; a composite may lack its C{-N}.
    @raise InvalidRequest: it contradicts itself.
    @raise BadDigest: the value is none of the algorithm.
    """
    given = _given(headers)
    if given is None:
        return None
    algorithm, text = given
    base, dash, count = text.strip().partition("-")
    value = to_base64(parse_value(algorithm, base))
    asked = headers.get(f"{PREFIX}type")
    if not dash:
        return Checksum(algorithm, value, multipart_type(algorithm, asked) if asked or algorithm in HASHES else ChecksumType.FULL_OBJECT)
    if not _COUNT.fullmatch(count) or multipart_type(algorithm, asked or "COMPOSITE") is not ChecksumType.COMPOSITE:
        raise InvalidRequest(f"Value for {PREFIX}{algorithm.lower()} header is invalid.")
    return Checksum(algorithm, f"{value}-{int(count)}", ChecksumType.COMPOSITE)


def _given(headers: Mapping[str, str]) -> Optional[tuple[str, str]]:
    """
    The algorithm and the value of the one header with a checksum.
    """
    names = [name for name in headers if name.startswith(PREFIX) and name not in _NOT_VALUES]
    if len(names) > 1:
        raise _several()
    return (parse_algorithm(names[0].removeprefix(PREFIX)), headers[names[0]]) if names else None


def _several() -> InvalidRequest:
    return InvalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")


def _agreeing(head: RequestHead, declared: Declared) -> Declared:
    for name in ("x-amz-sdk-checksum-algorithm", f"{PREFIX}algorithm"):
        said = head.header(name)
        if said and parse_algorithm(said) != declared.algorithm:
            raise InvalidRequest(f"Value for {name} header is invalid.")
    return declared
