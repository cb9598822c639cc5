"""Measure searches of a million messages: the first rows, the next ones, and all with their number.

    python benchmarks/search.py [--messages 1000000] [--queries 200] [--archive FILE]
        [--kinds KIND ...] [--quick] [--json]

For each kind of filter `--queries` searches, with texts and orders in turn, ask what the window
asks: the newest 256 matches, then the matches before them part by part, until all are counted.
Percentiles are over all searches of the kind, and over all their parts for "next rows".

The kinds "language" are filters of the filter language: those that an index serves, and those that
none does, of which the first rows count, matches or not.

"columns" and "highlights" are the extras of a page of 64 rows anywhere in the list, as the window
asks for them: the values at four JSON paths, and the first of ten rules that a row matches. The
page itself is read before, which is the baseline of both.

Baseline, in the same run: a bare SELECT of as many ids of messages as the search of a text has
found, which is what moving the rows takes, however they are found.

With --archive, FILE is created in the first run and reused later.
"""

import itertools
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import apsw

from feed_data import fill, vocabulary
from ibconsole.archive import Filter, Order, Reader, Via
from ibconsole.services.connections import HighlightRule, JsonColumn
from ibconsole.services.filtering import parse_filter, to_criteria
from ibconsole.services.list_display import DisplayRequest, extras_of
from ibconsole.services.protection import ShownCodes
from measure import Options, Report, percentile, scratch

FIRST = 256
LIMIT_MS, LIMIT_WITHOUT_MATCH_MS, LIMIT_UNINDEXED_MS = 150, 20, 300
_WORDS = vocabulary()
_PIECES = [word[:2] for word in _WORDS[:400]]
TEXTS = {
    "Latin": [*"aeiouthsn", *_PIECES[:60], "é", "ü", "üß", "qz"],
    "digits": [*"0123456789", *(f"{one:02}" for one in range(40)), "٣", "\uff11"],
    "signs": [*"-.,:;!?%_'\"\\/@#+*() ", "--", "- ", " a", "e ", "&&"],
    "Greek and Cyrillic": [*"αβγωжщыя", "\u03bf\u03c5", "ЖЖ", "ій", "Σς"],
    "Chinese and Japanese": [*"你好世界日のカ漢", "你好", "日本", "カタ"],
    "Arabic and emoji": [*"ابجدم", "ال", "😀", "😀😀", "👍🏽"],
    "words": ["STOP", "INFO", "grüße", "4179", *_WORDS[:40], *_WORDS[9_000:9_040], "nowhere"],
}


INDEXED = (
    "{0} OR {1}",
    "{0} via:forward -{1}",
    "({0} OR keyword:STOP) app:app-7",
    "{0} lag:>1h",
    "{0} OR {1} OR from:41790000123",
    "{2} json:$.keyword=STOP",
    "id:{3}",
)
NOT_INDEXED = (
    "lag:>10000d",
    "-a OR lag:<0",
    'json:$.keyword="STOP"',
    "json:$.customPayload.order=4711",
    "json:$..order exists",
    "json:$.receivedAt>2030",
    "qz OR lag:<1s",
    "{0} OR json:$.keyword=none",
)


COLUMNS = (
    JsonColumn("Order", "$.customPayload.order"),
    JsonColumn("Callback", "$.callbackData"),
    JsonColumn("Anywhere", "$..order"),
    JsonColumn("Filtered", "$.customPayload[?@ > 10]"),
)
RULES = (
    "keyword:STOP", "flag:duplicate", "lag:>10000d", "from:41790000123", "via:pull -via:pull",
    "json:$.customPayload.order=4711", "(qz OR zqx) via:forward", "app:none", "id:none", "STOP",
)  # fmt: skip
_PAGE = 64
EXTRAS = ("columns", "highlights")


class Times:
    """Milliseconds of first rows, of next rows, and of all rows with their number."""

    def __init__(self) -> None:
        self.first: list[float] = []
        self.next: list[float] = []
        self.all: list[float] = []
        self.moved: list[float] = []


def filters(kind: str, archive: Path) -> Iterator[Filter]:
    """Yield filters by texts of a kind: each alone, then with each of the other conditions."""
    [(low, high)] = select(archive, "SELECT min(arrived_at), max(arrived_at) FROM message")
    middle = (low + high) // 2
    texts = random.Random(1).sample(TEXTS[kind], len(TEXTS[kind]))  # noqa: S311 not for secrets
    for text in itertools.cycle(texts):
        yield Filter(text=text)
        yield Filter(text=text, via=Via.FORWARD)
        yield Filter(text=text, application="app-7")
        yield Filter(text=text, since=middle)
        yield Filter(text=text, until=middle)


def typed(patterns: Sequence[str]) -> Iterator[Filter]:
    """Yield the filters of expressions with words in their places: frequent, rare and missing."""
    generator = random.Random(3)  # noqa: S311 not for secrets
    for pattern in itertools.cycle(patterns):
        frequent, some, rare = (_WORDS[int(20_000 ** generator.random()) - 1] for _ in range(3))
        number = generator.randrange(1_000_000)
        identity = f"{number:08d}-{number * 2_654_435_761 % 2**64:016x}"
        text = pattern.format(frequent, some, rare, identity)
        yield to_criteria(parse_filter(text), {})


