"""Speed of the archive, compared with plain SQLite.

    python benchmarks/archive.py [--runs 5] [--forwards 5000] [--messages 100000] [--json]

Baseline, in the same run and alternating: plain apsw that writes the same bytes in the same
transactions into one plain table, in WAL mode with synchronous=FULL like the archive. For
forwards these bytes are the raw request and its body, in groups of 256, and, if the forwards are
decoded, the JSON of their messages in a second transaction. For a pull they are the body in
pieces of 64 KB and then, in one transaction, the body and the JSON of each message. "json too":
the baseline also extracts the messages from the body, with msgspec alone. "once": the baseline
writes only the raw request of each forward. Every figure is the median of the runs; machines are
noisy, so only the ratios are meaningful.
"""

import argparse
import gc
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import apsw

from ibconsole.archive.archive import Archive
from ibconsole.model.message import Arrival, read_envelope
from ibconsole.model.reading import encode, parse

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "tests" / "samples" / "message_envelope.json"
GROUP = 256
PIECE = 64 << 10
HEAD = b"POST /inbound HTTP/1.1\r\nHost: example.org\r\nContent-Type: application/json\r\n\r\n"


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--forwards", type=int, default=5_000)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure(options.runs, options.forwards, options.messages)
    if options.json:
        print(json.dumps(figures))  # noqa: T201 a benchmark prints
        return
    for name, figure in figures.items():
        print(f"{name:62}{figure:>12,.3f}")  # noqa: T201


def measure(runs: int, forwards: int, messages: int) -> dict[str, float]:
    """Return the figures by name: rates in messages per second, and ratios."""
    arrivals = [arrival(number) for number in range(forwards)]
    body = envelope(messages)
    elements = [encode(message.raw) for message in read_envelope(body).messages]
    gc.freeze()  # so that collections during the measurement do not scan the input
    variants: dict[str, Callable[[Path], float]] = {
        "forwards, bare apsw, once": lambda path: bare_forwards(path, arrivals, ["raw"], []),
        "forwards, bare apsw": lambda path: bare_forwards(path, arrivals, ["raw", "body"], []),
        "forwards, bare apsw, two": lambda path: bare_forwards(
            path, arrivals, ["raw", "body"], ["body"]
        ),
        "forwards, archive, added": lambda path: store_forwards(path, arrivals, decode=False),
        "forwards, archive, added and decoded": lambda path: store_forwards(
            path, arrivals, decode=True
        ),
        "pull, bare apsw": lambda path: bare_pull(path, body, elements),
        "pull, bare apsw, json too": lambda path: bare_pull_decoded(path, body),
        "pull, archive": lambda path: store_pull(path, body),
    }
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(runs):
        for name, run in variants.items():
            with tempfile.TemporaryDirectory(dir=Path.cwd()) as directory:
                gc.collect()
                seconds[name].append(run(Path(directory) / "file.sqlite3"))
    count = {"forwards": forwards, "pull": messages}
    rates = {
        f"{name} (messages/s)": count[name.partition(",")[0]] / statistics.median(each)
        for name, each in seconds.items()
    }
    return {**rates, **ratios(seconds), **decoding(body)}


def ratios(seconds: dict[str, list[float]]) -> dict[str, float]:
    """Return the archive's speed divided by that of each baseline."""
    pairs = {
        "forwards added": ("forwards, bare apsw", "forwards, archive, added"),
        "forwards added, once": ("forwards, bare apsw, once", "forwards, archive, added"),
        "forwards added and decoded": (
            "forwards, bare apsw, two",
            "forwards, archive, added and decoded",
        ),
        "pull": ("pull, bare apsw", "pull, archive"),
        "pull, json too": ("pull, bare apsw, json too", "pull, archive"),
    }
    return {
        f"{name}: archive ÷ bare": statistics.median(
            plain / own for plain, own in zip(seconds[bare], seconds[archive], strict=True)
        )
        for name, (bare, archive) in pairs.items()
    }


def decoding(body: bytes) -> dict[str, float]:
    """Return the share that finding the spans of messages has in reading an envelope."""
    from ibconsole.model.json_spans import element_spans, span_of_member  # noqa: PLC0415

    whole, spans = [], []
    for _ in range(5):
        began = time.perf_counter()
        read_envelope(body)
        middle = time.perf_counter()
        span = span_of_member(body, "results")
        if span:
            element_spans(body, span)
        whole.append(middle - began)
        spans.append(time.perf_counter() - middle)
    return {"spans ÷ reading": statistics.median(spans) / statistics.median(whole)}


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
    sample = parse(SAMPLE.read_bytes())["results"][0]
    results = [
        {**sample, "messageId": str(10**18 + first + number), "callbackData": "x" * padding}
        for number in range(count)
    ]
    return encode({"results": results, "messageCount": count, "pendingMessageCount": 0})


def groups(arrivals: Sequence[Arrival]) -> list[Sequence[Arrival]]:
    """Split the forwards into groups as large as those of the archive's writer thread."""
    return [arrivals[start : start + GROUP] for start in range(0, len(arrivals), GROUP)]


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
            archive.append_body(delivery, body[start : start + PIECE])
        archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
        return time.perf_counter() - began


def bare(path: Path) -> apsw.Connection:
    """Open a database with one plain table."""
    db = apsw.Connection(str(path))
    for setting in ("journal_mode = WAL", "synchronous = FULL"):
        db.execute(f"PRAGMA {setting}").fetchall()
    db.execute("CREATE TABLE plain (id INTEGER PRIMARY KEY, bytes BLOB)")
    return db


def insert(db: apsw.Connection, rows: Sequence[bytes]) -> None:
    """Insert the rows in one transaction."""
    db.execute("BEGIN IMMEDIATE")
    db.executemany("INSERT INTO plain (bytes) VALUES (?)", ((row,) for row in rows))
    db.execute("COMMIT")


def bare_forwards(
    path: Path, arrivals: Sequence[Arrival], first: Sequence[str], second: Sequence[str]
) -> float:
    """Return the seconds for these parts of the requests, in one or two transactions a group."""
    db = bare(path)
    began = time.perf_counter()
    for group in groups(arrivals):
        for parts in filter(None, (first, second)):
            insert(db, [getattr(one, part) for one in group for part in parts])
    seconds = time.perf_counter() - began
    db.close()
    return seconds


def bare_pull(path: Path, body: bytes, elements: Sequence[bytes]) -> float:
    """Return the seconds for the body in pieces, the whole body, and its messages."""
    db = bare(path)
    began = time.perf_counter()
    for start in range(0, len(body), PIECE):
        insert(db, [body[start : start + PIECE]])
    insert(db, [body, *elements])
    seconds = time.perf_counter() - began
    db.close()
    return seconds


def bare_pull_decoded(path: Path, body: bytes) -> float:
    """Return the same, including the time to extract the messages from the body with msgspec."""
    began = time.perf_counter()
    elements = [encode(one) for one in parse(body)["results"]]
    return time.perf_counter() - began + bare_pull(path, body, elements)


if __name__ == "__main__":
    main()
