"""
Access control lists: there is one, and it says that all belongs to the owner. Who may do what is a matter of PFS.
"""

from __future__ import annotations

from pachgw.s3.errors import MalformedACLError, MalformedXML, NotImplemented
from pachgw.s3.refused_headers import OWNER_ID
from pachgw.s3.xml_reading import Node, parse
from pachgw.s3.xml_writing import OWNER, OWNER_NAME, document, element

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_PERMISSION = "FULL_CONTROL"


def access_control_policy() -> bytes:
    """
    C{AccessControlPolicy}: the owner has full control.
    """
    grantee = f"{element('ID', OWNER_ID)}{element('DisplayName', OWNER_NAME)}"
    grant = f'<Grant><Grantee xmlns:xsi="{_XSI}" xsi:type="CanonicalUser">{grantee}</Grantee>{element("Permission", _PERMISSION)}</Grant>'
    return document("AccessControlPolicy", [OWNER, f"<AccessControlList>{grant}</AccessControlList>"])


def check_access_control_policy(body: bytes) -> None:
    """
    Read the body of PutBucketAcl or PutObjectAcl, which is empty when a header says all. What is so anyway is taken.

    @raise NotImplemented: it gives anybody else anything, or the owner less than all.
    @raise MalformedACLError: it is no C{AccessControlPolicy}.
    """
    if not body.strip():
        return
    try:
        root = parse(body, "AccessControlPolicy")
    except MalformedXML as error:
        raise MalformedACLError(error.message) from None
    lists = [child for child in root.children() if child.name == "AccessControlList"]
    if len(lists) != 1:
        raise MalformedACLError("The document must hold one AccessControlList.")
    if [_grant(grant) for grant in lists[0].children()] != [(OWNER_ID, _PERMISSION)]:
        raise NotImplemented("The only ACL is private: the owner has full control. Use Pachyderm's roles to let others in.")


def _grant(grant: Node) -> tuple[str, str]:
    """
    Who gets what.
    """
    parts = {child.name: child for child in grant.children()}
    if grant.name != "Grant" or set(parts) != {"Grantee", "Permission"}:
        raise MalformedACLError("A Grant must hold a Grantee and a Permission.")
    ids = [child.text for child in parts["Grantee"].children() if child.name == "ID"]
    return ids[0] if len(ids) == 1 else "", parts["Permission"].text