def without_match(archive: Path) -> Iterator[Filter]:
    """Yield filters of every kind that no message matches."""
    [(low, high)] = select(archive, "SELECT min(arrived_at), max(arrived_at) FROM message")
    kinds = [
        Filter(text="zqx"),
        Filter(text="日本"),
        Filter(application="none"),
        Filter(connection="none"),
        Filter(since=high + 1),
        Filter(until=low),
        Filter(sender="none"),
        Filter(keyword="NONE"),
    ]
    return itertools.cycle(kinds)


def select(archive: Path, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query on the archive, by bare apsw."""
    db = apsw.Connection(str(archive), flags=apsw.SQLITE_OPEN_READONLY)
    rows: list[tuple[Any, ...]] = db.execute(query).fetchall()
    db.close()
    return rows


def measure(reader: Reader, archive: Path, criteria: Filter, order: Order, times: Times) -> None:
    """Search as the window does, and add the times."""
    newest = reader.counts().newest_message
    began = time.perf_counter()
    found = reader.search(criteria, order=order, limit=FIRST)
    times.first.append(_ms_since(began))
    count, place = len(found.ids), found.rest
    if not place and count == FIRST:
        place = found.place
    while place:
        part = time.perf_counter()
        found = reader.search_older(criteria, place, order=order, newest=newest)
        times.next.append(_ms_since(part))
        count, place = count + len(found.ids), found.rest
    times.all.append(_ms_since(began))
    began = time.perf_counter()
    select(archive, f"SELECT id FROM message LIMIT {count}")  # noqa: S608 a number
    times.moved.append(_ms_since(began))


def _ms_since(began: float) -> float:
    return 1000 * (time.perf_counter() - began)


def measure_extras(report: Report, reader: Reader, kinds: Sequence[str], queries: int) -> None:
    """Measure the extras of pages anywhere in the list, each kind after the page itself."""
    rules = tuple(HighlightRule(text, "ok") for text in RULES)
    requests = {
        "columns": DisplayRequest(columns=COLUMNS),
        "highlights": DisplayRequest(rules=rules),
    }
    newest = reader.counts().newest_message
    for kind in kinds:
        generator = random.Random(5)  # noqa: S311 not for secrets
        pages, extras = [], []
        for _ in range(queries):
            first = generator.randrange(1, max(newest - _PAGE, 2))
            ids = tuple(range(first, first + _PAGE))
            began = time.perf_counter()
            reader.rows(ids)
            pages.append(_ms_since(began))
            began = time.perf_counter()
            extras_of(reader.messages(Filter(ids=ids)), requests[kind], ShownCodes())
            extras.append(_ms_since(began))
        for what, values in (("a page of rows", pages), ("its extras", extras)):
            report.add(f"{kind}: {what}, median of {queries}", [percentile(values, 0.5)], "ms")
            limit = LIMIT_MS if values is extras else None
            report.add(f"{kind}: {what}, p95", [percentile(values, 0.95)], "ms", at_most=limit)
            report.add(f"{kind}: {what}, longest", [max(values)], "ms")


def report_kind(report: Report, kind: str, times: Times) -> None:
    """Add the percentiles of a kind."""
    for what, values in (
        ("first rows", times.first),
        ("next rows", times.next),
        ("all rows and their number", times.all),
        ("all rows, bare SELECT", times.moved),
    ):
        if not values:
            continue
        report.add(f"{kind}: {what}, median of {len(values)}", [percentile(values, 0.5)], "ms")
        limit = LIMIT_MS if what in {"first rows", "next rows"} else None
        if limit and kind == "language, no index":
            limit = LIMIT_UNINDEXED_MS
        if kind == "no match":
            limit = LIMIT_WITHOUT_MATCH_MS
        report.add(f"{kind}: {what}, p95", [percentile(values, 0.95)], "ms", at_most=limit)
        report.add(f"{kind}: {what}, longest", [max(values)], "ms")


def main() -> None:
    """Measure, and print the results."""
    command = Options(__doc__, runs=1)
    command.add_size("--messages", 1_000_000, 20_000)
    command.add_size("--queries", 200, 20, "of each kind")
    command.parser.add_argument("--kinds", nargs="+", metavar="KIND", help="only these")
    command.parser.add_argument("--archive", type=Path, metavar="FILE")
    options = command.parse()
    report = Report("search")
    with scratch() as directory:
        archive: Path = options.archive or directory / "many.sqlite3"
        if not archive.exists():
            fill(archive, options.messages)
        with Reader(archive) as reader:
            kinds = {kind: filters(kind, archive) for kind in TEXTS}
            kinds["no match"] = without_match(archive)
            kinds["language, by index"] = typed(INDEXED)
            kinds["language, no index"] = typed(NOT_INDEXED)
            wanted_kinds = options.kinds or [*kinds, *EXTRAS]
            kinds = {kind: kinds[kind] for kind in wanted_kinds if kind in kinds}
            for kind, wanted in kinds.items():
                times = Times()
                orders = itertools.cycle([Order.ARRIVAL, Order.ARRIVAL, Order.RECEIVED])
                for criteria in itertools.islice(wanted, options.queries):
                    measure(reader, archive, criteria, next(orders), times)
                report_kind(report, kind, times)
            shown = [kind for kind in EXTRAS if kind in wanted_kinds]
            measure_extras(report, reader, shown, options.queries)
    report.write(options)


if __name__ == "__main__":
    main()
