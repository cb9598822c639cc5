from ibconsole.services.runtime import TeamLink, TeamState
from ibconsole.services.team.collector.metrics import MetricsPage
from ibconsole.services.team.collector.report import (
    CollectedForwards,
    CollectedPulls,
    CollectedPullState,
    CollectorReport,
    ConnectionReport,
)

REPORT = CollectorReport(
    connections=(
        ConnectionReport(
            'A"b',
            CollectedForwards(5, 1),
            CollectedPulls(CollectedPullState.STANDBY, "", 4, 3, 2, 1, 9, 1_500),
        ),
        ConnectionReport("C", None, CollectedPulls()),
    ),
    teams=(
        TeamLink(
            "db/team",
            "acme",
            state=TeamState.AWAY,
            waiting=7,
            oldest_at=2_000,
            set_aside=1,
            shipped=3,
            problem="It is away.",
        ),
    ),
    archive_problem="The disk is full.",
    unmatched=6,
    free_bytes=8,
)


def test_everything_is_on_the_page() -> None:
    """Prometheus gets counters and gauges by connection and by team, in its text format."""
    lines = MetricsPage(lambda: REPORT).text().decode().splitlines()

    assert {
        "ibconsole_ready 0.0",
        "ibconsole_archive_writable 0.0",
        "ibconsole_unmatched_requests_total 6.0",
        "ibconsole_state_free_bytes 8.0",
        r'ibconsole_forwards_stored_total{connection="A\"b"} 5.0',
        r'ibconsole_pull_requests_total{connection="A\"b"} 4.0',
        r'ibconsole_pulled_messages_total{connection="A\"b"} 1.0',
        r'ibconsole_pull_state{connection="A\"b",state="standby"} 1.0',
        r'ibconsole_pull_state{connection="A\"b",state="active"} 0.0',
        r'ibconsole_pull_pending_messages{connection="A\"b"} 9.0',
        r'ibconsole_pull_answered_timestamp_seconds{connection="A\"b"} 1.5',
        'ibconsole_team_up{account="acme",team="db/team"} 0.0',
        'ibconsole_team_shipped_rows_total{account="acme",team="db/team"} 3.0',
        'ibconsole_team_waiting_rows{account="acme",team="db/team"} 7.0',
        'ibconsole_team_set_aside_rows{account="acme",team="db/team"} 1.0',
        'ibconsole_team_oldest_waiting_timestamp_seconds{account="acme",team="db/team"} 2.0',
    } <= set(lines)
    assert not any('pending_messages{connection="C"' in line for line in lines)
