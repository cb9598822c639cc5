"""A message of a team is given back by one computer: which has claimed it first."""

import os
import subprocess
import sys
from collections.abc import Callable

import msgspec
import pytest

from ibconsole.archive.ledger.jobs import NewItem
from ibconsole.archive.ledger.records import TeamUse
from ibconsole.services.connections.account import TeamAccess
from ibconsole.services.give_back.planning import NothingMissing, create_give_back, plan_give_back
from ibconsole.services.give_back.reporting import plan_lines, plan_object, team_note
from ibconsole.services.give_back.team_ledger import TeamLedger, TeamNotAsked, claiming_in_team
from ibconsole.services.team.shipping import default_label
from ibconsole.team_archive import TeamUnavailable, open_session
from tests.postgres import TeamDatabase
from tests.unit.services.custody.samples import CODE, URL
from tests.unit.services.give_back.computers import REQUEST, Computer, names
from tests.unit.team_archive.redelivery.computers import Computer as OtherComputer

_KILLED = """
import os, sys
from pathlib import Path
from ibconsole.services.connections.account import TeamAccess
from ibconsole.services.give_back.planning import create_give_back
from ibconsole.team_archive import TeamAddress
from tests.unit.services.give_back.computers import REQUEST
looks = []
def kill(_):
    looks.append(_)
    if len(looks) == 2:  # the first page of the second pass: all is claimed, no job is stored
        os._exit(9)
access = TeamAccess(TeamAddress(sys.argv[2], "acme"))
create_give_back(Path(sys.argv[1]), REQUEST, kill, team=access)
"""


def test_what_another_computer_has_claimed_is_left_to_it(anna: Computer, ben: Computer) -> None:
    """The plan names it, and the job of the second computer has the rest."""
    first = anna.create()
    plan = ben.plan()
    second = ben.create()

    assert names(anna.items(first)) == ["m1", "m2", "m3"]
    assert names(ben.items(second)) == ["m4"]
    assert (plan.counts.missing, plan.counts.excluded) == (1, 2)
    assert plan.team is not None
    assert plan.team.claimed == 2
    lines = [*plan_lines(REQUEST, plan)]
    assert lines[1].startswith(f"  2 claimed by {default_label()} since 20")
    assert plan_object(REQUEST, plan)["team"]["given"][0]["messages"] == 2
    options = ben.job(second).options
    assert (options.team, options.left_out) == (TeamUse.CLAIMED, 2)
    assert team_note(ben.job(second)) == (
        "Claimed in the team's archive; 2 messages given by others left out."
    )


def test_nothing_is_left_for_a_computer_that_comes_late(
    anna: Computer, ben: Computer, team: TeamDatabase
) -> None:
    """Then no job is stored, and the reason is said; its own claims hinder no one."""
    anna.create()
    ben.create()
    with pytest.raises(NothingMissing, match=r"1 in another redelivery .* 2 messages of them are"):
        ben.create()
    assert ben.jobs() == 1


def test_a_dry_run_claims_nothing(anna: Computer, ben: Computer, team: TeamDatabase) -> None:
    """It registers no computer either."""
    plan = anna.plan()

    assert (plan.counts.missing, plan.counts.excluded) == (3, 0)
    written = "SELECT source FROM ibconsole.redelivery_claim UNION SELECT id FROM ibconsole.source"
    assert team.db().execute(written).fetchall() == []


def test_what_the_ledgers_of_others_have_is_subtracted(anna: Computer, team: TeamDatabase) -> None:
    """By standing and computer, although nothing of it was claimed."""
    other = OtherComputer(team, "eve@pc-9")
    other.give("m1", "acknowledged", url=URL)
    other.give("m2", "unknown", url=URL)
    other.session.close()

    plan = anna.plan()
    job = anna.create()

    assert plan.counts.missing == 1
    assert [*plan_lines(REQUEST, plan)][1:4] == [
        "  1 acknowledged there by eve@pc-9, and not sent again",
        "  1 sent there by eve@pc-9 without an answer yet, and not sent again",
        f"  1 missing at {URL}",
    ]
    assert names(anna.items(job)) == ["m3"]


def test_claims_are_taken_over_on_the_users_word(anna: Computer, ben: Computer) -> None:
    """Those that the plan has shown; the computer that lost them learns of it when it goes on."""
    anna.create()
    request = msgspec.structs.replace(REQUEST, take_over=True)
    plan = ben.plan(request)
    assert plan.team is not None
    without_plan = names(ben.items(ben.create(request)))
    ben.end(1)
    seen = msgspec.structs.replace(request, seen_at=plan.team.seen_at + 1)
    job = ben.create(seen)

    assert (plan.counts.missing, plan.team.claimed) == (3, 0)
    assert plan.team.taken_over == {default_label(): 2}
    assert "  2 claimed by" in "\n".join(plan_lines(request, plan))
    assert without_plan == ["m4"]
    assert names(ben.items(job)) == ["m2", "m3", "m4"]


