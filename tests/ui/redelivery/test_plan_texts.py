"""A dry run in words: what would be sent, what not, and who else may have delivered it."""

from collections import Counter
from datetime import UTC

from ibconsole.archive.ledger.missing import MissingCounts
from ibconsole.errors import Severity
from ibconsole.services.give_back.planning import GiveBackPlan
from ibconsole.services.give_back.team_ledger import TeamFindings
from ibconsole.services.redelivery.values import RedeliveryPlan
from ibconsole.team_archive.redelivery.standings import StandingElsewhere
from ibconsole.ui.redelivery.plan_texts import DryRun, describe_give_back, describe_resend


def severities(run: DryRun) -> list[Severity]:
    return [remark.severity for remark in run.remarks]


def test_a_resend_is_counted() -> None:
    """The numbers of messages, requests and bytes are there, and when the messages arrived."""
    run = describe_resend(RedeliveryPlan(messages=2, requests=1, size=1500, first=0, last=0), UTC)

    assert run == DryRun(
        2, "2 messages in 1 request (1.5 kB), arrived 1970-01-01 00:00:00.000 UTC."
    )


def test_a_resend_says_what_was_there_before() -> None:
    """Messages that the URL has, or may have, are named before they are sent again."""
    plan = RedeliveryPlan(
        messages=9,
        acknowledged=3,
        unknown=1,
        duplicates=2,
        divided=1,
        others=("https://anna:pw@a.example/in", "b", "c", "d"),
    )
    run = describe_resend(plan)

    assert severities(run) == [Severity.WARNING] * 2 + [Severity.INFO] * 3
    assert "1 message was sent to this URL before" in run.remarks[0].sentence
    assert "3 messages were acknowledged by this URL before" in run.remarks[1].sentence
    assert "b, c, 1 more" in run.remarks[2].sentence
    assert "pw" not in run.as_text


def test_what_is_missing_is_counted() -> None:
    """Missing is what is stored, minus what the URL has; a message that is stored twice is one."""
    counts = MissingCounts(
        stored=10,
        repeated=1,
        missing=4,
        acknowledged=2,
        accepted=1,
        unknown=1,
        under_way=1,
        size=700,
        first_at=0,
        last_at=60_000,
        elsewhere=Counter({"https://old.example/in": 2}),
    )
    plan = GiveBackPlan(counts=counts, requests=4, seconds=8.0, others=("https://b.example/",))

    run = describe_give_back(plan, UTC, forwards=True)

    assert (run.messages, run.sentence) == (
        4,
        "4 of 9 messages are missing there: 4 requests (700 B) in 8.00 s or more,"
        " arrived 1970-01-01 00:00:00.000 UTC to 1970-01-01 00:01:00.000 UTC.",
    )
    assert severities(run) == [Severity.WARNING] * 3 + [Severity.INFO] * 3 + [
        Severity.WARNING,
        Severity.INFO,
    ]
    assert "may have delivered some of them itself" in run.remarks[0].sentence
    assert "2 messages were acknowledged by https://old.example/in" in run.remarks[-1].sentence


def test_nothing_is_missing() -> None:
    """With nothing to send, the reason is said: nothing is stored, or the URL has all of it."""
    none = describe_give_back(GiveBackPlan(counts=MissingCounts()))
    all_there = describe_give_back(GiveBackPlan(counts=MissingCounts(stored=1, acknowledged=1)))

    assert none == DryRun(0, "No such message is stored.")
    assert all_there.messages == 0
    assert all_there.sentence == "Nothing to send: none of 1 message is missing."
    assert all_there.remarks[0].sentence == "1 message is acknowledged there, and not sent again."


def test_what_a_team_has_is_named_by_computer() -> None:
    """What others have given, claimed, or received alone; and that a team was not asked."""
    found = TeamFindings(
        given=Counter(
            {
                (StandingElsewhere.ACKNOWLEDGED, "anna@pc-3"): 12,
                (StandingElsewhere.CLAIMED, "ben@pc-4"): 1,
            }
        ),
        claimed_since={"ben@pc-4": 60_000},
        taken_over=Counter({"eve@pc-9": 2}),
        received=Counter({"anna@pc-3": 2, "east": 1}),
    )
    counts = MissingCounts(stored=15, excluded=13, missing=2)
    run = describe_give_back(GiveBackPlan(counts=counts, team=found), UTC)
    nothing = MissingCounts(stored=1, excluded=1)
    none = describe_give_back(GiveBackPlan(counts=nothing, team=TeamFindings()), UTC)
    unasked = describe_give_back(GiveBackPlan(counts=counts, team_unasked=True), UTC)

    assert [one.sentence for one in run.remarks] == [
        "1 message is claimed by ben@pc-4 since 1970-01-01 00:01:00.000 UTC, and not sent from"
        " here.",
        "2 messages are taken over from eve@pc-9.",
        "12 messages are acknowledged there by anna@pc-3, and not sent again.",
        "3 messages were received by anna@pc-3, east alone, which can give them back.",
    ]
    assert none.remarks == ()
    assert unasked.remarks[0].severity is Severity.WARNING
