"""The keyring probe on real keyrings."""

import threading
from pathlib import Path

import pytest

from ibconsole.services.connections.vault import (
    KeyringLocked,
    NoKeyring,
    SecretNotStored,
    Vault,
    VaultError,
)
from ibconsole.services.doctor.keyring import KeyringDiagnosis, advice_for, probe_keyring
from tests.keyrings import KeyringSession, needs_gnome_keyring

# keyring leaves its connection to the bus open when it raises.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


@needs_gnome_keyring
async def test_healthy(bus: KeyringSession) -> None:
    """Each step of the probe is listed, and its entry is deleted afterwards."""
    bus.unlock()

    diagnosis = await probe_keyring(Vault())

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
async def test_locked(bus: KeyringSession) -> None:
    """The diagnosis of a locked keyring names the failed step and says how to unlock it."""
    bus.start_locked()

    diagnosis = await probe_keyring(Vault())

    assert not diagnosis.healthy
    assert [step.good for step in diagnosis.steps] == [True, False]
    assert "locked" in diagnosis.sentence
    assert "unlock" in " ".join(diagnosis.advice)
    assert "FAILED  Write a probe" in diagnosis.report


class MuteKeyring:
    """A backend of the keyring library that waits for its user until the test ends."""

    priority = 1
    ended = threading.Event()

    def set_password(self, *_: str) -> None:
        self.ended.wait()

    def get_password(self, *_: str) -> None:
        self.ended.wait()

    def delete_password(self, *_: str) -> None:
        self.ended.wait()


async def test_mute() -> None:
    """A keyring that never answers holds up the probe for its time, and no longer."""
    diagnosis = await probe_keyring(Vault(backends=[(__name__, "MuteKeyring", "Mute")]), 0.2)
    MuteKeyring.ended.set()

    assert [step.good for step in diagnosis.steps] == [True, False]
    assert "has not done this within 0.2 s" in diagnosis.sentence
    assert "unlock" in " ".join(diagnosis.advice)


async def test_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a keyring the diagnosis says what to install."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nothing'}")

    diagnosis = await probe_keyring(Vault())

    assert diagnosis.backend is None
    assert "gnome-keyring" in diagnosis.report
    assert diagnosis.report.startswith("System: linux\nKeyring: none\nFAILED  Find a keyring")


@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
@pytest.mark.parametrize("failure", [NoKeyring("x"), KeyringLocked("x"), SecretNotStored("x")])
def test_every_failure_has_advice(system: str, failure: VaultError) -> None:
    """Every failure on every system has advice, and ends with the secret for one session."""
    advice = advice_for(failure, system)

    assert len(advice) > 1
    assert "one session" in advice[-1]


def test_no_failure_has_no_advice() -> None:
    """A keyring without failures is healthy and has no advice."""
    assert advice_for(None, "linux") == ()
    assert KeyringDiagnosis("linux", None, (), ()).healthy
