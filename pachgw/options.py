"""
The command line, the environment and the configuration file, and the L{Settings} that come of them.

The command line goes before the environment, that before the file, and that before the defaults.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from twisted.python import usage

from pachgw import __version__
from pachgw.pfs.address import listening, target
from pachgw.s3.buckets import parse_bucket
from pachgw.s3.errors import S3Error
from pachgw.settings import DEFAULT_DATA_DIR, DEFAULT_LISTEN, Settings

LOG_LEVELS = ("error", "warn", "info", "debug", "trace")
MEGABYTE = 1024 * 1024


def _whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 1 <= number <= 86400:
        raise ValueError
    return number


def _one_of(*allowed: str) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if text not in allowed:
            raise ValueError
        return text

    return convert


def _days(text: str) -> float:
    number = float(text)
    if not 0 < number <= 3650:
        raise ValueError
    return number * 86400


def _window(text: str) -> tuple[str, float]:
    """
    A bucket, by the name that ListBuckets gives it, and its window in seconds.
    """
    bucket, _, seconds = text.partition("=")
    try:
        return parse_bucket(bucket).name, _seconds(seconds)
    except S3Error as error:
        raise ValueError from error


def _pachd(text: str) -> str:
    target(text)
    return text


def _pfs_endpoint(text: str) -> str:
    listening(text)
    return text


@dataclass(frozen=True)
class Option:
    """
    One thing that can be set.

    @ivar name: on the command line, without dashes, and in the configuration file.
    @ivar field: of L{Settings}.
    @ivar help: what it does, in a line.
    @ivar convert: from text to the field's value. Raises C{ValueError}.
    @ivar expects: what C{convert} takes, for the complaint about something else; empty if C{convert} says it itself.
    @ivar many: whether it may be given more than once.
    @ivar environment: the variable that gives it too.
    """

    name: str
    field: str
    help: str
    convert: Callable[[str], Any] = str
    expects: str = ""
    many: bool = False
    environment: Optional[str] = None


OPTIONS: tuple[Option, ...] = (
    Option("listen", "listen", f"Serve S3 on this Twisted endpoint; may be repeated [default: {DEFAULT_LISTEN}]", many=True),
    Option("data-dir", "data_dir", f"Keep the embedded store's data in this folder [default: {DEFAULT_DATA_DIR}]", Path),
    Option(
        "pachd", "pachd", "Serve the data of the pachd at this address, grpc://host:port or grpcs://", _pachd, environment="PACHD_ADDRESS"
    ),
    Option("pachd-ca", "pachd_ca", "Trust the certificates in this PEM file when talking to pachd", Path),
    Option(
        "pfs-listen",
        "pfs_listen",
        "Serve the embedded store by gRPC, as pachd does, on tcp:PORT",
        _pfs_endpoint,
        many=True,
    ),
    Option("pfs-key", "pfs_key", "Serve the embedded store over TLS, with the private key in this PEM file", Path),
    Option("pfs-certificate", "pfs_certificate", "and with the certificates in this PEM file, its own first", Path),
    Option("admin-listen", "admin_listen", "Serve health, metrics and a page for people on this Twisted endpoint", many=True),
    Option("domain", "domains", "Take bucket.DOMAIN in the Host header for a bucket; may be repeated", many=True),
    Option(
        "ack",
        "accepted",
        "Acknowledge a write when its commit is 'finished', or, sooner and with less certainty, 'accepted' [default: finished]",
        lambda text: _one_of("finished", "accepted")(text) == "accepted",
        "'finished' or 'accepted'",
    ),
    Option(
        "root-token-file",
        "root_token",
        "Ask for tokens in the embedded store; the one in this file may do everything",
        lambda text: read_token(Path(text)),
        "a file with a token in it",
    ),
    Option("idle-timeout", "idle_timeout", "Close a connection after so many seconds without a byte [default: 60]", _seconds, "seconds"),
    Option("max-requests", "max_requests", "Answer SlowDown when so many requests are under way [default: 512]", _whole, "a number"),
    Option(
        "max-memory",
        "max_memory",
        "Answer SlowDown when requests hold so many MiB [default: 512]",
        lambda text: _whole(text) * MEGABYTE,
        "a number of MiB",
    ),
    Option(
        "index-memory",
        "index_memory",
        "Let the indexes from which listings and HEAD are answered take so many MiB, about 11,000 objects each [default: 256]",
        lambda text: _whole(text) * MEGABYTE,
        "a number of MiB",
    ),
    Option(
        "remember-rights",
        "remember_rights",
        "Rely for so many seconds on a right that pachd has granted; one that is taken away holds so much longer [default: 0]",
        lambda text: 0.0 if text == "0" else _seconds(text),
        "seconds",
    ),
    Option(
        "escape-keys",
        "escape_keys",
        "Keep keys that PFS cannot hold, such as 'a+b (1).txt', under escaped names: 'yes' or 'no' [default: no]",
        lambda text: _one_of("yes", "no")(text) == "yes",
        "'yes' or 'no'",
    ),
    Option(
        "gather",
        "windows",
        "BUCKET=SECONDS: gather the writes to this bucket for so long and commit them together; may be repeated",
        _window,
        "BUCKET=SECONDS, of a second and more",
        many=True,
    ),
    Option("upload-age", "upload_age", "Forget multipart uploads that were not completed in so many days [default: 7]", _days, "days"),
    Option("workers", "workers", "Serve S3 by so many processes, so that it takes as many cores [default: 1]", _whole, "a number"),
    Option("log-level", "log_level", "How much to log [default: info]", _one_of(*LOG_LEVELS), ", ".join(LOG_LEVELS)),
)

BY_NAME = {option.name: option for option in OPTIONS}

ROOT_TOKEN_VARIABLE = "PACHS3_ROOT_TOKEN"  # noqa: S105 (the name of the variable, not its value)
"""
An environment variable that gives the root token itself. No option does: everyone on the machine can read a command line.
"""


class Options(usage.Options):
    """
    The command line of C{twistd pachs3} and C{python -m pachgw}.

    After parsing, L{settings} has everything.
    """

    synopsis = "[options]"
    longdesc = (
        "An S3 gateway to versioned data: each branch of a Pachyderm repo is a bucket, each write a commit. "
        "Without --pachd it keeps the data itself, in --data-dir. "
        "Endpoints are Twisted's: tcp:30600:interface=127.0.0.1 for this machine alone, tcp:30600 for all IPv4 interfaces, "
        "tcp6:30600 for IPv6 (and most often IPv4 too), ssl:443:privateKey=key.pem:certKey=cert.pem for TLS, unix:/run/pachs3.sock. "
        "All of this may be in a TOML file: listen = ['tcp:30600'], data-dir = '/srv/pachs3'."
    )

    def __init__(self, environment: Optional[Mapping[str, str]] = None) -> None:
        """
        @param environment: the process's variables; none by default.
        """
        self._environment = environment or {}
        self._given: dict[str, Any] = {}
        self._file: Optional[Path] = None
        self.settings = Settings()
        usage.Options.__init__(self)

    def opt_config(self, path: str) -> None:
        """
        Read settings from this TOML file; each has the name of an option
        """
        self._file = Path(path)

    def opt_version(self) -> None:
        """
        Print the version and exit
        """
        print(f"pachgw {__version__}")
        raise SystemExit(0)

    def postOptions(self) -> None:
        """
        Put everything together.

        @raise usage.UsageError: something does not go together, or the file cannot be read.
        """
        values = {**_from_file(self._file), **_from_environment(self._environment), **self._given}
        explicit = set(self._given)
        if "pachd" in explicit and "data_dir" in explicit:
            raise usage.UsageError("--pachd and --data-dir do not go together: the data is either pachd's or in the folder.")
        if "data_dir" in explicit:
            values.pop("pachd", None)
        self.settings = Settings(**values)
        _check(self.settings)


def _adder(option: Option) -> Callable[[Options, str], None]:
    """
    The method that C{usage.Options} finds for an option.
    """

    def add(self: Options, text: str) -> None:
        value = _converted(option, text)
        self._given[option.field] = (*self._given.get(option.field, ()), value) if option.many else value

    add.__doc__ = option.help
    return add


for _option in OPTIONS:
    setattr(Options, f"opt_{_option.name.replace('-', '_')}", _adder(_option))


def _converted(option: Option, text: str) -> Any:
    try:
        return option.convert(text)
    except ValueError as error:
        wrong = f"{text!r} is not {option.expects}." if option.expects else str(error)
        raise usage.UsageError(f"{option.name}: {wrong}") from None


def read_token(path: Path) -> str:
    """
    The token in a file.

    @raise usage.UsageError: the file cannot be read.
    @raise ValueError: there is nothing in it.
    """
    try:
        token = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise usage.UsageError(f"{path}: {error.strerror}.") from None
    if not token:
        raise ValueError
    return token


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    values = {
        option.field: _converted(option, environment[option.environment])
        for option in OPTIONS
        if option.environment and environment.get(option.environment)
    }
    if environment.get(ROOT_TOKEN_VARIABLE):
        values["root_token"] = environment[ROOT_TOKEN_VARIABLE]
    return values


def _from_file(path: Optional[Path]) -> dict[str, Any]:
    """
    The settings in a configuration file.

    @raise usage.UsageError: it cannot be read, or has something in it that is no setting.
    """
    if path is None:
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise usage.UsageError(f"{path}: {error}") from None
    values: dict[str, Any] = {}
    for name, given in content.items():
        option = BY_NAME.get(name)
        if option is None:
            raise usage.UsageError(f"{path}: there is no setting {name!r}. There are: {', '.join(BY_NAME)}.")
        texts = _texts(given)
        if texts is None or (len(texts) != 1 and not option.many):
            raise usage.UsageError(f"{path}: {name} must be {'a list of texts' if option.many else 'one value'}.")
        converted = tuple(_converted(option, text) for text in texts)
        values[option.field] = converted if option.many else converted[0]
    return values


def _texts(given: object) -> Optional[Sequence[str]]:
    """
    One or more values of the configuration file, as the command line would have them.
    """
    several = given if isinstance(given, list) else [given]
    if any(isinstance(each, bool) or not isinstance(each, (str, int, float)) for each in several):
        return None
    return [str(each) for each in several]


def _check(settings: Settings) -> None:
    """
    Refuse what does not go together.
    """
    if settings.pachd is None and settings.pachd_ca is not None:
        raise usage.UsageError("--pachd-ca is for talking to a pachd: give --pachd too.")
    if settings.pachd is not None and settings.pfs_listen:
        raise usage.UsageError("--pfs-listen serves the embedded store: it does not go with --pachd.")
    if (settings.pfs_key is None) != (settings.pfs_certificate is None) or (settings.pfs_key is not None and not settings.pfs_listen):
        raise usage.UsageError("--pfs-key and --pfs-certificate go together, and with --pfs-listen.")
    if settings.pachd is not None and settings.root_token is not None:
        raise usage.UsageError("A root token is for the embedded store: pachd has its own.")
