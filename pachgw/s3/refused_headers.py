"""
The request headers that ask for something which the gateway does not do, as data.

Ignoring one would be a lie: an object that is not encrypted, not locked, not private. A value that asks for what is so anyway is taken.
"""

from __future__ import annotations

from collections.abc import Mapping

from pachgw.s3.errors import AccessDenied, InvalidArgument, InvalidStorageClass, NotImplemented

OWNER_ID = "0" * 32
"""
The canonical id of the owner of everything.
"""

REFUSED: Mapping[str, frozenset[str]] = {
    "x-amz-acl": frozenset({"private"}),
    "x-amz-bucket-namespace": frozenset({"global"}),
    "x-amz-bucket-object-lock-enabled": frozenset({"false"}),
    "x-amz-bypass-governance-retention": frozenset({"false", "true"}),
    "x-amz-if-match-initiated-time": frozenset(),
    "x-amz-if-match-last-modified-time": frozenset(),
    "x-amz-if-match-size": frozenset(),
    "x-amz-mfa": frozenset(),
    "x-amz-object-ownership": frozenset(),
    "x-amz-storage-class": frozenset({"standard"}),
    "x-amz-tagging": frozenset({""}),
    "x-amz-website-redirect-location": frozenset(),
    "x-amz-write-offset-bytes": frozenset(),
}
"""
Header, in lower case, to the values that may be given, in lower case.
"""

REFUSED_PREFIXES = (
    "x-amz-server-side-encryption",
    "x-amz-copy-source-server-side-encryption",
    "x-amz-grant-",
    "x-amz-object-lock-",
    "x-amz-rename-source",
)
"""
How further headers begin that are refused with any value.
"""

CANNED_ACLS = frozenset(
    {
        "private",
        "public-read",
        "public-read-write",
        "authenticated-read",
        "aws-exec-read",
        "bucket-owner-read",
        "bucket-owner-full-control",
        "log-delivery-write",
    }
)
STORAGE_CLASSES = frozenset(
    {
        "STANDARD",
        "REDUCED_REDUNDANCY",
        "STANDARD_IA",
        "ONEZONE_IA",
        "INTELLIGENT_TIERING",
        "GLACIER",
        "DEEP_ARCHIVE",
        "OUTPOSTS",
        "GLACIER_IR",
        "SNOW",
        "EXPRESS_ONEZONE",
        "FSX_OPENZFS",
        "FSX_ONTAP",
    }
)
_OWNERS = ("x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner")


def check_headers(headers: Mapping[str, str]) -> None:
    """
    Refuse a request for what one of its headers asks for.

    @param headers: by lower-case name.
    @raise NotImplemented: S3 does it, we do not.
    @raise InvalidArgument: S3 has no such canned ACL.
    @raise InvalidStorageClass: S3 has no such storage class.
    @raise AccessDenied: the bucket is expected to belong to somebody else.
    """
    for name in [name for name in headers if name.startswith("x-amz-")]:
        value = headers[name].strip()
        if name in _OWNERS and value != OWNER_ID:
            raise AccessDenied(f"Everything here belongs to {OWNER_ID}, not to the owner whom {name} expects.")
        if name in REFUSED and value.lower() not in REFUSED[name]:
            _check_value(name, value)
            raise NotImplemented(f"{name}: {value[:64]} is not done here. Leave the header out.", Header=name)
        if name.startswith(REFUSED_PREFIXES):
            raise NotImplemented(f"{name} is not done here. Leave the header out.", Header=name)


def _check_value(name: str, value: str) -> None:
    """
    Tell a value that S3 does not know from one that it knows.
    """
    if name == "x-amz-acl" and value not in CANNED_ACLS:
        raise InvalidArgument(f"{value[:64]!r} is not a canned ACL.", ArgumentName=name, ArgumentValue=value[:64])
    if name == "x-amz-storage-class" and value not in STORAGE_CLASSES:
        raise InvalidStorageClass(StorageClassRequested=value[:64])
