"""What the archive costs beside bare SQLite.

    python benchmarks/archive.py [--runs 5] [--forwards 5000] [--messages 100000] [--json]

Baseline, in the same run and in turns: bare apsw that writes the same bytes in the same
transactions into one plain table, in WAL with synchronous=FULL, as the archive does. Of a
forward these are the request as it came and its body, in groups of 256; and, where it is
decoded, its message's JSON in a second transaction. Of a pull they are the body in pieces of
64 KB and then, in one transaction, the body and each message's JSON. "json too": the baseline
finds the messages by itself, with msgspec alone. "once": it writes each forward once, as it
came, and nothing else. Every figure is the median of the runs; machines are noisy, so only the
ratios mean something.
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
TOGETHER = 256
PIECE = 64 << 10
HEAD = b"POST /inbound HTTP/1.1\r\nHost: example.org\r\nContent-Type: application/json\r\n\r\n"


def main() -> None:
    """Measure, and tell."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--forwards", type=int, default=5_000)
    options.add_argument("--messages", type=int, default=100_000)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    told = measured(chosen.runs, chosen.forwards, chosen.messages)
    if chosen.json:
        print(json.dumps(told))  # noqa: T201 a benchmark prints
        return
    for name, figure in told.items():
        print(f"{name:62}{figure:>12,.3f}")  # noqa: T201


def measured(runs: int, forwards: int, messages: int) -> dict[str, float]:
    """The figures by name: rates in messages per second, and ratios."""
    arrivals = [arrival(number) for number in range(forwards)]
    body = envelope(messages)
    elements = [encode(message.raw) for message in read_envelope(body).messages]
    gc.freeze()  # what is made for the measurement is not the archive's to look through
    kinds: dict[str, Callable[[Path], float]] = {
        "forwards, bare apsw, once": lambda path: bare_forwards(path, arrivals, ["raw"], []),
        "forwards, bare apsw": lambda path: bare_forwards(path, arrivals, ["raw", "body"], []),
        "forwards, bare apsw, two": lambda path: bare_forwards(
            path, arrivals, ["raw", "body"], ["body"]
        ),
        "forwards, archive, added": lambda path: added(path, arrivals, decode=False),
        "forwards, archive, added and decoded": lambda path: added(path, arrivals, decode=True),
        "pull, bare apsw": lambda path: bare_pull(path, body, elements),
        "pull, bare apsw, json too": lambda path: bare_pull_decoded(path, body),
        "pull, archive": lambda path: pulled(path, body),
    }
    seconds: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(runs):
        for name, work in kinds.items():
            with tempfile.TemporaryDirectory(dir=Path.cwd()) as directory:
                gc.collect()
                seconds[name].append(work(Path(directory) / "file.sqlite3"))
    count = {"forwards": forwards, "pull": messages}
    rates = {
        f"{name} (messages/s)": count[name.partition(",")[0]] / statistics.median(each)
        for name, each in seconds.items()
    }
    return {**rates, **ratios(seconds), **decoding(body)}


def ratios(seconds: dict[str, list[float]]) -> dict[str, float]:
    """How many times the baseline's speed the archive has, by its name."""
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
            theirs / ours for theirs, ours in zip(seconds[bare], seconds[archive], strict=True)
        )
        for name, (bare, archive) in pairs.items()
    }


def decoding(body: bytes) -> dict[str, float]:
    """What knowing the places of messages costs of reading them."""
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
    return {"places ÷ reading": statistics.median(spans) / statistics.median(whole)}


def arrival(number: int) -> Arrival:
    """A forward of one message, 2 KB."""
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
    """The vendor's sample, so many times."""
    sample = parse(SAMPLE.read_bytes())["results"][0]
    results = [
        {**sample, "messageId": str(10**18 + first + number), "callbackData": "x" * padding}
        for number in range(count)
    ]
    return encode({"results": results, "messageCount": count, "pendingMessageCount": 0})


def groups(arrivals: Sequence[Arrival]) -> list[Sequence[Arrival]]:
    """As the writer's thread takes them."""
    return [arrivals[at : at + TOGETHER] for at in range(0, len(arrivals), TOGETHER)]


def added(path: Path, arrivals: Sequence[Arrival], *, decode: bool) -> float:
    """Seconds for the forwards in the archive."""
    with Archive(path) as archive:
        began = time.perf_counter()
        for group in groups(arrivals):
            ids = archive.add_forwards(group)
            if decode:
                archive.decode(ids)
        return time.perf_counter() - began


def pulled(path: Path, body: bytes) -> float:
    """Seconds for a pull in the archive."""
    with Archive(path) as archive:
        began = time.perf_counter()
        delivery = archive.begin_pull(connection="c", base_url="https://x.example", limit=None)
        for at in range(0, len(body), PIECE):
            archive.append_body(delivery, body[at : at + PIECE])
        archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
        return time.perf_counter() - began


def bare(path: Path) -> apsw.Connection:
    """A plain table."""
    db = apsw.Connection(str(path))
    for setting in ("journal_mode = WAL", "synchronous = FULL"):
        db.execute(f"PRAGMA {setting}").fetchall()
    db.execute("CREATE TABLE plain (id INTEGER PRIMARY KEY, bytes BLOB)")
    return db


def insert(db: apsw.Connection, rows: Sequence[bytes]) -> None:
    """One transaction."""
    db.execute("BEGIN IMMEDIATE")
    db.executemany("INSERT INTO plain (bytes) VALUES (?)", ((row,) for row in rows))
    db.execute("COMMIT")


def bare_forwards(
    path: Path, arrivals: Sequence[Arrival], first: Sequence[str], second: Sequence[str]
) -> float:
    """Seconds for these parts of the requests, in one transaction a group or in two."""
    db = bare(path)
    began = time.perf_counter()
    for group in groups(arrivals):
        for parts in filter(None, (first, second)):
            insert(db, [getattr(one, part) for one in group for part in parts])
    taken = time.perf_counter() - began
    db.close()
    return taken


def bare_pull(path: Path, body: bytes, elements: Sequence[bytes]) -> float:
    """Seconds for the body in pieces, whole, and its messages."""
    db = bare(path)
    began = time.perf_counter()
    for at in range(0, len(body), PIECE):
        insert(db, [body[at : at + PIECE]])
    insert(db, [body, *elements])
    taken = time.perf_counter() - began
    db.close()
    return taken


def bare_pull_decoded(path: Path, body: bytes) -> float:
    """The same for somebody who has to find the messages in the body first, with msgspec."""
    began = time.perf_counter()
    elements = [encode(one) for one in parse(body)["results"]]
    return time.perf_counter() - began + bare_pull(path, body, elements)


if __name__ == "__main__":
    main()
