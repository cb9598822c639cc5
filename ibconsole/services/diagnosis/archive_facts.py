"""The facts of the archive: latest arrivals, pulls and tests. Everything is read, nothing written.

Blocks: it is run on a thread, with a connection of its own. Each query is bounded.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ibconsole.archive import Reader, RecentPull, recent_messages, recent_pulls
from ibconsole.files import is_missing
from ibconsole.services.diagnosis.arrivals import SAMPLE, summarize
from ibconsole.services.diagnosis.rules import (
    ArrivalFacts,
    PullFacts,
    PullRecord,
    RefusedForwards,
)
from ibconsole.services.forward_test import ForwardTest, from_record
from ibconsole.services.intake import CompetingConsumers

if TYPE_CHECKING:
    from ibconsole.team_archive import TeamReader

_PULLS = 50


class StoredFacts(msgspec.Struct, frozen=True):
    """The facts of the archive about one account.

    `arrivals` are by application code, with those of no application under the empty code; `tests`
    are the latest of each URL, as `masked_url` spells it. `exists` is false if there is no archive.
    """

    exists: bool = False
    arrivals: Mapping[str, ArrivalFacts] = msgspec.field(default_factory=dict)
    pulls: PullFacts | None = None
    tests: Mapping[str, ForwardTest] = msgspec.field(default_factory=dict)
    refused: RefusedForwards | None = None


def read_archive(
    path: Path, connection: str, codes: Sequence[str], urls: Sequence[str]
) -> StoredFacts:
    """Read what is known of these applications and URLs. Raises ArchiveError.

    A missing archive has no facts, and is not created.
    """
    if is_missing(path):
        return StoredFacts(pulls=PullFacts())
    with Reader(path) as reader:
        return read_record(reader, connection, codes, urls)


def read_record(
    reader: "Reader | TeamReader", connection: str, codes: Sequence[str], urls: Sequence[str]
) -> StoredFacts:
    """Read what a record knows of these applications and URLs. Raises ArchiveError."""
    arrivals = {code: _arrivals(reader, code) for code in dict.fromkeys((*codes, ""))}
    tests = latest_tests([from_record(one) for one in reader.latest_forward_tests(urls)])
    return StoredFacts(
        exists=True,
        arrivals={code: facts for code, facts in arrivals.items() if facts},
        pulls=pull_facts(reader.ask(recent_pulls, connection, _PULLS)),
        tests=tests,
        refused=_refused(reader, connection),
    )


def pull_facts(pulls: Sequence[RecentPull]) -> PullFacts:
    """Judge the latest pulls, the newest first: do others pull from the account, too?"""
    consumers = CompetingConsumers()
    for pull in reversed(pulls):
        succeeded = pull.status is not None and 200 <= pull.status < 300
        reliable = succeeded and pull.complete and not pull.salvaged
        consumers.record(pull.messages, pull.pending if reliable else None)
    records = tuple(
        PullRecord(
            at=pull.at,
            status=pull.status,
            messages=pull.messages,
            pending=pull.pending,
            complete=pull.complete and not pull.salvaged,
            announced=pull.announced,
            interrupted=pull.interrupted,
            problem=pull.problem,
        )
        for pull in pulls
    )
    return PullFacts(records, consumers.warning)


def latest_tests(tests: Sequence[ForwardTest]) -> Mapping[str, ForwardTest]:
    """Return the latest test of each URL; of the tests of one ladder the one that has the ladder.

    The others of a ladder are comparisons, such as the same message as another sender.
    """
    found: dict[str, ForwardTest] = {}
    for test in sorted(tests, key=lambda one: one.id):
        former = found.get(test.url)
        parts = {one.id for one in former.ladder.sent} if former and former.ladder else set()
        if test.id not in parts:
            found[test.url] = test
    return found


def _arrivals(reader: "Reader | TeamReader", code: str) -> ArrivalFacts | None:
    return summarize(reader.ask(recent_messages, code, SAMPLE), reader.elements)


def _refused(reader: "Reader | TeamReader", connection: str) -> RefusedForwards | None:
    activity = reader.source_activity(connection)
    if not activity.refused or activity.refused_at is None:
        return None
    return RefusedForwards(activity.refused, activity.refused_at, activity.refused_status)
