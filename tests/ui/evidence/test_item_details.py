"""An item in detail, and its comment."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from ibconsole.ui.evidence.item_details import CaseItemDetails
from ibconsole.ui.toolkit.theme import Theme
from tests.unit.services.evidence.cases.samples import full_case


@pytest.fixture
def details(qtbot: QtBot, theme: Theme) -> CaseItemDetails:
    details = CaseItemDetails(theme)
    qtbot.addWidget(details)
    details.resize(400, 300)
    details.show()
    return details


def test_comments_are_saved(details: CaseItemDetails, qtbot: QtBot, tmp_path: Path) -> None:
    """They are saved a moment after the last key, at Escape, and when another item is shown."""
    first, second, *_, note, _ = full_case(tmp_path)[1].items
    saved: list[tuple[str, str]] = []
    escaped: list[bool] = []
    details.commented.connect(lambda one, text: saved.append((one, text)))
    details.escaped.connect(lambda: escaped.append(True))
    details.show_item(first)
    qtbot.keyClicks(details.comment, "lag")
    with qtbot.waitSignal(details.commented):
        pass
    qtbot.keyClicks(details.comment, "s")
    qtbot.keyClick(details.comment, Qt.Key.Key_Escape)
    qtbot.keyClicks(details.comment, "!")
    details.show_item(second)
    assert (saved, escaped) == ([("i-1", "lag"), ("i-1", "lags"), ("i-1", "lags!")], [True])
    assert details.comment.toPlainText() == ""

    details.show_item(note)
    assert (details.label.text(), details.comment.toPlainText()) == (
        "Note", "It began **on Monday**."
    )  # fmt: skip
    details.show_item(None)
    details.flush()
    assert len(saved) == 3
    assert not details.comment.isEnabled()


def test_what_is_typed_stays(details: CaseItemDetails, qtbot: QtBot, tmp_path: Path) -> None:
    """An item that is shown again, as it was saved, takes nothing from the user."""
    first, *_ = full_case(tmp_path)[1].items
    details.show_item(first)
    details.activateWindow()
    details.comment.setFocus()
    qtbot.waitUntil(details.comment.hasFocus)
    qtbot.keyClicks(details.comment, "being written")
    details.show_item(first)
    assert details.comment.toPlainText() == "being written"
    details.flush()


def test_pictures_fit(details: CaseItemDetails, tmp_path: Path) -> None:
    """A picture is as large as its room, and no larger than it is."""
    *_, picture = full_case(tmp_path)[1].items
    details.show_item(picture)
    details.show_picture(QImage(2000, 1000, QImage.Format.Format_RGB32))
    assert details.picture.pixmap().width() <= 400
    details.show_picture(QImage(20, 10, QImage.Format.Format_RGB32))
    assert details.picture.pixmap().width() == 20
    details.show_text("It cannot be read.")
    assert details.text.isVisible()
