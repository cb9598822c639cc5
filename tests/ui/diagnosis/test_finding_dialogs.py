"""The dialogs about one finding."""

from pytestqt.qtbot import QtBot

from ibconsole.clock import now_ms
from ibconsole.services.diagnosis.catalogue.catalogue import definition_of
from ibconsole.ui.diagnosis.finding_dialogs import FindingPageDialog, MuteDialog
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.diagnosis.records import FINDING


def test_the_page(theme: Theme, qtbot: QtBot) -> None:
    """The page of a number is there without a network."""
    dialog = FindingPageDialog(definition_of(1002), theme)
    qtbot.addWidget(dialog)

    assert "What would refute it" in dialog.page.toPlainText()
    dialog.close_button.click()
    assert not dialog.isVisible()


def test_muting(theme: Theme, qtbot: QtBot) -> None:
    """A mute needs a reason, and ends with a day."""
    dialog = MuteDialog(FINDING, theme)
    qtbot.addWidget(dialog)
    asked: list[tuple[str, int]] = []
    dialog.mute_requested.connect(lambda reason, until: asked.append((reason, until)))
    assert not dialog.submit.isEnabled()
    dialog.reason.setText(" It is known. ")
    dialog.submit.click()
    [(reason, until)] = asked

    assert reason == "It is known."
    assert 29 < (until - now_ms()) / 86_400_000 < 31.1
