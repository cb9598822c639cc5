"""Milliseconds until messages of a team's archive are found, in one with very many of them.

    python benchmarks/team_reading.py --database URL [--messages 5000000] [--runs 20] [--quick]
        [--json]

The URL's user is the owner of a database that is prepared (`ibconsole team init`), with an account
`benchmark`. Unless the account has as many messages already, they are generated: of 200 characters
each, over the last year, four fifths of them in pulls of 500. Indexing their texts takes the most
of the time; a machine that does other work meanwhile takes hours.

The baseline of the first rows is the same query with bare psycopg. A search that returns a part of
its matches, and where to go on, is counted in a note.
"""

import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from psycopg import sql

from ibconsole.archive import Filter, Listing, Via
from ibconsole.team_archive import TeamAddress, TeamReader
from measure import Options, Report, percentile, ratios

ACCOUNT = "benchmark"
_FIRST = 256  # messages that a window asks for first, of which it shows a page
_PAGE = 64
_YEAR = 365 * 86_400_000  # ms
_BATCH = 500_000
_WORDS, _FRAGMENTS = 20_000, 100_000
# Words are as unequally frequent as those of a language: the cube of a random number chooses.
_VOCABULARY = f"""
    CREATE TEMP TABLE word AS SELECT n AS id, string_agg(
        (ARRAY['ka','lo','mi','ter','an','bo','šte','grü','ne','ra','po','in','žu','ver','sal'])
            [1 + floor(random() * 15)::int], '') AS word
    FROM generate_series(0, {_WORDS - 1}) AS n, generate_series(1, 1 + n % 4) GROUP BY n;
    CREATE TEMP TABLE pick AS SELECT n, floor(power(random(), 3) * {_WORDS})::int AS id
    FROM generate_series(0, {_FRAGMENTS - 1}) AS n, generate_series(1, 7);
    CREATE TEMP TABLE fragment AS SELECT n AS id, string_agg(word, ' ') AS text
    FROM pick JOIN word USING (id) GROUP BY n;
    ANALYZE fragment;
"""  # noqa: S608 numbers above
_DELIVERIES = """
    INSERT INTO ibconsole.delivery (id, arrived_at, account, source, origin, via, state, began_at,
        ended_at, status, complete, message_count, shipped_at)
    SELECT DISTINCT ON (delivery) delivery, at, %(account)s, %(source)s,
        concat('benchmark:', delivery), via, 'decoded', at, at, 200, true,
        CASE via WHEN 'pull' THEN 500 ELSE 1 END, at FROM made
"""
_MESSAGES = """
    INSERT INTO ibconsole.message (id, arrived_at, delivery, account, source, via, position,
        message_id, application_code, sender, keyword, text, searched, received_at, flags, start,
        size)
    SELECT n, at, delivery, %(account)s, %(source)s, via, 0, code, app, sender, 'WIN', text,
        concat_ws(E'\\x1f', lower(text), sender, 'win', code), at - 1000,
        CASE WHEN n %% 1000 = 0 THEN 4 ELSE 0 END, 0, 2
    FROM (
        SELECT made.*, md5(n::text) AS code, concat('app-', n %% 7 * (n %% 3)) AS app,
            concat('+38591', 1000000 + n * 7919 %% 200000) AS sender,
            concat_ws(' ', one.text, two.text, left(three.text, 60), concat('#', n)) AS text
        FROM made JOIN fragment AS one ON one.id = n * 31 %% %(fragments)s
        JOIN fragment AS two ON two.id = n * 17 / 5 %% %(fragments)s
        JOIN fragment AS three ON three.id = n * 7 / 3 %% %(fragments)s
    ) AS rows
"""
_MADE = """
    CREATE TEMP TABLE made AS SELECT n, began + n / 500 * 500 * span / total AS at,
        CASE WHEN n / 500 %% 5 = 0 THEN 'forward' ELSE 'pull' END AS via,
        CASE WHEN n / 500 %% 5 = 0 THEN n ELSE n / 500 * 500 END AS delivery
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n,
        (SELECT %(began)s::bigint AS began, %(span)s::bigint AS span, %(total)s::bigint AS total)
        AS given
"""
_SAME = """
    SELECT id, delivery, via, application_code, sender, keyword, left(text, 1000), received_at,
        arrived_at, flags FROM ibconsole.message WHERE account = %s
    ORDER BY arrived_at DESC, id DESC LIMIT %s
"""


