"""The dialog of what is copied for Infobip's support."""

from pytestqt.qtbot import QtBot

from ibconsole.services.evidence.support import SupportChoices
from ibconsole.ui.threads.support_dialog import SupportDialog
from ibconsole.ui.toolkit.codes import CodeDisplay
from ibconsole.ui.toolkit.theme import Theme


def test_where_a_policy_masks_codes_they_cannot_be_chosen(theme: Theme, qtbot: QtBot) -> None:
    """The box is disabled, with the reason; what is shown is what is copied."""
    codes = CodeDisplay()
    codes.follow_policy("A policy masks codes.")
    shown: list[SupportChoices] = []

    def write(choices: SupportChoices) -> str:
        shown.append(choices)
        return f"texts: {choices.with_texts}"

    dialog = SupportDialog(write, theme, codes)
    qtbot.addWidget(dialog)
    dialog.with_texts.click()

    assert not dialog.with_codes.isEnabled()
    assert dialog.with_codes.toolTip().endswith("A policy masks codes.")
    assert dialog.text == "texts: True"
    assert shown == [SupportChoices(), SupportChoices(with_texts=True)]
