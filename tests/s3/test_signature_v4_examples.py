"""
Version 4 signatures of the examples that AWS publishes, with its example keys.

Source: U{https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html} and C{sigv4-query-string-auth.html}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from pachgw.s3.authorization import read_credentials
from pachgw.s3.credentials import Credentials
from pachgw.s3.errors import SignatureDoesNotMatch
from pachgw.s3.request_head import RequestHead

ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
NOW = 1369353600.0
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
HOST = "examplebucket.s3.amazonaws.com"


def signed(method: str, target: str, signature: str, payload: str = EMPTY, **more: str) -> RequestHead:
    """
    One of the examples, with the headers that all of them share.
    """
    headers = {"host": HOST, "x-amz-date": "20130524T000000Z", "x-amz-content-sha256": payload}
    headers.update({name.replace("_", "-"): value for name, value in more.items()})
    names = ";".join(sorted(headers))
    credential = f"{ACCESS_KEY}/20130524/us-east-1/s3/aws4_request"
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={credential},SignedHeaders={names},Signature={signature}"
    return RequestHead(method, target, {name: [value] for name, value in headers.items()})


class ExampleTests(SynchronousTestCase):
    """
    Each example is accepted with its secret, and refused with another.
    """

    def accept(self, head: RequestHead) -> Credentials:
        """
        Assert that the signature holds, and that it holds for this secret only.
        """
        credentials = read_credentials(head, NOW)
        self.assertEqual(credentials.verify(SECRET).access_key, ACCESS_KEY)
        self.assertRaises(SignatureDoesNotMatch, credentials.verify, SECRET + "x")
        return credentials

    def test_get_object(self) -> None:
        """
        GET Object, with a Range header that is signed.
        """
        signature = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        self.accept(signed("GET", "/test.txt", signature, range="bytes=0-9"))

    def test_put_object(self) -> None:
        """
        PUT Object: the key has a dollar sign, the date is in the Date header beside x-amz-date.
        """
        self.accept(
            signed(
                "PUT",
                "/test$file.text",
                "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
                payload="44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
                date="Fri, 24 May 2013 00:00:00 GMT",
                x_amz_storage_class="REDUCED_REDUNDANCY",
            )
        )

    def test_lifecycle(self) -> None:
        """
        GET Bucket Lifecycle: a parameter without a value.
        """
        self.accept(signed("GET", "/?lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"))

    def test_list_objects(self) -> None:
        """
        List Objects: parameters in another order than when signed.
        """
        signature = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        self.accept(signed("GET", "/?prefix=J&max-keys=2", signature))

    def test_presigned(self) -> None:
        """
        A presigned GET, some hours after it was made.
        """
        target = (
            "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
            "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
            "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        )
        credentials = read_credentials(RequestHead("GET", target, {"host": [HOST]}), NOW + 86400)
        self.assertTrue(credentials.presigned)
        self.assertEqual(credentials.verify(SECRET).access_key, ACCESS_KEY)
