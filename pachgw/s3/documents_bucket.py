"""
The documents about buckets.
"""

from __future__ import annotations

from collections.abc import Iterable

from pachgw.s3.dates import iso_date
from pachgw.s3.documents_rows import BucketRow
from pachgw.s3.errors import MalformedXML, NotImplemented
from pachgw.s3.xml_reading import parse
from pachgw.s3.xml_writing import OWNER, document, element, optional

LOCATION = "PACHYDERM"
"""
Where all buckets are, as pachd's own gateway says.
"""


def list_buckets(buckets: Iterable[BucketRow], prefix: str = "", token: str = "") -> bytes:
    """
    C{ListAllMyBucketsResult}.

    @param prefix: that was asked for.
    @param token: where the next page begins, empty for none.
    """
    rows = (f"<Bucket>{element('Name', bucket.name)}<CreationDate>{iso_date(bucket.created)}</CreationDate></Bucket>" for bucket in buckets)
    inner = [OWNER, "<Buckets>", *rows, "</Buckets>", optional("ContinuationToken", token), optional("Prefix", prefix)]
    return document("ListAllMyBucketsResult", inner)


def location() -> bytes:
    """
    C{LocationConstraint}.
    """
    return document("LocationConstraint", [LOCATION])


def versioning() -> bytes:
    """
    C{VersioningConfiguration}: always on.
    """
    return document("VersioningConfiguration", [element("Status", "Enabled")])


def check_create_bucket(body: bytes) -> None:
    """
    Read the body of CreateBucket, which may be empty. The location is not looked at.

    @raise NotImplemented: it asks for more than a location.
    @raise MalformedXML: it is no C{CreateBucketConfiguration}.
    """
    if not body.strip():
        return
    others = [child.name for child in parse(body, "CreateBucketConfiguration").children() if child.name != "LocationConstraint"]
    if others:
        raise NotImplemented(f"CreateBucket takes no configuration but LocationConstraint. Leave out {others[0][:64]!r}.")


def check_versioning(body: bytes) -> None:
    """
    Read the body of PutBucketVersioning. All that can be asked for is what is so anyway.

    @raise NotImplemented: it asks to suspend versioning, or for MFA.
    @raise MalformedXML: it is no C{VersioningConfiguration}.
    """
    values = parse(body, "VersioningConfiguration").values(frozenset({"Status", "MfaDelete"}))
    if values.get("Status") not in ("Enabled", "Suspended") or values.get("MfaDelete", "Disabled") not in ("Enabled", "Disabled"):
        raise MalformedXML("Status must be Enabled or Suspended, MfaDelete Enabled or Disabled.")
    if values["Status"] == "Suspended":
        raise NotImplemented("Versioning cannot be suspended: each write is a commit.")
    if values.get("MfaDelete") == "Enabled":
        raise NotImplemented("MFA is not done here.")
