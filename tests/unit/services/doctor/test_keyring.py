"""The keyring doctor on real keyrings."""

from pathlib import Path

import pytest

from ibconsole.services.connections.vault import (
    KeyringLocked,
    NoKeyring,
    NotKept,
    Vault,
    VaultError,
)
from ibconsole.services.doctor.keyring import Diagnosis, _advice, examine
from tests.keyrings import Session, needs_gnome_keyring

# keyring leaves its connection to the bus open where it raises.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


@needs_gnome_keyring
async def test_healthy(bus: Session) -> None:
    """Each step is told with its time, and the probe is gone afterwards."""
    bus.unlock()

    diagnosis = await examine(Vault())

    assert diagnosis.healthy
    assert diagnosis.sentence == "Secret Service keeps secrets as it should."
    assert [step.name for step in diagnosis.steps] == [
        "Find a keyring",
        "Write a probe",
        "Read it back",
        "Delete it",
        "See that it is gone",
    ]
    assert diagnosis.advice == ()
    assert "FAILED" not in diagnosis.report


@needs_gnome_keyring
async def test_locked(bus: Session) -> None:
    """It says what failed, how to unlock, and what can be done until then."""
    bus.start_locked()

    diagnosis = await examine(Vault())

    assert not diagnosis.healthy
    assert [step.good for step in diagnosis.steps] == [True, False]
    assert "locked" in diagnosis.sentence
    assert "unlock" in " ".join(diagnosis.advice)
    assert "FAILED  Write a probe" in diagnosis.report


async def test_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a keyring it says what to install."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nothing'}")

    diagnosis = await examine(Vault())

    assert diagnosis.keeper is None
    assert "gnome-keyring" in diagnosis.report
    assert diagnosis.report.startswith("System: linux\nKeyring: none\nFAILED  Find a keyring")


@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
@pytest.mark.parametrize("failure", [NoKeyring("x"), KeyringLocked("x"), NotKept("x")])
def test_there_is_always_something_to_do(system: str, failure: VaultError) -> None:
    """Whatever failed, wherever: advice, and the way without a keyring."""
    advice = _advice(failure, system)

    assert len(advice) > 1
    assert "one session" in advice[-1]


def test_nothing_to_do() -> None:
    """Where all is well there is no advice."""
    assert _advice(None, "linux") == ()
    assert Diagnosis("linux", None, (), ()).healthy
