"""Where the policy masks application codes, no place of the window reveals or copies one."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QLabel, QMenu, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import Filter
from ibconsole.model.application import read_application
from ibconsole.model.reading import encode
from ibconsole.services.request_log.log import Activity, Entry
from ibconsole.services.setup.cache import SetupCache
from ibconsole.ui.activity.model import describe_entry
from ibconsole.ui.activity.pane import ActivityPane
from ibconsole.ui.forward_test.payload_editor import PayloadEditor
from ibconsole.ui.inspector.inspector import Inspector, prepare_record
from ibconsole.ui.messages.export_dialog import ExportDialog
from ibconsole.ui.palette.setup_search import SetupSearch
from ibconsole.ui.setup.applications import ApplicationsPane
from ibconsole.ui.setup.configuration import ConfigurationPane
from ibconsole.ui.setup.panes import RawDialog
from ibconsole.ui.toolkit.codes import CodeDisplay
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.viewers.facts import Fact, Summary
from ibconsole.ui.viewers.raw_view import prepare_raw
from ibconsole.ui.widgets.copy_field import CopyField

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a"
MASK = "2336…el4a"
RAW = {"applicationCode": CODE, "applicationId": "id-1", "name": "Bora Bank"}
BODY = encode(RAW)
WHY = "This is set by your administrator."


@dataclass(frozen=True, slots=True)
class Place:
    """A widget that shows a code, what would reveal it, and what copies what is shown."""

    widget: QWidget
    reveals: tuple[QAbstractButton, ...]
    copies: tuple[QAbstractButton, ...] = ()


def _copy_field(theme: Theme, codes: CodeDisplay) -> Place:
    field = CopyField("application code", theme, secret=True, codes=codes)
    field.show_value(CODE)
    return Place(field, (field.reveal, field.copy), (field.copy,))


def _configuration(theme: Theme, codes: CodeDisplay) -> Place:
    pane = ConfigurationPane(theme, codes=codes)
    pane.show_application(read_application(RAW))
    return Place(pane, (pane.code.reveal, pane.code.copy), (pane.code.copy,))


def _raw_dialog(theme: Theme, codes: CodeDisplay) -> Place:
    dialog = RawDialog("Bora Bank", RAW, theme, codes=codes)
    return Place(dialog, (dialog.reveal,), (dialog.copy,))


def _inspector(theme: Theme, codes: CodeDisplay) -> Place:
    inspector = Inspector(theme, codes=codes)
    fact = Fact("Application code", CODE, is_code=True, is_secret=True)
    inspector.show_record(
        Summary("Message 1", "", (), (("", (fact,)),)), prepare_record(BODY, len(BODY))
    )
    inspector.tabs.setCurrentWidget(inspector.raw)
    masked = BODY.replace(CODE.encode(), MASK.encode())
    inspector.show_raw(prepare_raw(BODY, 0, len(BODY)), prepare_raw(masked, 0, len(masked)))
    field = inspector.summary.rows[0].code
    assert field is not None
    reveals = (inspector.reveal, inspector.raw.save, field.reveal)
    return Place(inspector, reveals, (inspector.copy, field.copy))


def _payload(theme: Theme, codes: CodeDisplay) -> Place:
    editor = PayloadEditor(theme, codes=codes)
    editor.show_payload(BODY, "Message 1")
    return Place(editor, (editor.reveal,))


def _activity(theme: Theme, codes: CodeDisplay) -> Place:
    pane = ActivityPane(theme, codes=codes)
    url = f"https://x.io/push/1/applications/{CODE}/y"
    entry = Entry(id=1, started_at=1, method="GET", url=url, status=200)

    def describe(shown: object) -> None:
        if isinstance(shown, Entry):
            pane.show_details(describe_entry(shown, None, codes=pane.shows_codes))

    pane.entry_selected.connect(describe)
    pane.show_activity(Activity(1, (entry,), 1, 0))
    pane.table.selectRow(0)
    return Place(pane, (pane.toolbar.codes,), (pane.details.copy_curl,))


PLACES = (_copy_field, _configuration, _raw_dialog, _inspector, _payload, _activity)


def _readable(place: Place) -> str:
    """Return all texts of a place, and what its buttons copy."""
    texts = []
    for label in place.widget.findChildren(QLabel):
        texts += [label.text(), label.toolTip(), label.accessibleName()]
    texts += [one.toPlainText() for one in place.widget.findChildren(QPlainTextEdit)]
    if isinstance(place.widget, ActivityPane):
        model = place.widget.model
        texts += [str(model.index(0, column).data()) for column in range(model.columnCount())]
    for button in place.copies:
        QGuiApplication.clipboard().setText("")
        button.click()
        texts.append(QGuiApplication.clipboard().text())
    return "\n".join(texts)


def _try_to_reveal(place: Place) -> None:
    for button in place.reveals:
        button.click()
        if button.isCheckable():
            button.setChecked(True)  # as something that forgets that it is locked would do


@pytest.mark.parametrize("make", PLACES)
def test_nothing_is_revealed(
    make: Callable[[Theme, CodeDisplay], Place], theme: Theme, qtbot: QtBot
) -> None:
    """What would reveal a code is locked, says by whom, and does nothing."""
    codes = CodeDisplay()
    place = make(theme, codes)
    qtbot.addWidget(place.widget)
    _try_to_reveal(place)
    assert CODE in _readable(place)

    codes.follow_policy(WHY)  # comes while a code is readable
    assert CODE not in _readable(place)
    for button in place.reveals:
        assert not button.isEnabled()
        assert "administrator" in button.toolTip()
    _try_to_reveal(place)
    assert CODE not in _readable(place)

    codes.follow_policy("")
    assert all(button.isEnabled() for button in place.reveals)


@pytest.mark.parametrize("make", PLACES)
def test_what_is_opened_under_a_policy_is_locked(
    make: Callable[[Theme, CodeDisplay], Place], theme: Theme, qtbot: QtBot
) -> None:
    codes = CodeDisplay()
    codes.follow_policy(WHY)
    place = make(theme, codes)
    qtbot.addWidget(place.widget)

    _try_to_reveal(place)

    assert CODE not in _readable(place)
    assert not any(button.isEnabled() for button in place.reveals)


def test_a_received_payload_is_sent_without_its_code(theme: Theme, qtbot: QtBot) -> None:
    """A test may lead anywhere; what the user or the program made up is sent as it is."""
    codes = CodeDisplay()
    codes.follow_policy(WHY)
    editor = PayloadEditor(theme, codes=codes)
    qtbot.addWidget(editor)
    sample = editor.body

    editor.show_payload(BODY, "Message 1")

    assert MASK.encode() in editor.body
    assert CODE.encode() not in editor.body
    assert editor.description.text() == "Message 1, codes masked"
    editor.use_sample()
    codes.follow_policy("")
    codes.follow_policy(WHY)
    assert editor.body == sample


def test_exports_are_masked(theme: Theme, qtbot: QtBot) -> None:
    """The choice of readable codes is locked, and raw bodies, which have them, are not exported."""
    codes = CodeDisplay()
    dialog = ExportDialog(Filter(), 1, [], theme, codes=codes)
    qtbot.addWidget(dialog)
    dialog.revealed.setChecked(True)
    before = dialog.options

    codes.follow_policy(WHY)

    dialog.revealed.setChecked(True)
    assert (before.reveal_codes, dialog.options.reveal_codes) == (True, False)
    assert not dialog.revealed.isEnabled()
    assert "administrator" in dialog.revealed.toolTip()
    assert dialog.proceed.isEnabled()
    dialog.format.setCurrentText("Raw bodies (.tar)")
    assert not dialog.proceed.isEnabled()
    assert "administrator" in dialog.proceed.toolTip()


def test_a_code_is_not_copied_or_found_out_in_lists(theme: Theme, qtbot: QtBot) -> None:
    """Only a whole code that the user knows finds its application, in the list and the palette."""
    codes = CodeDisplay()
    application = read_application(RAW)
    pane = ApplicationsPane(theme, codes=codes)
    qtbot.addWidget(pane)
    pane.show_applications([application])
    cache = SetupCache()
    cache.store_applications([application], 1)
    search = SetupSearch(cache, lambda one, key: None, codes)

    def found(typed: str) -> tuple[int, int]:
        pane.filter.setText(typed)
        qtbot.waitUntil(lambda: not pane.table.model().property("busy"))
        return pane.table.model().rowCount(), len(search.search(typed, 9))

    assert found(CODE[4:12]) == (1, 1)
    codes.follow_policy(WHY)

    assert found(CODE[4:12]) == (0, 0)
    assert found(CODE) == (1, 1)
    assert found("bora") == (1, 1)
    menu = QMenu()
    pane.table.fill_menu(menu, pane.table.model().index(0, 0))
    entries = {entry.text(): entry.isEnabled() for entry in menu.actions()}
    assert entries["Copy application code (set by your administrator)"] is False
    assert entries["Copy application ID"] is True


def test_requests_are_not_found_by_a_part_of_a_code(theme: Theme, qtbot: QtBot) -> None:
    """A whole code finds its requests, as one that the user knows."""
    codes = CodeDisplay()
    place = _activity(theme, codes)
    qtbot.addWidget(place.widget)
    pane = place.widget
    assert isinstance(pane, ActivityPane)

    def found(typed: str) -> int:
        pane.toolbar.search.setText(typed)
        return pane.model.rowCount()

    assert found(CODE[4:12]) == 1
    codes.follow_policy(WHY)
    assert (found(CODE[4:12]), found(CODE), found("applications")) == (0, 1, 1)
