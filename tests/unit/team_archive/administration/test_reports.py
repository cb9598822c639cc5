"""The report about a team's archive shows each user their accounts."""

from ibconsole.team_archive import Capability, TeamAddress, open_session
from ibconsole.team_archive.administration import read_report
from ibconsole.team_archive.pulling import PullLock
from tests.postgres import OUTSIDER, TeamDatabase

SOURCE = """
    INSERT INTO ibconsole.source (account, archive, label, first_seen_at, last_seen_at)
    VALUES (1, 'a', 'anna', 0, 0)
"""


def test_accounts(team: TeamDatabase) -> None:
    """An owner sees every account, who ships and who pulls; others see theirs."""
    team.db().execute(SOURCE)
    address = TeamAddress(team.address().database, "")
    with open_session(team.address("operator"), None, "test") as session:
        lock = PullLock(session, 1, "anna:1")
        assert lock.acquire()
        report = read_report(team.db("owner"), address)
        lock.release()
    outside = read_report(team.db(OUTSIDER), address)

    assert [one.name for one in report.accounts] == ["acme", "globex"]
    acme = report.accounts[0]
    assert (acme.overview.sources[0].label, acme.holder and acme.holder.label) == ("anna", "anna")
    assert Capability.OWNER in acme.overview.capabilities
    assert [(one.name, one.holder) for one in outside.accounts] == [("globex", None)]
    assert outside.team == report.team
