"""
S3 clients that keep a journal of what was acknowledged, for tests in which gateways and PFS die under them.

Each client has keys of its own and does one thing after another. Of each key the journal knows the contents that it may have: one after
an acknowledgement; more while, or after, something was not answered, or was answered with an error that leaves it open.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import random
import re
import threading
import time
from collections.abc import Callable
from typing import Optional
from urllib.parse import quote

BUCKET = "master.load"
PART = 5 * 1024 * 1024
TIMEOUT = 30.0

_NONE = "gone"


def content(key: str, number: int, size: int) -> bytes:
    """
    Bytes that no other PUT has.
    """
    seed = f"{key} {number} ".encode()
    return (seed * (size // len(seed) + 1))[:size] if size else b""


def digest(data: Optional[bytes]) -> str:
    """
    What the journal keeps of a content, C{None} for an object that is not there.
    """
    return _NONE if data is None else hashlib.sha256(data).hexdigest()


class Unanswered(Exception):
    """
    Nobody knows what became of a request.
    """


class Client:
    """
    One S3 client, without credentials.

    @ivar url: finds the gateway, again for each connection.
    """

    def __init__(self, url: Callable[[], str]) -> None:
        self._url = url
        self._connection: Optional[http.client.HTTPConnection] = None

    def request(self, method: str, target: str, body: bytes = b"", headers: Optional[dict[str, str]] = None) -> tuple[int, bytes]:
        """
        Do one request.

        @return: the status and the body of the answer.
        @raise Unanswered: there was none, or not all of one.
        """
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection(self._url().removeprefix("http://"), timeout=TIMEOUT)
            self._connection.request(method, f"/{BUCKET}{target}", body, headers or {})
            response = self._connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unanswered(repr(error)) from error

    def close(self) -> None:
        """
        Leave the connection.
        """
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def upload(self, key: str, parts: list[bytes]) -> int:
        """
        Upload in parts.

        @return: the status of the first request that failed, or of the Complete.
        """
        status, answer = self.request("POST", f"/{quote(key)}?uploads")
        if status != 200:
            return status
        id = re.search(rb"<UploadId>(.*?)</UploadId>", answer)
        assert id is not None, answer
        named = ""
        for number, part in enumerate(parts, 1):
            status, _ = self.request("PUT", f"/{quote(key)}?partNumber={number}&uploadId={id[1].decode()}", part)
            if status != 200:
                return status
            status, listing = self.request("GET", f"/{quote(key)}?uploadId={id[1].decode()}&part-number-marker={number - 1}&max-parts=1")
            etag = re.search(rb"<ETag>(.*?)</ETag>", listing)
            if status != 200 or etag is None:
                return status
            named += f"<Part><PartNumber>{number}</PartNumber><ETag>{etag[1].decode()}</ETag></Part>"
        body = f"<CompleteMultipartUpload>{named}</CompleteMultipartUpload>".encode()
        status, answer = self.request("POST", f"/{quote(key)}?uploadId={id[1].decode()}", body)
        return 500 if status == 200 and b"<Error>" in answer else status


class Journal:
    """
    What each key may hold.

    @ivar acknowledged: how many writes have been.
    @ivar errors: answers that say neither yes nor no, by status, for people.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._possible: dict[str, set[str]] = {}
        self.acknowledged = 0
        self.errors: dict[int, int] = {}

    def write(self, outcomes: dict[str, str], act: Callable[[], int]) -> None:
        """
        Do something that gives keys new contents.

        @param outcomes: by key, the digest that it will have.
        @param act: does it, and returns the status.
        """
        with self._lock:
            for key, outcome in outcomes.items():
                self._possible.setdefault(key, {_NONE}).add(outcome)
        status = act()
        with self._lock:
            if status in (200, 204):
                self.acknowledged += 1
                self._possible.update((key, {outcome}) for key, outcome in outcomes.items())
            else:
                self.errors[status] = self.errors.get(status, 0) + 1

    def acknowledged_key(self, key: str) -> Optional[str]:
        """
        The digest of a key of which only one is possible.
        """
        with self._lock:
            possible = self._possible.get(key, set())
            return next(iter(possible)) if len(possible) == 1 else None

    def prove(self, client: Client) -> list[str]:
        """
        Read every key, and list the bucket.

        @return: what is wrong.
        """
        wrong = []
        there = set()
        for key, possible in sorted(self._possible.items()):
            status, answer = client.request("GET", f"/{quote(key)}")
            found = digest(answer if status == 200 else None)
            if status not in (200, 404) or found not in possible:
                wrong.append(f"{key}: status {status}, {len(answer)} bytes beginning {answer[:40]!r}")
            self._possible[key] = {found}
            if status == 200:
                there.add(key)
        listed = self._list(client)
        if listed != there:
            wrong.append(f"listed, not there: {sorted(listed - there)}; there, not listed: {sorted(there - listed)}")
        return wrong

    def _list(self, client: Client) -> set[str]:
        found: set[str] = set()
        after = ""
        while True:
            status, answer = client.request("GET", f"?list-type=2&start-after={quote(after)}")
            assert status == 200, answer
            keys = [key.decode() for key in re.findall(rb"<Key>(.*?)</Key>", answer)]
            found.update(keys)
            if b"<IsTruncated>true" not in answer:
                return found
            after = keys[-1]


