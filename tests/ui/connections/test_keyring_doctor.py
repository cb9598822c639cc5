import asyncio

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from ibconsole.services.connections.vault import KeyringBackend
from ibconsole.services.doctor.keyring import KeyringDiagnosis, ProbeStep
from ibconsole.ui.connections.keyring_doctor import KeyringDoctor, KeyringDoctorDialog
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme


class FakeKeyring:
    """Answers a probe once it is unlocked."""

    def __init__(self) -> None:
        self.unlocked = asyncio.Event()
        self.probes = 0

    async def probe(self) -> KeyringDiagnosis:
        self.probes += 1
        await self.unlocked.wait()
        return KeyringDiagnosis("linux", KeyringBackend("Secret Service", "keyring"), (), ())


@pytest.fixture
def keyring() -> FakeKeyring:
    return FakeKeyring()


@pytest.fixture
async def dialog(
    keyring: FakeKeyring, plain_window: QMainWindow, theme: Theme, tasks: UiTasks
) -> KeyringDoctorDialog:
    KeyringDoctor(keyring.probe, tasks, theme, plain_window).open()
    [dialog] = plain_window.findChildren(KeyringDoctorDialog)
    return dialog


async def test_a_diagnosis_is_shown_and_copied(
    dialog: KeyringDoctorDialog, keyring: FakeKeyring, tasks: UiTasks
) -> None:
    """The dialog waits for the keyring, then shows a report that can be copied."""
    assert not dialog.copy.isEnabled()
    assert dialog.progress.busy
    keyring.unlocked.set()
    await tasks.settled()

    dialog.copy.click()

    assert dialog.report.toPlainText()
    assert QGuiApplication.clipboard().text() == dialog.report.toPlainText()
    dialog.reject()


async def test_the_reasons_of_each_keyring_are_said_once(dialog: KeyringDoctorDialog) -> None:
    """The banner has one sentence; the report has the reasons of every kind of keyring."""
    sentence = "No secure keyring is available. Secret Service: none. KWallet: none."
    failed = ProbeStep("Find a keyring", good=False, sentence=sentence, seconds=0.1)

    dialog.show_diagnosis(KeyringDiagnosis("linux", None, (failed,), ()))

    assert dialog.banner.text.text() == "No secure keyring is available."
    assert dialog.report.toPlainText().count("KWallet: none.") == 1
    dialog.reject()


async def test_waiting_can_be_stopped_and_repeated(
    dialog: KeyringDoctorDialog, keyring: FakeKeyring, tasks: UiTasks
) -> None:
    """The user can stop waiting for a locked keyring, and probe it again later."""
    await asyncio.sleep(0)
    dialog.stop.click()
    await tasks.settled()
    assert dialog.banner.text.text() == "Stopped waiting; nothing was changed."

    keyring.unlocked.set()
    dialog.again.click()
    await tasks.settled()

    assert keyring.probes == 2
    assert dialog.report.toPlainText()
    dialog.reject()