def fill(db: "psycopg.Connection[Any]", total: int) -> None:
    """Generate messages, unless there are enough."""
    [(account,)] = db.execute("SELECT id FROM ibconsole.account WHERE name = %s", [ACCOUNT])
    query = "SELECT count(*) FROM ibconsole.message WHERE account = %s"
    [(count,)] = db.execute(query, [account]).fetchall()
    if count >= total:
        return
    now = time.time_ns() // 1_000_000
    db.execute("SELECT ibconsole.create_partitions(%s, %s)", [now - _YEAR, now])
    [(source,)] = db.execute(
        "INSERT INTO ibconsole.source (account, archive, label, first_seen_at, last_seen_at)"
        " VALUES (%s, %s, 'benchmark', 0, 0) RETURNING id",
        [account, f"benchmark-{now}"],
    )
    index = db.execute(
        "SELECT indexdef FROM pg_indexes WHERE indexname = 'message_searched'"
    ).fetchone()
    db.execute("DROP INDEX IF EXISTS ibconsole.message_searched")
    db.execute(_VOCABULARY)
    values = {"account": account, "source": source, "fragments": _FRAGMENTS, "total": total}
    values |= {"began": now - _YEAR, "span": _YEAR}
    for first in range(0, total, _BATCH):
        last = min(first + _BATCH, total) - 1
        with db.transaction():
            db.execute(_MADE, {**values, "first": first, "last": last})
            db.execute(_DELIVERIES, values)
            db.execute(_MESSAGES, values)
            db.execute("DROP TABLE made")
    if index:
        db.execute(sql.SQL(index[0].replace(" ON ONLY ", " ON ")))
    db.execute("VACUUM ANALYZE ibconsole.message")
    db.execute("VACUUM ANALYZE ibconsole.delivery")


def timed(work: Callable[[], object]) -> float:
    """Return the milliseconds that a call takes."""
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def first_rows(address: TeamAddress) -> None:
    """Connect, search for the first messages, and read a page, as a window does."""
    with TeamReader(address) as reader:
        reader.rows(reader.search(Filter(), limit=_FIRST).ids[-_PAGE:])


def bare_rows(address: TeamAddress, account: int) -> None:
    """Connect, and read the same page with bare psycopg."""
    with psycopg.connect(address.database) as db:
        db.execute(_SAME, [account, _PAGE]).fetchall()


def filters_of(reader: TeamReader, runs: int) -> tuple[Sequence[Filter], Sequence[Filter]]:
    """Return filters of each kind, and texts: rare and frequent words, and several."""
    ids = reader.search(Filter(), limit=100_000).ids
    chosen = random.Random(1)  # noqa: S311 the same in each run
    rows = reader.rows([chosen.choice(ids) for _ in range(runs)])
    filters = [
        one
        for row in rows
        for one in (
            Filter(application=row.application_code),
            Filter(sender=row.sender),
            Filter(via=Via.PULL, application=row.application_code),
            Filter(since=row.arrived_at - 86_400_000, until=row.arrived_at),
            Filter(flags=4),
        )
    ]
    texts = [
        Filter(text=text)
        for row in rows
        for text in (row.text[-7:], row.text.split()[3], " ".join(row.text.split()[2:4]), "xqzx")
    ]
    return filters, texts


def searched(
    reader: TeamReader, filters: Sequence[Filter], report: Report, name: str
) -> Sequence[float]:
    """Return the milliseconds of each search."""
    found: list[Listing] = []
    times = []
    for one in filters:
        began = time.perf_counter()
        found.append(reader.search(one, limit=_FIRST))
        times.append(1000 * (time.perf_counter() - began))
    parts = sum(1 for one in found if one.rest and len(one.ids) < _FIRST)
    report.note(f"{name}: {parts} of {len(found)} searches returned a part.")
    return times


def main() -> None:
    """Measure, and print a table."""
    wanted = Options(__doc__, runs=20)
    wanted.add_size("--messages", 5_000_000, 100_000)
    wanted.parser.add_argument("--database", required=True)
    options = wanted.parse()
    address = TeamAddress(options.database, ACCOUNT)
    with psycopg.connect(address.database, autocommit=True) as db:
        fill(db, options.messages)
        [(account,)] = db.execute("SELECT id FROM ibconsole.account WHERE name = %s", [ACCOUNT])
    report = Report("team_reading")
    ours, bare = [], []
    for _ in range(options.runs):
        ours.append(timed(lambda: first_rows(address)))
        bare.append(timed(lambda: bare_rows(address, account)))
    report.add("first rows, with connecting", ours, "ms", at_most=1_000)
    report.add("the same, bare psycopg", bare, "ms")
    report.add("ours / bare psycopg", ratios(ours, bare), "x")
    with TeamReader(address) as reader:
        filters, texts = filters_of(reader, options.runs)
        times = searched(reader, filters, report, "filters")
        report.add("p95 of filters", [percentile(times, 0.95)], "ms", at_most=300)
        times = searched(reader, texts, report, "texts")
        report.add("p95 of texts", [percentile(times, 0.95)], "ms", at_most=500)
        report.note(f"texts are found by an index: {reader.has_text_index()}")
    report.write(options)


if __name__ == "__main__":
    main()