def test_a_process_that_is_killed_after_its_claims_may_claim_again(
    anna: Computer, ben: Computer, team: TeamDatabase
) -> None:
    """No job is stored; others see who has claimed, and the same computer gains all of it."""
    database = team.address("operator").database
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, str(anna.path), database],
        cwd=os.fspath(sys.path[0] or "."),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        check=False,
        capture_output=True,
    )
    assert killed.returncode == 9, killed.stderr.decode()
    seen = ben.plan()

    assert anna.jobs() == 0
    assert seen.team is not None
    assert (seen.counts.missing, seen.team.claimed) == (1, 2)
    assert names(anna.items(anna.create())) == ["m1", "m2", "m3"]


def test_nothing_is_created_if_the_database_fails(
    anna: Computer, ben: Computer, team: TeamDatabase
) -> None:
    """Neither while it is away, nor if it goes away between two pages: claims are returned."""
    broken = TeamAccess(msgspec.structs.replace(anna.access.address, account="nowhere"))
    with pytest.raises(TeamNotAsked, match=r"nothing was created or sent\. .* no account"):
        create_give_back(anna.path, REQUEST, team=broken)
    looks: list[object] = []

    def fail_in_second_pass(look: object) -> None:
        looks.append(look)
        if len(looks) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        create_give_back(anna.path, REQUEST, fail_in_second_pass, anna.access)

    assert anna.jobs() == 0
    assert ben.plan().counts.missing == 3


def test_a_user_who_may_only_read_creates_nothing(anna: Computer, team: TeamDatabase) -> None:
    """The dry run subtracts what others have; the job needs the right to claim."""
    reader = TeamAccess(team.address("reader"))

    assert plan_give_back(anna.path, REQUEST, team=reader).counts.missing == 3
    with pytest.raises(TeamNotAsked, match="needs the right of an operator"):
        create_give_back(anna.path, REQUEST, team=reader)
    assert anna.jobs() == 0


def test_without_the_team_the_job_says_so(
    anna: Computer, ben: Computer, team: TeamDatabase
) -> None:
    """The database is not asked at all, and the plan and the job say what that means."""
    nowhere = TeamAccess(
        msgspec.structs.replace(anna.access.address, database="postgresql://127.0.0.1:9/x")
    )
    request = msgspec.structs.replace(REQUEST, with_team=False)
    anna.create()

    plan = plan_give_back(ben.path, request, team=nowhere)
    job = create_give_back(ben.path, request, team=nowhere)

    assert (plan.counts.missing, plan.team, plan.team_unasked) == (3, None, True)
    assert "  The team's ledger is not asked" in "\n".join(plan_lines(request, plan))
    assert names(ben.items(job)) == ["m2", "m3", "m4"]
    assert team_note(ben.job(job)).startswith("Made without the team's ledger")


@pytest.mark.parametrize("work", [create_give_back, plan_give_back])
def test_a_stopped_server_is_an_error(
    anna: Computer, team: TeamDatabase, work: Callable[..., object]
) -> None:
    """What was started is not stored, and one sentence says why."""
    team.server.stop()
    with pytest.raises(TeamNotAsked, match="cannot be used now"):
        work(anna.path, REQUEST, team=anna.access)
    assert anna.jobs() == 0


def test_a_claim_that_is_lost_in_between_is_counted(anna: Computer, ben: Computer) -> None:
    """Between the look at the ledgers and the claim another computer may have claimed."""
    items = [NewItem(one, 1, f"m{one}", CODE) for one in (2, 3)]
    with (
        claiming_in_team(anna.access, anna.path, URL) as first,
        claiming_in_team(ben.access, ben.path, URL) as second,
    ):
        assert first.claim(items) == set()
        lost = second._claim(items)
        assert second.claim(items) == {2, 3}

    assert lost == {2, 3}
    assert second.findings.claimed == 2


def test_a_server_that_answers_nothing_is_not_waited_for(team: TeamDatabase) -> None:
    """A server whose processes are stopped keeps its connections, and never answers."""
    with open_session(team.address("operator"), None, "test") as session:
        ledger = TeamLedger(session, 1, URL, patience=0.2)
        with team.server.frozen(), pytest.raises(TeamUnavailable):
            ledger.exclude([NewItem(1, 1, "m1", CODE)])