class Load:
    """
    Several clients at work, each in a thread.

    @ivar journal: of all of them.
    """

    def __init__(self, urls: list[Callable[[], str]], clients: int, seed: int, journal: Journal) -> None:
        self.journal = journal
        self._stop = threading.Event()
        self._failed: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._work, args=(urls[number % len(urls)], number, random.Random(f"{seed} {number}")))
            for number in range(clients)
        ]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._failed:
            raise self._failed[0]

    def until(self, acknowledged: int, seconds: float = 60.0) -> None:
        """
        Let it work until so many more writes have been acknowledged.
        """
        goal = self.journal.acknowledged + acknowledged
        deadline = time.monotonic() + seconds
        while self.journal.acknowledged < goal and not self._failed:
            assert time.monotonic() < deadline, f"only {self.journal.acknowledged} of {goal} writes; errors {self.journal.errors}"
            time.sleep(0.01)

    def _work(self, url: Callable[[], str], number: int, chance: random.Random) -> None:
        client = Client(url)
        count = 0
        try:
            while not self._stop.is_set():
                count += 1
                try:
                    self._act(client, f"client {number}", count, chance)
                except Unanswered:
                    time.sleep(0.1)
        except BaseException as error:
            self._failed.append(error)
        finally:
            client.close()

    def _act(self, client: Client, own: str, count: int, chance: random.Random) -> None:
        key = f"{own}/{chance.choice('ab')}/{chance.randrange(8)}"
        kind = chance.choices(("put", "big", "metadata", "delete", "many", "copy", "upload"), (50, 10, 15, 10, 5, 8, 2))[0]
        if kind in ("put", "metadata", "big"):
            data = content(key, count, 400_000 if kind == "big" else chance.choice((0, 10, 4096)))
            headers = {"x-amz-meta-count": str(count)} if kind == "metadata" else {}
            self.journal.write({key: digest(data)}, lambda: client.request("PUT", f"/{quote(key)}", data, headers)[0])
        elif kind == "delete":
            self.journal.write({key: digest(None)}, lambda: client.request("DELETE", f"/{quote(key)}")[0])
        elif kind == "many":
            self._delete_many(client, [f"{own}/a/{place}" for place in range(4)])
        elif kind == "copy":
            self._copy(client, own, count)
        else:
            data = content(key, count, PART + 1000)
            self.journal.write({key: digest(data)}, lambda: client.upload(key, [data[:PART], data[PART:]]))

    def _delete_many(self, client: Client, keys: list[str]) -> None:
        body = "".join(f"<Object><Key>{key}</Key></Object>" for key in keys)
        document = f"<Delete><Quiet>true</Quiet>{body}</Delete>".encode()
        headers = {"Content-MD5": _md5(document)}

        def act() -> int:
            status, answer = client.request("POST", "?delete", document, headers)
            return 500 if status == 200 and b"<Error>" in answer else status

        self.journal.write({key: digest(None) for key in keys}, act)

    def _copy(self, client: Client, own: str, count: int) -> None:
        data = content(f"{own} source", count, 200_000)
        source, target = f"{own}/source", f"{own}/copies/{count % 4}"
        before = self.journal.acknowledged_key(source)
        self.journal.write({source: digest(data)}, lambda: client.request("PUT", f"/{quote(source)}", data)[0])
        if self.journal.acknowledged_key(source) not in (None, before):
            headers = {"x-amz-copy-source": quote(f"{BUCKET}/{source}")}
            self.journal.write({target: digest(data)}, lambda: client.request("PUT", f"/{quote(target)}", b"", headers)[0])


def _md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data).digest()).decode()
