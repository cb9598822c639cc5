import pytest

from ibconsole.services.team.collector.report import (
    CollectedPulls,
    CollectedPullState,
    CollectorReport,
    ConnectionReport,
    ShippingReport,
)

AWAY = ShippingReport("db/team", 7, 2_000, 1, "It is away.")
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
                (AWAY, ShippingReport("x")),
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
