"""`ibconsole give-back` to a server of the test."""

import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.http1.message import Response
from ibconsole.services.connections.connection import Connection
from ibconsole.services.connections.settings import SettingsFile
from ibconsole.services.runtime.paths import find_paths
from tests.postgres import TeamDatabase
from tests.unit.cli.conftest import Command
from tests.unit.cli.redelivery.conftest import Customer
from tests.unit.services.custody.samples import CONNECTION
from tests.unit.team_archive.redelivery.computers import Computer

pytestmark = pytest.mark.usefixtures("pulled")
GIVE_BACK = ("give-back", "--application", "app-1", "--since", "1d", "--rate", "0")


def test_a_dry_run_sends_nothing(ibconsole: Command, customer: Customer) -> None:
    """The plan is the answer, and as JSON; neither stores a job."""
    shown = ibconsole(*GIVE_BACK, "--to", customer.url, "--dry-run")
    as_json = ibconsole(*GIVE_BACK, "--to", customer.url, "--dry-run", "--json")

    assert (shown.code, shown.err) == (0, "Nothing was sent.\n")
    assert "  3 missing at " in shown.out
    assert "Assumed: for forwards of mobile push no law is documented." in shown.out
    assert as_json.json["missing"] == 3
    assert (customer.arrived, ibconsole("give-back", "list", "--json").json) == ([], [])


def test_what_was_acknowledged_is_not_sent_again(ibconsole: Command, customer: Customer) -> None:
    """Each message arrives once, and a second run has nothing to send."""
    first = ibconsole(*GIVE_BACK, "--to", customer.url, "--yes", "--json")
    again = ibconsole(*GIVE_BACK, "--to", customer.url, "--yes")

    assert (first.code, first.json["counts"]["acknowledged"]) == (0, 3)
    assert (again.code, sorted(customer.arrived)) == (0, ["m1", "m2", "m3"])
    assert "3 acknowledged by this URL, and not sent again" in again.err
    listed = ibconsole("give-back", "list")
    assert listed.out.splitlines()[1].split()[3:] == [
        "back", "finished", "3", "3", "0", "0", customer.url,
    ]  # fmt: skip


