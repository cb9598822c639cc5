"""The dialog that says what was pasted."""

from pytestqt.qtbot import QtBot

from ibconsole.services.pasting import Pasted, PastedKind, PasteOffer
from ibconsole.ui.pasting.paste_dialog import PasteDialog
from ibconsole.ui.toolkit.theme import Theme

PASTED = Pasted(PastedKind.FORWARD_URL, "This is a URL.", text="https://x.example/in")


async def test_the_first_offer_is_the_default(theme: Theme, qtbot: QtBot) -> None:
    """What most people want is the default button; each offer is emitted when it is taken."""
    dialog = PasteDialog(PASTED, (PasteOffer.TEST_URL, PasteOffer.FIND_MESSAGES), theme)
    qtbot.addWidget(dialog)
    taken: list[object] = []
    dialog.chosen.connect(taken.append)

    assert dialog.buttons[PasteOffer.TEST_URL].isDefault()
    dialog.buttons[PasteOffer.FIND_MESSAGES].click()

    assert taken == [PasteOffer.FIND_MESSAGES]


async def test_nothing_to_offer(theme: Theme, qtbot: QtBot) -> None:
    """Where nothing can be done with it, what it is is said all the same."""
    dialog = PasteDialog(Pasted(PastedKind.NOTHING, "Nothing\u202e."), (), theme)
    qtbot.addWidget(dialog)

    assert dialog.sentence.text() == "Nothing\\u202e."
    assert (dialog.cancel.text(), dialog.cancel.isDefault()) == ("Close", True)
