"""The commands that pin."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QLabel, QMainWindow, QTabWidget

from ibconsole.services.evidence.cases.values import PictureContent
from ibconsole.ui.evidence.pin_commands import PinCommands
from ibconsole.ui.evidence.pin_dialog import NoteDialog, PinDialog
from ibconsole.ui.evidence.pin_places import PinOffer, PinPlace, PinPlaces
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.toasts import Toasts
from tests.ui.evidence.harness import Evidence, is_picture, offer_of


class Pinning:
    """The commands over a window with one tab, whose selection a test sets."""

    def __init__(
        self, evidence: Evidence, window: QMainWindow, theme: Theme, tasks: UiTasks
    ) -> None:
        self.evidence, self.tasks, self.window = evidence, tasks, window
        tabs, pane = QTabWidget(), QLabel("Messages")
        tabs.addTab(pane, "Messages")
        window.setCentralWidget(tabs)
        self.offer = PinOffer(reason="No message is selected.")
        self.places = PinPlaces(tabs, lambda: offer_of("setup"), window)
        self.toasts = Toasts(window, theme)
        self.commands = PinCommands(
            self.places,
            lambda: evidence.cases,
            tasks,
            self.toasts,
            window,
            suggested_title=lambda: "Acme",
        )
        self.changed: list[str] = []
        self.exported: list[str] = []
        self.commands.case_changed.connect(self.changed.append)
        self.commands.export_requested.connect(self.exported.append)
        self.places.add(PinPlace(pane, "Messages", lambda: self.offer))

    def select(self, text: str) -> None:
        self.offer = offer_of(text)
        self.places.changed.emit()

    def dialog(self, kind: type[QDialog]) -> QDialog:
        [found] = [one for one in self.window.findChildren(kind) if one.isVisible()]
        return found

    @property
    def count(self) -> int:
        return len(self.evidence.case.items)

    @property
    def titles(self) -> list[str]:
        return [toast.text.text() for toast in self.toasts.shown]


@pytest.fixture
def pinning(tmp_path: Path, plain_window: QMainWindow, theme: Theme, tasks: UiTasks) -> Pinning:
    return Pinning(Evidence(tmp_path, empty=True), plain_window, theme, tasks)


async def test_the_first_pin_asks_for_a_case(pinning: Pinning) -> None:
    """Later pins go to it with one keystroke, and can be taken back."""
    commands, tasks = pinning.commands, pinning.tasks
    assert commands.pin.disabled_reason == "No message is selected."
    assert not commands.note.isEnabled()
    pinning.select("one")
    commands.pin.trigger()
    await tasks.settled()
    dialog = pinning.dialog(PinDialog)
    assert isinstance(dialog, PinDialog)
    assert dialog.title.text() == "Acme"
    dialog.pin.click()
    await tasks.settled()
    case = pinning.evidence.case
    assert (case.title, len(case.items)) == ("Acme", 1)
    assert commands.pin.name == "Pin to case “Acme”"
    assert pinning.titles == ["Pinned the note one to the case “Acme”."]

    pinning.select("two")
    commands.pin.trigger()
    commands.pin.trigger()
    await tasks.settled()
    assert pinning.count == 3
    pinning.toasts.shown[-1].action.click()
    await tasks.settled()
    assert pinning.count == 2
    assert not commands.undo.isEnabled()
    assert pinning.changed == [case.id] * 4


async def test_another_case_can_be_chosen(pinning: Pinning) -> None:
    """It is the current one from then on; a case that was deleted is asked for anew."""
    store = pinning.evidence.store
    first, second = store.create("First"), store.create("Second")
    pinning.commands.follow_current()
    await pinning.tasks.settled()
    pinning.select("one")
    pinning.commands.pin_elsewhere.trigger()
    await pinning.tasks.settled()
    dialog = pinning.dialog(PinDialog)
    assert isinstance(dialog, PinDialog)
    dialog.choice.setCurrentIndex(dialog.choice.findData(first.id))
    dialog.pin.click()
    await pinning.tasks.settled()
    assert (store.current(), len(store.read(first.id).items)) == (first.id, 1)
    assert store.read(second.id).items == ()

    store.delete(first.id)
    pinning.commands.pin.trigger()
    await pinning.tasks.settled()
    dialog = pinning.dialog(PinDialog)
    assert isinstance(dialog, PinDialog)
    dialog.cancel.click()
    await pinning.tasks.settled()
    assert store.read(second.id).items == ()


async def test_pictures_notes_and_the_setup(pinning: Pinning) -> None:
    """What has no selection is pinned as well; an export follows a pin."""
    evidence, commands, tasks = pinning.evidence, pinning.commands, pinning.tasks
    evidence.store.create("A case with a title that is longer than a menu")
    commands.follow_current()
    await tasks.settled()
    assert commands.pin.name == "Pin to case “A case with a title that is long…”"
    commands.picture.trigger()
    await tasks.settled()
    commands.setup.trigger()
    commands.note.trigger()
    note = pinning.dialog(NoteDialog)
    assert isinstance(note, NoteDialog)
    note.text.setPlainText("It began on Monday.")
    note.add.click()
    await tasks.settled()
    picture, *_ = evidence.case.items
    assert isinstance(picture.content, PictureContent)
    assert picture.content.pane == "Messages"
    assert is_picture(evidence.store.read_blob(evidence.case.id, picture.content.picture))
    assert len(evidence.case.items) == 3

    pinning.select("one")
    commands.pin_and_export.trigger()
    await tasks.settled()
    assert pinning.exported == [evidence.case.id]
    pinning.offer = PinOffer(reason="No message is selected.")
    commands.pin.trigger()  # before the list said so
    assert pinning.titles[-1] == "No message is selected."