def test_stopping_at_a_failure_pauses(ibconsole: Command, customer: Customer) -> None:
    """The job is paused with its reason, and goes on with `resume`."""
    customer.answers = [Response(500)]
    options = ("--stop-on-failure", "--parallel", "1", "--law", "0s")
    paused = ibconsole(*GIVE_BACK, "--to", customer.url, "--yes", *options)

    assert paused.code == 1
    assert "paused\nIt stopped at the first failure" in paused.out
    assert ibconsole("give-back", "resume", "1").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("give-back", "--since", "1d", "--to", "http://127.0.0.1:9/"), 2, "--application"),
        ((*GIVE_BACK,), 2, "--to is missing"),
        ((*GIVE_BACK, "--to", "http://127.0.0.1:9/"), 2, "--yes"),
        ((*GIVE_BACK, "--to", "ftp://x", "--yes"), 1, "https://"),
        ((*GIVE_BACK, "--to", "http://127.0.0.1:9/", "--law", "often"), 2, "--law"),
        ((*GIVE_BACK, "--to", "http://127.0.0.1:9/", "--until", "soon"), 1, "not a valid time"),
    ],
)
def test_wrong_usage_is_explained(
    ibconsole: Command, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """What is missing or contradicts itself is named; nothing is sent."""
    found = ibconsole(*arguments)

    assert found.code == code
    assert words in found.err


def share(directory: Path, database: str) -> None:
    """Let the connection by which the messages came share with a team."""
    saved = Connection(
        id=CONNECTION,
        name="Acme",
        base_url="https://a.api.infobip.com",
        session_only=True,
        team=database,
        team_account="acme",
    )
    SettingsFile(find_paths(directory).settings).change(
        lambda old: replace(old, connections=(saved,))
    )


def test_what_others_of_the_team_have_is_left_out(
    ibconsole: Command, customer: Customer, team: TeamDatabase, tmp_path: Path
) -> None:
    """They are named, in lines and as JSON; the connection of the messages has the team."""
    share(tmp_path / "data", team.address("operator").database)
    other = Computer(team, "anna@pc-3")
    other.give("m1", "acknowledged", code="app-1", url=customer.url)
    other.session.close()

    planned = ibconsole(*GIVE_BACK, "--to", customer.url, "--dry-run")
    as_json = ibconsole(*GIVE_BACK, "--to", customer.url, "--dry-run", "--json").json
    given = ibconsole(*GIVE_BACK, "--to", customer.url, "--yes")

    assert "  1 acknowledged there by anna@pc-3, and not sent again\n" in planned.out
    assert as_json["team"]["given"] == [
        {"standing": "acknowledged", "by": "anna@pc-3", "messages": 1, "since": None}
    ]
    assert (given.code, sorted(customer.arrived)) == (0, ["m2", "m3"])
    assert "Claimed in the team's archive; 1 message given by others left out." in given.out
    states = team.db().execute("SELECT DISTINCT state FROM ibconsole.redelivery_claim")
    assert states.fetchall() == [("kept",)]


def test_without_the_team_nothing_is_created_unless_it_is_wanted(
    ibconsole: Command, customer: Customer, tmp_path: Path
) -> None:
    """While its database is away: one sentence, and the option with which to go on."""
    share(tmp_path / "data", "postgresql://127.0.0.1:9/team")
    refused = ibconsole(*GIVE_BACK, "--to", customer.url, "--yes")
    stored = ibconsole("give-back", "list", "--json").json
    given = ibconsole(*GIVE_BACK, "--to", customer.url, "--yes", "--without-team")
    both = ibconsole(*GIVE_BACK, "--to", customer.url, "--without-team", "--take-over")

    assert (refused.code, stored) == (1, [])
    assert "`--without-team` goes on without it." in refused.err
    assert given.code == 0
    assert "The team's ledger is not asked" in given.err
    assert "Made without the team's ledger" in given.out
    assert sorted(customer.arrived) == ["m1", "m2", "m3"]
    assert both.code == 2


def test_jobs_of_a_team_are_resumed_and_cancelled(
    ibconsole: Command, customer: Customer, team: TeamDatabase, tmp_path: Path
) -> None:
    """What another computer has taken over is skipped; what is cancelled is released."""
    share(tmp_path / "data", team.address("operator").database)
    customer.answers = [Response(500)]
    options = ("--stop-on-failure", "--parallel", "1", "--law", "0s", "--yes")
    paused = ibconsole(*GIVE_BACK, "--to", customer.url, *options)
    other = Computer(team, "anna@pc-3")
    team.db().execute(
        "UPDATE ibconsole.redelivery_claim SET source = %s WHERE message ="
        " (SELECT max(message) FROM ibconsole.redelivery_claim)",
        [other.source],
    )
    resumed = ibconsole("give-back", "resume", "1")
    customer.answers = [Response(500)] * 9
    again = ibconsole(*GIVE_BACK, "--to", customer.url, *options)
    other.session.close()

    assert paused.code == 1
    assert (resumed.code, sorted(customer.arrived)) == (0, ["m1", "m1", "m2"])
    assert "1 message left to others of the team, who have claimed them." in resumed.err
    assert "1 claimed by anna@pc-3 since 20" in again.err


def test_a_job_that_is_cancelled_away_from_its_team_says_what_stays(
    ibconsole: Command, customer: Customer, team: TeamDatabase, tmp_path: Path
) -> None:
    """The job is cancelled; its claims are released by the next one."""
    share(tmp_path / "data", team.address("operator").database)
    customer.answers = [Response(500)]
    options = ("--stop-on-failure", "--parallel", "1", "--law", "0s", "--yes")
    ibconsole(*GIVE_BACK, "--to", customer.url, *options)
    share(tmp_path / "data", "postgresql://127.0.0.1:9/team")
    stopped = ibconsole("give-back", "resume", "1")
    cancelled = ibconsole("give-back", "cancel", "1", "--yes")

    assert (stopped.code, cancelled.code) == (1, 0)
    assert "`--without-team` goes on without it." in stopped.err
    assert "3 messages that it has not delivered may stay claimed" in cancelled.err


@pytest.mark.usefixtures("ibconsole")
def test_without_a_team_nothing_loads_psycopg(customer: Customer) -> None:
    """Nothing changes for a single desktop: a process of its own shows what a command loads."""
    script = (
        "import sys; from ibconsole.cli.main import main; code = main(sys.argv[1:])\n"
        "print([one for one in sys.modules if 'psycopg' in one or 'team_ledger' in one], code)"
    )
    command = [sys.executable, "-c", script, *GIVE_BACK, "--to", customer.url, "--yes"]

    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout

    assert output.splitlines()[-1] == "[] 0"
    assert len(customer.arrived) == 3
