"""Plans and jobs of giving back, as users read them."""

from collections import Counter
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive.ledger.missing import MissingCounts
from ibconsole.archive.ledger.reader import LedgerReader
from ibconsole.archive.ledger.records import (
    ItemCounts,
    Outcome,
    Redelivery,
    RedeliveryForm,
    RedeliveryKind,
    RedeliveryOptions,
    RedeliveryState,
)
from ibconsole.services.give_back.planning import GiveBackPlan, GiveBackRequest, default_sending
from ibconsole.services.give_back.reporting import (
    counts_sentence,
    item_object,
    job_lines,
    job_object,
    plan_lines,
    plan_object,
    progress_line,
)
from ibconsole.services.redelivery.values import RedeliveryProgress
from tests.unit.services.custody.samples import give_back, pulled_archive

REQUEST = GiveBackRequest(
    application="app", sending=default_sending("https://me:secret@customer.example/in")
)
PLAN = GiveBackPlan(
    counts=MissingCounts(
        stored=9,
        repeated=1,
        acknowledged=2,
        accepted=1,
        unknown=1,
        under_way=1,
        missing=3,
        pulled=2,
        size=1_234,
        first_at=0,
        last_at=1_000,
        elsewhere=Counter({"https://other.example/": 1}),
    ),
    requests=3,
    seconds=30.0,
    others=("https://shop.example/in",),
)
JOB = Redelivery(
    id=7,
    kind=RedeliveryKind.GIVE_BACK,
    state=RedeliveryState.PAUSED,
    connection="",
    url="https://me:secret@customer.example/in",
    form=RedeliveryForm.AS_RECEIVED,
    options=RedeliveryOptions(),
    made_at=0,
    problem="It stopped.",
)


def test_a_plan_says_what_is_sent_and_what_not() -> None:
    """Each number has its reason, the law its label, and a log-in in the URL is masked."""
    lines = list(plan_lines(REQUEST, PLAN))

    assert lines[0] == "9 messages of this application arrived, 1 of them again."
    assert lines[1].startswith("  2 acknowledged by this URL")
    assert lines[5].startswith("  3 missing at https://")
    assert "secret" not in "".join(lines)
    assert lines[6].startswith("Missing: 2 pulled, 1 forwarded, from 1970-01-01T00:00:00.000+00:00")
    assert lines[7].startswith("3 requests, in 30 s or more. 1m + 1m * n^2, 20 retries;")
    assert "Assumed" in lines[7]
    assert lines[8].endswith("forward actions of this application: https://shop.example/in.")
    assert lines[9] == "Acknowledged by https://other.example/: 1 message of them."
    assert "same messageId" in lines[10]


def test_a_plan_without_a_missing_message_is_short() -> None:
    """Nothing else is said where nothing is to be sent."""
    plan = GiveBackPlan(counts=MissingCounts(stored=1, acknowledged=1))

    assert len(list(plan_lines(REQUEST, plan))) == 3


def test_a_period_without_messages_is_said() -> None:
    """An application that was mistyped has no message."""
    [line] = plan_lines(REQUEST, GiveBackPlan(counts=MissingCounts()))

    assert line == "The archive has no message of this application from that time."


def test_a_plan_is_json_for_programs() -> None:
    """The JSON has the same numbers."""
    found = plan_object(REQUEST, PLAN)

    assert (found["missing"], found["underWay"], found["law"]["assumed"]) == (3, 1, True)
    assert found["acknowledgedElsewhere"] == {"https://other.example/": 1}
    assert plan_object(REQUEST, GiveBackPlan(counts=MissingCounts()))["firstAt"] is None


@pytest.mark.parametrize(
    ("state", "counts", "steps"),
    [
        (RedeliveryState.PAUSED, ItemCounts(waiting=1, sending=1), ["resume 7"]),
        (RedeliveryState.RUNNING, ItemCounts(waiting=1), []),
        (
            RedeliveryState.FINISHED,
            ItemCounts(unknown=2, undelivered=1),
            ["decide 7 --accept-unknown", "decide 7 --resend-undelivered"],
        ),
    ],
)
def test_a_job_says_what_can_be_done(
    state: RedeliveryState, counts: ItemCounts, steps: list[str]
) -> None:
    """The end of the report names the commands that go on."""
    lines = list(job_lines(replace(JOB, state=state), counts))

    assert (
        lines[:2]
        == [
            f"Redelivery 7 (give back) to https://***@customer.example/in: {state}",
            "It stopped.",
        ]
        or "secret" not in lines[0]
    )
    assert len(lines) == 3 + len(steps)
    assert all(step in line for step, line in zip(steps, lines[3:], strict=True))
    assert job_object(JOB, counts)["counts"]["waiting"] == counts.waiting


def test_progress_is_a_line() -> None:
    """The line has the numbers, the speed, and the next attempt."""
    counts = ItemCounts(waiting=3, acknowledged=1_000)
    progress = RedeliveryProgress(job=JOB, counts=counts, per_second=12.3, next_due=1_000)

    assert progress_line(progress) == (
        "1,003 messages: 3 waiting, 1,000 acknowledged, 12 a second. The next attempt is due at"
        " 1970-01-01T00:00:01.000+00:00."
    )
    assert counts_sentence(ItemCounts()) == "No messages."


def test_an_item_shows_its_ledger(tmp_path: Path) -> None:
    """The JSON of an item has its entries, and what was answered."""
    path = tmp_path / "archive.sqlite3"
    first, _ = pulled_archive(path)
    give_back(path, [first], [Outcome.REFUSED, Outcome.ACKNOWLEDGED])
    with LedgerReader(path) as ledger:
        chain = ledger.chain(1)
        assert chain
        found = item_object(*chain, ledger.answers(1))

    assert (found["state"], found["attempts"], found["decision"]) == ("acknowledged", 2, None)
    assert [one["kind"] for one in found["entries"]] == [
        "anchor", "attempt", "answer", "attempt", "answer",
    ]  # fmt: skip
    assert [one["status"] for one in found["answers"]] == [500, 200]
