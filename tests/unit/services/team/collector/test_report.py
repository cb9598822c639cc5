import pytest

from ibconsole.services.runtime import TeamLink, TeamState
from ibconsole.services.team.collector.report import (
    CollectedPulls,
    CollectedPullState,
    CollectorReport,
    ConnectionReport,
)

AWAY = TeamLink(
    "db/team",
    "acme",
    state=TeamState.AWAY,
    waiting=7,
    oldest_at=2_000,
    set_aside=1,
    shipped=3,
    problem="It is away.",
)
PULLS = (
    ConnectionReport("A", None, CollectedPulls()),
    ConnectionReport("C", None, CollectedPulls()),
)


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        (CollectorReport(archive_problem="The disk is full."), "The disk is full."),
        (CollectorReport(is_ending=True), "The collector is ending."),
        (
            CollectorReport(
                PULLS,
                (AWAY, TeamLink("x", "acme")),
                is_listening=True,
            ),
            "Listening, pulling from 0 of 2, 7 rows waiting for the team. db/team: It is away.",
        ),
        (
            CollectorReport(
                (ConnectionReport("A", None, CollectedPulls(CollectedPullState.HELD, "Cut.")),)
            ),
            "Not listening, pulling from 0 of 1. A: Cut.",
        ),
    ],
)
def test_the_state_is_a_sentence(report: CollectorReport, sentence: str) -> None:
    """What people read names the obstacles, or else what goes on and what does not."""
    assert report.sentence == sentence
