"""The diagnosis of one account after another."""

from pathlib import Path

import pytest

from ibconsole.api.gate import admit_reads
from ibconsole.errors import UserError
from ibconsole.secret import Secret
from ibconsole.services.connections.account import Account, account_of
from ibconsole.services.diagnosis.accounts import (
    AccountToDiagnose,
    DiagnosisOptions,
    NoSuchApplication,
    diagnose_accounts,
    find_application,
    to_connection,
)
from ibconsole.services.diagnosis.collecting import Surroundings
from ibconsole.services.runtime import ConnectionStatus
from ibconsole.simulator.running import RunningSimulator
from tests.unit.services.diagnosis.samples import application


@pytest.fixture
def surroundings(tmp_path: Path) -> Surroundings:
    return Surroundings(tmp_path / "archive.sqlite3", lambda _: None)


async def test_several_accounts(
    account: Account, running: RunningSimulator, surroundings: Surroundings, unused_tcp_port: int
) -> None:
    """One account that fails has a finding, and does not stop the others; nothing is pulled."""
    dead = account_of(f"http://127.0.0.1:{unused_tcp_port}", Secret("a-secret-of-16-chars"))
    refused = account_of(running.base_url, Secret("a-key-that-is-wrong"))
    targets = [
        AccountToDiagnose(ConnectionStatus(name="Locked"), problem=UserError("Locked keyring.")),
        AccountToDiagnose(to_connection(dead), dead),
        AccountToDiagnose(to_connection(refused), refused),
        AccountToDiagnose(to_connection(account), account),
    ]
    found = await diagnose_accounts(targets, surroundings, DiagnosisOptions(lambda _: admit_reads))
    first = [one.diagnosis.findings.shown[0].name for one in found]

    assert first[:3] == ["IBC-1707", "IBC-1701", "IBC-1702"]
    assert [one.diagnosis.applications is None for one in found] == [True, True, True, False]
    assert {one.number for one in found[3].diagnosis.findings.shown} >= {1001, 1002}
    assert running.simulator.state.counters["pulls"] == 0


async def test_one_application(account: Account, surroundings: Surroundings) -> None:
    """Of one application only its own findings and those of the account are shown."""
    target = AccountToDiagnose(to_connection(account), account)
    options = DiagnosisOptions(lambda _: admit_reads, application="LUMEN MOBILE")
    [found] = await diagnose_accounts([target], surroundings, options)

    assert (found.diagnosis.applications, bool(found.code)) == (1, True)
    assert [one.number for one in found.diagnosis.findings.shown] == [1002]


def test_names_of_applications() -> None:
    """An application is found by code, ID or name; a name of two is no answer."""
    one, two = application("code-1", name="Kestrel"), application("code-2", name="kestrel")

    assert find_application([one, two], "code-2") is two
    assert find_application([one, two], "id-code-1") is one
    assert find_application([one], "KESTREL") is one
    for wanted in ("Kestrel", "other", ""):
        with pytest.raises(NoSuchApplication):
            find_application([one, two], wanted)
