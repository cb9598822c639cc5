"""Speed of the archive, compared with plain SQLite.

    python benchmarks/archive.py [--runs 7] [--forwards 5000] [--messages 100000] [--quick] [--json]

Baseline, in the same run and alternating: bare apsw that writes the same data in the same
transactions, in WAL mode with synchronous=FULL and the archive's `wal_autocheckpoint`. It has a
table of bytes and a table of messages (the stored columns, and the JSON of each) with one index, on
the message id. Forwards come in groups of 256: the raw request and its body, then, if they are
decoded, their messages in a second transaction. A pull is its body in pieces of 64 KB, then the
body and its messages in one transaction. The rows of the baseline are made before its time is
taken; "json too" includes reading them from the bodies with the standard library.
"""

import gc
import json
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import apsw

from ibconsole.archive import Archive
from ibconsole.archive.connection import open_writer
from ibconsole.model import Arrival
from measure import ROOT, Options, Report, ratios, scratch

SAMPLE = ROOT / "tests" / "samples" / "message_envelope.json"
GROUP = 256
PIECE = 64 << 10
HEAD = b"POST /inbound HTTP/1.1\r\nHost: example.org\r\nContent-Type: application/json\r\n\r\n"
# Column by column what a list of messages needs, as the archive stores it.
COLUMNS = ("messageId", "applicationCode", "from", "keyword", "text", "receivedAt")
TABLES = """
CREATE TABLE received (id INTEGER PRIMARY KEY, bytes BLOB);
CREATE TABLE message (id INTEGER PRIMARY KEY, message_id TEXT, application_code TEXT,
    sender TEXT, keyword TEXT, text TEXT, received_at TEXT, body BLOB);
CREATE INDEX message_identity ON message (message_id);
"""
INSERT_MESSAGE = (
    "INSERT INTO message (message_id, application_code, sender, keyword, text, received_at, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)

MessageValues = tuple[Any, ...]


class BareDatabase:
    """A new database with the tables of the baseline."""

    def __init__(self, path: Path) -> None:
        pages = checkpoint_pages(path.with_name("settings.sqlite3"))
        self._db = apsw.Connection(str(path))
        for setting in ("journal_mode = WAL", "synchronous = FULL"):
            self._db.execute(f"PRAGMA {setting}").fetchall()
        self._db.wal_autocheckpoint(pages)
        self._db.execute(TABLES).fetchall()

    def insert(self, received: Iterable[bytes], messages: Iterable[MessageValues] = ()) -> None:
        """Insert the rows in one transaction."""
        self._db.execute("BEGIN IMMEDIATE")
        rows = ((one,) for one in received)
        self._db.executemany("INSERT INTO received (bytes) VALUES (?)", rows)
        self._db.executemany(INSERT_MESSAGE, messages)
        self._db.execute("COMMIT")

    def close(self) -> None:
        """Close the database."""
        self._db.close()


def checkpoint_pages(path: Path) -> int:
    """Return the archive's `wal_autocheckpoint`, as read from a connection to a new file."""
    db = open_writer(path)
    pages = db.pragma("wal_autocheckpoint")
    db.close()
    return int(pages)


def values_of(element: dict[str, Any]) -> MessageValues:
    """Return the columns of a message, and its JSON."""
    body = json.dumps(element, separators=(",", ":"), ensure_ascii=False).encode()
    return (*map(element.get, COLUMNS), body)


def messages_of(body: bytes) -> list[MessageValues]:
    """Return the rows of the messages in a body."""
    return [values_of(element) for element in json.loads(body)["results"]]


def store_forwards(path: Path, arrivals: Sequence[Arrival], *, decode: bool) -> float:
    """Return the seconds that the archive takes to store the forwards."""
    with Archive(path) as archive:
        began = time.perf_counter()
        for group in groups(arrivals):
            ids = archive.add_forwards(group)
            if decode:
                archive.decode(ids)
        return time.perf_counter() - began


def store_pull(path: Path, body: bytes) -> float:
    """Return the seconds that the archive takes to store a pull."""
    with Archive(path) as archive:
        began = time.perf_counter()
        delivery = archive.begin_pull(connection="c", base_url="https://x.example", limit=None)
        for start in range(0, len(body), PIECE):
            archive.append_answer(delivery, body[start : start + PIECE])
        archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
        return time.perf_counter() - began


def bare_forwards(
    path: Path,
    arrivals: Sequence[Arrival],
    messages_in: Callable[[bytes], Sequence[MessageValues]] | None,
) -> float:
    """Return the seconds for requests and bodies, and for their messages if these are given."""
    db = BareDatabase(path)
    began = time.perf_counter()
    for group in groups(arrivals):
        db.insert(part for one in group for part in (one.raw, one.body))
        if messages_in:
            db.insert((), (message for one in group for message in messages_in(one.body)))
    seconds = time.perf_counter() - began
    db.close()
    return seconds


def bare_pull(
    path: Path, body: bytes, messages_in: Callable[[bytes], Sequence[MessageValues]]
) -> float:
    """Return the seconds for the body in pieces, the whole body, and its messages."""
    db = BareDatabase(path)
    began = time.perf_counter()
    for start in range(0, len(body), PIECE):
        db.insert([body[start : start + PIECE]])
    db.insert([body], messages_in(body))
    seconds = time.perf_counter() - began
    db.close()
    return seconds


def groups(arrivals: Sequence[Arrival]) -> list[Sequence[Arrival]]:
    """Split the forwards into groups as large as those of the archive's writer thread."""
    return [arrivals[start : start + GROUP] for start in range(0, len(arrivals), GROUP)]


def arrival(number: int) -> Arrival:
    """Return a forward of one message, 2 KB."""
    body = envelope(1, first=number, padding=1_500)
    return Arrival(
        connection="c",
        arrived_at=1_700_000_000_000 + number,
        method="POST",
        target="/inbound",
        headers=(("Host", "example.org"), ("Content-Type", "application/json")),
        body=body,
        raw=HEAD + body,
        peer="127.0.0.1",
        status=200,
        problem="",
    )


def envelope(count: int, *, first: int = 0, padding: int = 0) -> bytes:
    """Return an envelope with `count` copies of the platform's documented message."""
    sample = json.loads(SAMPLE.read_bytes())["results"][0]
    results = [
        {**sample, "messageId": str(10**18 + first + number), "callbackData": "x" * padding}
        for number in range(count)
    ]
    whole = {"results": results, "messageCount": count, "pendingMessageCount": 0}
    return json.dumps(whole, separators=(",", ":")).encode()


def measure(runs: int, forwards: int, messages: int) -> dict[str, list[float]]:
    """Return the seconds of all runs by variant."""
    arrivals = [arrival(number) for number in range(forwards)]
    body = envelope(messages)
    rows = {one.body: messages_of(one.body) for one in arrivals} | {body: messages_of(body)}
    gc.freeze()  # so that collections during the measurement do not scan the input
    variants: dict[str, Callable[[Path], float]] = {
        "bare, added": lambda path: bare_forwards(path, arrivals, None),
        "archive, added": lambda path: store_forwards(path, arrivals, decode=False),
        "bare, decoded": lambda path: bare_forwards(path, arrivals, rows.__getitem__),
        "archive, decoded": lambda path: store_forwards(path, arrivals, decode=True),
        "bare, decoded, json too": lambda path: bare_forwards(path, arrivals, messages_of),
        "bare, pull": lambda path: bare_pull(path, body, rows.__getitem__),
        "archive, pull": lambda path: store_pull(path, body),
        "bare, pull, json too": lambda path: bare_pull(path, body, messages_of),
    }
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(runs):
        for name, run in variants.items():
            with scratch() as directory:
                gc.collect()
                seconds[name].append(run(directory / "file.sqlite3"))
    return seconds


def main() -> None:
    """Measure, and print the results."""
    command = Options(__doc__, runs=7)
    command.add_size("--forwards", 5_000, 2_000)
    command.add_size("--messages", 100_000, 20_000)
    options = command.parse()
    seconds = measure(options.runs, options.forwards, options.messages)
    report = Report("archive")
    for name, count in (("decoded", options.forwards), ("pull", options.messages)):
        rates = [count / each for each in seconds[f"archive, {name}"]]
        report.add(f"{count:,} messages, {name}", rates, "messages/s")
    for what, baseline, target in (
        ("added", "added", None),
        ("decoded", "decoded", 0.6),
        ("decoded", "decoded, json too", None),
        ("pull", "pull", 0.5),
        ("pull", "pull, json too", None),
    ):
        speeds = ratios(seconds[f"bare, {baseline}"], seconds[f"archive, {what}"])
        report.add(f"{what}: archive ÷ bare apsw, {baseline}", speeds, at_least=target)
    report.write(options)


if __name__ == "__main__":
    main()
