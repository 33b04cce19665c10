"""
The documents about buckets, and access control lists.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.values import BucketEntry
from pachgw.s3 import errors
from pachgw.s3.documents_acl import access_control_policy, check_access_control_policy
from pachgw.s3.documents_bucket import check_create_bucket, check_versioning, list_buckets, location, versioning
from pachgw.s3.documents_error import error_document
from tests.s3.validated import is_valid, texts, valid

S3 = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


class OutTests(SynchronousTestCase):
    """
    What is answered.
    """

    def test_buckets(self) -> None:
        """
        Names and times, the owner, and none.
        """
        root = valid(list_buckets([BucketEntry("master.a", 0.5), BucketEntry("dev.b.p", 1622683896)], "m", "t"))
        self.assertEqual(texts(root, "Buckets/Bucket/Name"), ["master.a", "dev.b.p"])
        self.assertEqual(texts(root, "Buckets/Bucket/CreationDate"), ["1970-01-01T00:00:00.000Z", "2021-06-03T01:31:36.000Z"])
        self.assertEqual(texts(root, "Prefix") + texts(root, "ContinuationToken"), ["m", "t"])
        self.assertEqual(texts(valid(list_buckets([])), "Owner/DisplayName"), ["pachyderm"])

    def test_location_and_versioning(self) -> None:
        """
        The same for every bucket.
        """
        self.assertEqual(valid(location()).text, "PACHYDERM")
        self.assertEqual(texts(valid(versioning()), "Status"), ["Enabled"])

    def test_error(self) -> None:
        """
        All that is known of an error, in no namespace, whatever the client had put into its URL.
        """
        root = valid(error_document(errors.NoSuchKey("No <a>.", Key="<a>"), "/b/<a>\x01", "r1", "h1"))
        found = {child.tag: child.text for child in root}
        self.assertEqual(
            found, {"Code": "NoSuchKey", "Message": "No <a>.", "Key": "<a>", "Resource": "/b/<a>\ufffd", "RequestId": "r1", "HostId": "h1"}
        )


class InTests(SynchronousTestCase):
    """
    What is asked for.
    """

    def judged(self, body: str, schema: str, check: object) -> str:
        """
        What becomes of a document: the error's code, or C{OK}. What is taken or not done must be valid, what is malformed must not be.
        """
        assert callable(check)
        try:
            check(body.encode())
            code = "OK"
        except errors.S3Error as error:
            code = error.code
        if code == "OK" or code.startswith("Malformed"):
            self.assertEqual(is_valid(schema, body.encode()), code == "OK", body)
        return code

    def test_create_bucket(self) -> None:
        """
        The location is not looked at; anything else is not done.
        """
        check_create_bucket(b"")
        for inner, code in (
            ("<LocationConstraint>eu-west-1</LocationConstraint>", "OK"),
            ("", "OK"),
            ("<Location><Type>AvailabilityZone</Type></Location>", "NotImplemented"),
            ("<Tags/>", "NotImplemented"),
        ):
            body = f"<CreateBucketConfiguration {S3}>{inner}</CreateBucketConfiguration>"
            self.assertEqual(self.judged(body, "CreateBucketConfiguration", check_create_bucket), code, inner)
        self.assertEqual(self.judged("<Create/>", "CreateBucketConfiguration", check_create_bucket), "MalformedXML")

    def test_versioning(self) -> None:
        """
        It is enabled, and can be nothing else.
        """
        for inner, code in (
            ("<Status>Enabled</Status>", "OK"),
            ("<Status>Enabled</Status><MfaDelete>Disabled</MfaDelete>", "OK"),
            ("<Status>Suspended</Status>", "NotImplemented"),
            ("<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>", "NotImplemented"),
            ("<Status>On</Status>", "MalformedXML"),
            ("", "MalformedXML"),
            ("<Status>Enabled</Status><Status>Enabled</Status>", "MalformedXML"),
        ):
            body = f"<VersioningConfiguration {S3}>{inner}</VersioningConfiguration>"
            self.assertEqual(self.judged(body, "VersioningConfiguration", check_versioning), code, inner)

    def test_acl(self) -> None:
        """
        What GetBucketAcl has given may be put, another's list may not.
        """
        ours = access_control_policy()
        valid(ours)
        check_access_control_policy(ours)
        check_access_control_policy(b"")
        for change in (("FULL_CONTROL", "READ"), (f"<Grant><Grantee{''}", "<Grant><Other/><Grantee"), ("0" * 32, "1" * 32)):
            body = ours.decode().replace(*change)
            self.assertIn(self.judged(body, "AccessControlPolicy", check_access_control_policy), ("NotImplemented", "MalformedACLError"))
        for body in (
            "<AccessControlPolicy/>",
            "<a/>",
            "<",
            f"<AccessControlPolicy {S3}><AccessControlList><x/></AccessControlList></AccessControlPolicy>",
        ):
            self.assertEqual(self.judged(body, "AccessControlPolicy", check_access_control_policy), "MalformedACLError")
