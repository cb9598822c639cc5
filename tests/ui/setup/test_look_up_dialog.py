import pytest
from pytestqt.qtbot import QtBot

from ibconsole.ui.setup.look_up_dialog import LookUpDialog
from ibconsole.ui.toolkit.theme import Theme


@pytest.mark.parametrize("pasted", ['"abc-1"', " abc-1,\n", "<abc-1>", "“abc-1”"])
def test_a_pasted_code_is_cleaned(theme: Theme, qtbot: QtBot, pasted: str) -> None:
    """Quotation marks, brackets and punctuation around a pasted code are removed."""
    dialog = LookUpDialog(theme)
    qtbot.addWidget(dialog)
    asked: list[tuple[str, bool]] = []
    dialog.wanted.connect(lambda code, by_id: asked.append((code, by_id)))
    assert not dialog.submit.isEnabled()

    dialog.code.setText(pasted)
    dialog.by_id.setChecked(True)
    dialog.submit.click()

    assert asked == [("abc-1", True)]
