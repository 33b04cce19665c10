"""
Who asks: with auth off nobody looks, with auth on everything must be signed with a token that PFS knows.
"""

from __future__ import annotations

from typing import Any

from botocore.auth import HmacV1Auth, S3SigV4Auth, S3SigV4QueryAuth
from twisted.internet.defer import fail, succeed
from twisted.trial.unittest import SynchronousTestCase

from pachgw.objects.values import Caller, Deleted
from pachgw.s3.errors import InvalidAccessKeyId, ServiceUnavailable
from pachgw.s3.request_head import RequestHead
from pachgw.web import access_log
from tests.s3.botocore_signer import HOST, NOW, TOKEN, sign
from tests.web.wire import Response, Wire, parse

V4 = {"service_name": "s3", "region_name": "anywhere"}
URL = f"http://{HOST}/data/k.bin"


def on_the_wire(signed: RequestHead) -> bytes:
    """
    A signed request as it goes to the gateway.
    """
    lines = [f"{name}: {value}" for name, values in signed.headers.items() for value in values]
    return ("\r\n".join([f"{signed.method} {signed.target} HTTP/1.1", *lines]) + "\r\n\r\n").encode("latin-1")


class AuthTests(SynchronousTestCase):
    """
    A site with one object.
    """

    def setUp(self) -> None:
        """Auth is on."""
        self.wire = Wire(now=NOW)
        self.wire.objects.auth = True
        self.wire.objects.stored["master.data", "k.bin"] = b"hello"

    def ask(self, signer: type[Any], url: str = URL, **options: Any) -> Response:
        """Send a request that botocore has signed."""
        self.wire.send(on_the_wire(sign(signer, "GET", url, {}, **options)))
        return parse(self.wire.received())[0]

    def assert_refused(self, response: Response, code: str, status: int = 403) -> None:
        """The request was refused, and nothing was looked up."""
        self.assertEqual(response.status, status)
        self.assertIn(f"<Code>{code}</Code>".encode(), response.body)
        self.assertEqual(self.wire.objects.calls, [])

    def test_signed(self) -> None:
        """Signatures of both versions, in headers and in URLs."""
        for signer, options in (
            (S3SigV4Auth, V4),
            (S3SigV4QueryAuth, {**V4, "expires": 60}),
            (HmacV1Auth, {}),
        ):
            with self.subTest(signer.__name__):
                self.assertEqual(self.ask(signer, **options).body, b"hello")

    def test_caller_has_the_token(self) -> None:
        """What is done is done with the token of the one who signed."""
        callers: list[Caller] = []
        self.wire.objects.answers["list_buckets"] = lambda caller: callers.append(caller) or fail(ServiceUnavailable())
        self.ask(S3SigV4Auth, f"http://{HOST}/", **V4)
        self.assertEqual(callers, [Caller(TOKEN)])

    def test_nobody(self) -> None:
        """Without credentials nothing is served."""
        self.assert_refused(self.wire.request("GET /data/k.bin"), "AccessDenied")

    def test_wrong_signature(self) -> None:
        """A signature of another request is refused, with what was signed, for the author of a client."""
        signed = on_the_wire(sign(S3SigV4Auth, "GET", URL, {}, **V4)).replace(b"/data/k.bin", b"/data/other")
        self.wire.send(signed)
        response = parse(self.wire.received())[0]
        self.assert_refused(response, "SignatureDoesNotMatch")
        self.assertIn(b"<StringToSign>AWS4-HMAC-SHA256", response.body)

    def test_unknown_token(self) -> None:
        """A token that PFS does not know is refused."""
        self.wire.objects.authenticate = lambda token: fail(InvalidAccessKeyId())  # type: ignore[method-assign]
        self.assert_refused(self.ask(S3SigV4Auth, **V4), "InvalidAccessKeyId")

    def test_late(self) -> None:
        """A request of long ago is refused, and so is a URL that has expired."""
        self.wire.clock.advance(1000)
        self.wire.connect()
        self.assert_refused(self.ask(S3SigV4Auth, **V4), "RequestTimeTooSkewed")
        self.assert_refused(self.ask(S3SigV4QueryAuth, expires=60, **V4), "AccessDenied")

    def test_refused_before_the_body(self) -> None:
        """A body is not asked for from someone who may not send it."""
        self.wire.send(b"PUT /data/k HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        self.assertEqual([response.status for response in parse(self.wire.received())], [403])

    def test_off(self) -> None:
        """With auth off credentials are not looked at, however wrong."""
        self.wire.objects.auth = False
        self.assertEqual(self.wire.request("GET /data/k.bin", Authorization="AWS4-HMAC-SHA256 nonsense").body, b"hello")

    def test_other_sites(self) -> None:
        """With auth off a page of another site cannot have a browser delete objects; it can without a browser, or from here."""
        self.wire.objects.auth = False
        self.wire.objects.answers["delete_many"] = lambda *_: succeed([Deleted("a")])
        body = b"<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object></Delete>"
        self.assert_refused(self.wire.request("POST /data?delete", body, Origin="https://evil.example"), "AccessDenied")
        self.assert_refused(self.wire.request("POST /data?delete", body, Origin="null"), "AccessDenied")
        self.assertEqual(self.wire.request("POST /data?delete", body, Origin="http://localhost").status, 200)
        self.assertEqual(self.wire.request("POST /data?delete", body).status, 200)

    def test_pfs_away(self) -> None:
        """If PFS cannot say whether auth is on, nothing is served."""
        self.wire.objects.auth_required = lambda: fail(ServiceUnavailable())  # type: ignore[method-assign]
        response = self.wire.request("GET /data/k.bin")
        self.assert_refused(response, "ServiceUnavailable", 503)
        self.assertEqual(response.headers["retry-after"], "1")

    def test_token_is_never_logged(self) -> None:
        """The log names the path of a presigned URL, and not its query, which holds the token."""
        lines: list[str] = []
        self.patch_log(lines)
        self.ask(S3SigV4QueryAuth, expires=60, **V4)
        self.wire.clock.advance(access_log.DELAY)
        self.assertEqual(len(lines), 1)
        self.assertIn("/data/k.bin 200", lines[0])
        self.assertNotIn(TOKEN, lines[0])

    def patch_log(self, lines: list[str]) -> None:
        """Gather the access log."""

        class Log:
            def info(self, format: str, **values: object) -> None:
                lines.append(format.format(**values))

        self.patch(access_log, "log", Log())
