"""
The command line, the environment and the configuration file.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from pachgw.options import OPTIONS, Options
from pachgw.settings import Settings


def parse(*arguments: str, **environment: str) -> Settings:
    """The settings of a command line."""
    options = Options(environment)
    options.parseOptions(arguments)
    return options.settings


class OptionsTests(SynchronousTestCase):
    """
    L{Options}.
    """

    def file(self, text: str) -> str:
        """A configuration file."""
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        path = folder / "settings.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    def test_defaults(self) -> None:
        """Without anything it serves this machine from a folder below."""
        self.assertEqual(parse(), Settings())
        self.assertEqual(parse().listen, ("tcp:30600:interface=127.0.0.1",))

    def test_command_line(self) -> None:
        """Every option arrives in its field; those that may be repeated gather."""
        settings = parse(
            *("--listen", "tcp:1", "--listen", "tcp:2", "--data-dir", "/d", "--pfs-listen", "tcp:3", "--admin-listen", "tcp:4"),
            *("--domain", "a", "--domain", "b", "--ack", "accepted", "--idle-timeout", "5", "--max-requests", "6"),
            *("--max-memory", "7", "--log-level", "debug", "--index-memory", "8", "--remember-rights", "9", "--escape-keys", "yes"),
            *("--pfs-key", "/k", "--pfs-certificate", "/c", "--gather", "images=2.5", "--gather", "dev.a.b=3", "--upload-age", "2"),
            *("--workers", "3"),
        )
        expected = Settings(
            ("tcp:1", "tcp:2"),
            Path("/d"),
            None,
            None,
            ("tcp:3",),
            ("tcp:4",),
            ("a", "b"),
            True,
            None,
            5.0,
            6,
            7 << 20,
            "debug",
            8 << 20,
            9.0,
            True,
            Path("/k"),
            Path("/c"),
            (("master.images", 2.5), ("dev.a.b", 3.0)),
            2 * 86400.0,
            3,
        )
        self.assertEqual(settings, expected)

    def test_file(self) -> None:
        """The file has the options' names; the command line goes before it."""
        path = self.file('listen = ["tcp:1", "tcp:2"]\nmax-requests = 9\nack = "accepted"\ndomain = "a"\n')
        settings = parse("--config", path, "--max-requests", "3")
        self.assertEqual(
            (settings.listen, settings.max_requests, settings.accepted, settings.domains), (("tcp:1", "tcp:2"), 3, True, ("a",))
        )

    def test_environment(self) -> None:
        """PACHD_ADDRESS names the pachd, unless the command line says where the data is."""
        self.assertEqual(parse(PACHD_ADDRESS="grpc://h:1").pachd, "grpc://h:1")
        self.assertEqual(parse("--pachd", "other:2", PACHD_ADDRESS="grpc://h:1").pachd, "other:2")
        self.assertIsNone(parse("--data-dir", "/d", PACHD_ADDRESS="grpc://h:1").pachd)
        self.assertIsNone(parse(PACHD_ADDRESS="").pachd)

    def test_root_token(self) -> None:
        """The root token comes from a file or the environment, and does not show itself."""
        settings = parse("--root-token-file", self.file("secret-token\n"))
        self.assertEqual(settings.root_token, "secret-token")
        self.assertEqual(parse(PACHS3_ROOT_TOKEN="other").root_token, "other")
        self.assertNotIn("secret-token", repr(settings))

    def test_refused(self) -> None:
        """What cannot be, or does not go together, is refused with a text that names it."""
        cases: list[tuple[tuple[str, ...], str]] = [
            (("--ack", "never"), "'finished' or 'accepted'"),
            (("--workers", "0"), "workers: '0' is not a number"),
            (("--workers", "-1"), "workers: '-1' is not a number"),
            (("--max-requests", "0"), "max-requests: '0' is not a number"),
            (("--idle-timeout", "x"), "seconds"),
            (("--gather", "images"), "BUCKET=SECONDS"),
            (("--gather", "im..ages=1"), "BUCKET=SECONDS"),
            (("--upload-age", "0"), "days"),
            (("--log-level", "loud"), "error, warn, info"),
            (("--pachd", "h:1", "--data-dir", "/d"), "do not go together"),
            (("--pachd", "ftp://h:1"), "no address of a pachd"),
            (("--pachd-ca", "/f"), "--pachd"),
            (("--pachd", "h:1", "--pfs-listen", "tcp:1"), "--pfs-listen"),
            (("--pfs-listen", "ssl:1"), "tcp:PORT"),
            (("--pfs-listen", "tcp:1", "--pfs-key", "/k"), "--pfs-certificate"),
            (("--pfs-key", "/k", "--pfs-certificate", "/c"), "--pfs-listen"),
            (("--root-token-file", "/does/not/exist"), "/does/not/exist"),
            (("--config", "/does/not/exist"), "/does/not/exist"),
            (("--config", self.file("listen = [")), "end of document"),
            (("--config", self.file("lisen = 'tcp:1'")), "there is no setting 'lisen'"),
            (("--config", self.file("data-dir = ['a', 'b']")), "one value"),
            (("--config", self.file("max-requests = true")), "one value"),
        ]
        for arguments, text in cases:
            with self.subTest(arguments):
                error = self.assertRaises(UsageError, parse, *arguments)
                self.assertIn(text, str(error))

    def test_help(self) -> None:
        """The help names every option, and how to listen elsewhere."""
        text = str(Options())
        for option in OPTIONS:
            self.assertIn(f"--{option.name}=", text)
        self.assertIn("ssl:443:privateKey=key.pem", text)
