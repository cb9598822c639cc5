"""Measure exporting and listing stored messages.

    python benchmarks/export.py [--runs 5] [--messages 50000] [--json]

Baseline: the columns of a list of messages, read with bare apsw, and encoded with msgspec, one
line for each message. The archive holds pulls of documented messages; the output is discarded.
"""

import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import msgspec

from ibconsole.archive import Filter, Reader
from ibconsole.services.intake import open_archive
from ibconsole.services.messages import Export, ExportOptions, Format, message_line
from measure import ROOT, Options, Report, ratios, scratch

_PULL = 10_000  # messages of one pull
_PIECE = 1 << 18  # bytes of an answer that arrive together
_COLUMNS = (
    "id, delivery, via, application_code, sender, keyword, text, received_at, arrived_at, flags,"
    " connection, position, message_id, duplicate_of"
)


class Discarding(io.RawIOBase):
    """A file that keeps nothing."""

    def write(self, data: Any, /) -> int:
        """Discard the data."""
        return len(data)


def fill(path: Path, messages: int) -> None:
    """Store as many documented messages."""
    sample = json.loads((ROOT / "tests/samples/message_envelope.json").read_bytes())["results"][0]
    with open_archive(path) as archive:
        for first in range(0, messages, _PULL):
            numbers = range(first, min(first + _PULL, messages))
            results = [{**sample, "messageId": str(10**18 + number)} for number in numbers]
            pull = archive.begin_pull(connection="c", base_url="https://x.example", limit=_PULL)
            answer = msgspec.json.encode({"results": results})
            for start in range(0, len(answer), _PIECE):
                archive.append_answer(pull, answer[start : start + _PIECE])
            archive.finish_pull(pull, status=200, headers=[], complete=True, problem="")


def read_bare(path: Path) -> None:
    """Read the rows with apsw, and encode each with msgspec."""
    file, encode = Discarding(), msgspec.json.Encoder().encode
    with apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY) as db:
        for row in db.execute(f"SELECT {_COLUMNS} FROM message ORDER BY id"):  # noqa: S608 names written above
            file.write(encode(row) + b"\n")


def export(path: Path, format_: Format) -> None:
    """Export all messages."""
    with Reader(path) as reader:
        Export(reader, ExportOptions(format_)).write(Discarding(), lambda _: None)  # type: ignore[arg-type]  # a raw file


def list_all(path: Path) -> None:
    """Write what `messages list --json` writes."""
    file = Discarding()
    with Reader(path) as reader:
        for page in reader.pages(Filter()):
            file.write(b"".join(map(message_line, page)))


def main() -> None:
    """Measure, and print the results."""
    command = Options(__doc__, runs=5)
    command.add_size("--messages", 50_000, 20_000)
    options = command.parse()
    variants: dict[str, Callable[[Path], None]] = {
        "bare": read_bare,
        "export, JSON Lines": lambda path: export(path, Format.JSONL),
        "export, CSV": lambda path: export(path, Format.CSV),
        "list --json": list_all,
    }
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    with scratch() as directory:
        path = directory / "archive.sqlite3"
        fill(path, options.messages)
        for _ in range(options.runs):
            for name, run in variants.items():
                began = time.perf_counter()
                run(path)
                seconds[name].append(time.perf_counter() - began)
    report = Report("export")
    for name, values in seconds.items():
        report.add(name, [options.messages / each for each in values], "messages/s")
    for name in list(variants)[1:]:
        report.add(f"{name} ÷ bare apsw and msgspec", ratios(seconds["bare"], seconds[name]))
    report.write(options)


if __name__ == "__main__":
    main()
