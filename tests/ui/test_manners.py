"""Menus, palette, toasts, what failed, shortcuts, greeting, about: the manners of the window."""

import asyncio
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget
from pytestqt.qtbot import QtBot

from ibconsole.model.application import Action, Configuration, read_application
from ibconsole.services.console.console import Console
from ibconsole.services.messages.async_reader import AsyncReader
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.setup.cache import SetupCache
from ibconsole.ui.palette.palette import Palette
from ibconsole.ui.palette.search_providers import CommandFinder, Found, marks_in, rank_of
from ibconsole.ui.palette.setup_search import SetupFinder
from ibconsole.ui.setup.look_up_dialog import LookUpDialog
from ibconsole.ui.setup.raw_dialog import RawDialog
from ibconsole.ui.shell.about_dialog import AboutDialog
from ibconsole.ui.shell.exception_hooks import ExceptionHooks
from ibconsole.ui.shell.failure_log import MOST, FailureLog
from ibconsole.ui.shell.failures_dialog import FailuresDialog
from ibconsole.ui.shell.greeting import GreetingPage
from ibconsole.ui.shell.main_window import MainWindow
from ibconsole.ui.shell.menus import Menus
from ibconsole.ui.shell.shortcuts_dialog import ShortcutsDialog
from ibconsole.ui.shell.window_state import WindowState
from ibconsole.ui.toolkit.commands import Command, Group
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.toasts import Toasts


@pytest.fixture
def window(qtbot: QtBot, theme: Theme) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.resize(900, 600)
    window.show()
    return window


@pytest.fixture
def ran() -> list[str]:
    return []


@pytest.fixture
def commands(window: QMainWindow, ran: list[str]) -> list[Command]:
    def command(name: str, group: Group, keys: str = "") -> Command:
        return Command(name, group, lambda: ran.append(name), shortcut=keys, parent=window)

    made = [
        command("Pull…", Group.MESSAGES, "Ctrl+P"),
        command("Add a connection…", Group.CONNECTION),
        command("Close this connection", Group.CONNECTION),
        command("Refresh", Group.SETUP, "F5"),
    ]
    made[2].allow("No connection is open.")
    return made


class Fruit:
    """Finds fruit."""

    def __init__(self) -> None:
        self.gone_to: list[str] = []

    def find(self, text: str, limit: int, /) -> Sequence[Found]:
        fruit = ("Apple", "Pear") if text else ()
        return [
            Found(one, "Fruit", lambda one=one: self.gone_to.append(one))  # type: ignore[misc]
            for one in fruit
            if rank_of(text, one) is not None
        ][:limit]


@pytest.fixture
def fruit() -> Fruit:
    return Fruit()


@pytest.fixture
def palette(
    window: QMainWindow, commands: list[Command], fruit: Fruit, theme: Theme, qtbot: QtBot
) -> Palette:
    palette = Palette([CommandFinder(lambda: commands), fruit], theme, window)
    palette.open()
    qtbot.waitUntil(palette.isVisible)
    return palette


def titles(palette: Palette) -> list[str]:
    return [str(palette.model.index(row).data()) for row in range(palette.model.rowCount())]


def test_everything_is_listed_at_first(palette: Palette) -> None:
    """Who opens the palette sees every command, with its keys."""
    assert titles(palette) == ["Pull", "Add a connection", "Close this connection", "Refresh"]
    assert palette.list.currentIndex().row() == 0


def test_typing_finds_commands_and_things(palette: Palette, fruit: Fruit, ran: list[str]) -> None:
    """All words count, in any order; Enter does what is chosen, once, and closes."""
    QTest.keyClicks(palette.search, "connection add")
    assert titles(palette) == ["Add a connection"]
    palette.search.clear()
    QTest.keyClicks(palette.search, "pear")
    assert titles(palette) == ["Pear"]

    QTest.keyClick(palette.search, Qt.Key.Key_Return)

    assert (fruit.gone_to, ran) == (["Pear"], [])
    assert not palette.isVisible()


def test_the_arrows_choose(palette: Palette, ran: list[str]) -> None:
    """Down and up go round; a page stops at the end."""
    for key, row in (
        (Qt.Key.Key_Down, 1),
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_Up, 3),
        (Qt.Key.Key_Down, 0),
        (Qt.Key.Key_PageDown, 3),
        (Qt.Key.Key_PageUp, 0),
    ):
        QTest.keyClick(palette.search, key)
        assert palette.list.currentIndex().row() == row

    QTest.keyClick(palette.search, Qt.Key.Key_Enter)
    assert ran == ["Pull…"]


def test_what_cannot_be_done_says_why(palette: Palette, ran: list[str]) -> None:
    """It is listed with the reason, and Enter does nothing."""
    QTest.keyClicks(palette.search, "close")
    assert palette.hint.text() == "No connection is open."

    QTest.keyClick(palette.search, Qt.Key.Key_Return)

    assert palette.isVisible()
    assert ran == []
    spoken = palette.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Close this connection, Connection, No connection is open."


def test_nothing_found(palette: Palette) -> None:
    """That nothing is called so is said; Escape leaves."""
    QTest.keyClicks(palette.search, "zzz")
    assert palette.hint.text() == "Nothing is called so."
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert palette.isVisible()

    QTest.keyClick(palette, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_the_one_run_last_comes_first(palette: Palette) -> None:
    """What one does often is near."""
    QTest.keyClicks(palette.search, "refresh")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)

    palette.open()

    assert titles(palette)[0] == "Refresh"
    palette.close()


def test_the_palette_is_painted(palette: Palette) -> None:
    """Titles, keys and reasons are drawn, in rows of one height."""
    picture = palette.list.viewport().grab().toImage()

    colours = {
        picture.pixelColor(x, y).name()
        for x in range(0, picture.width(), 2)
        for y in range(0, picture.height(), 2)
    }
    assert len(colours) > 5
    assert palette.list.visualRect(palette.model.index(1)).height() == 44


@pytest.mark.parametrize(
    ("wanted", "text", "rank"),
    [
        ("", "x", 0),
        ("Add a", "Add a x", 0),
        ("x add", "Add a x", 1),
        ("dd", "Add", 2),
        ("y", "x", None),
    ],
)
def test_ranks(wanted: str, text: str, rank: int | None) -> None:
    """Best where it begins so, then where words do, then anywhere."""
    assert rank_of(wanted, text) == rank


@pytest.mark.parametrize(
    ("wanted", "text", "marked"),
    [
        ("add con", "Add a connection", ["Add", "con"]),
        ("aac", "Add a connection", ["A", "a", "c"]),
        ("cnct", "Add a connection", ["c", "n", "c", "t"]),
        ("dd a", "Add a connection", ["dd", "A"]),
        ("ction", "Add a connection", ["ction"]),
        ("tca", "Add a connection", []),
        ("", "Add a connection", []),
        ("straße", "Straße 1", []),
    ],
)
def test_what_was_typed_is_marked(wanted: str, text: str, marked: list[str]) -> None:
    """One sees why something was found: the words, or letters of which the first begins a word."""
    marks = marks_in(wanted, text)

    assert [text[start : start + length] for start, length in marks] == marked


def test_letters_find_what_no_word_does(palette: Palette, fruit: Fruit) -> None:
    """Who types initials finds the command, below what has the very words."""
    QTest.keyClicks(palette.search, "aac")
    assert titles(palette) == ["Add a connection"]

    palette.search.setText("a")
    assert titles(palette)[0] == "Add a connection"


def test_marks_are_drawn(palette: Palette) -> None:
    """What was typed looks otherwise than the rest of the title."""
    palette.search.setText("add")
    short = palette.list.viewport().grab().toImage()
    palette.search.setText("add a connection")

    assert titles(palette) == ["Add a connection"]
    assert palette.list.viewport().grab().toImage() != short


def test_menus(window: QMainWindow, commands: list[Command]) -> None:
    """Each group is a menu, in a fixed order, of the very same commands."""
    menus = Menus(window.menuBar())
    menus.add(commands[:2])
    menus.add(commands[2:])
    menus.arrange()

    assert [action.text() for action in window.menuBar().actions()] == [
        "Connection",
        "Setup",
        "Messages",
    ]
    connection = window.menuBar().actions()[0].menu()
    assert isinstance(connection, QMenu)
    assert [one for one in connection.actions() if not one.isSeparator()] == commands[1:3]
    assert menus.menu(Group.SETUP) == [commands[3]]
    assert menus.commands == commands


def test_shortcuts(commands: list[Command], theme: Theme, qtbot: QtBot) -> None:
    """The list is made of the commands, those with keys first, and can be filtered by either."""
    dialog = ShortcutsDialog(commands, theme)
    qtbot.addWidget(dialog)

    def listed() -> list[str]:
        model = dialog.table.model()
        return [model.index(row, 0).data() for row in range(model.rowCount())]

    assert listed() == ["Pull", "Refresh", "Add a connection", "Close this connection"]
    dialog.search.setText("F5")
    assert listed() == ["Refresh"]


def test_toasts_stack_and_go(window: QMainWindow, theme: Theme, qtbot: QtBot) -> None:
    """The newest is lowest, the same is said once, a click takes one away, none has the focus."""
    toasts = Toasts(window, theme)
    for sentence in ("One.", "Two.", "One."):
        toasts.show("ok", sentence)

    assert [toast.text.text() for toast in toasts.shown] == ["Two.", "One."]
    upper, lower = toasts.shown
    assert upper.geometry().bottom() < lower.geometry().top()
    assert window.rect().contains(lower.geometry())
    assert not any(isinstance(window.focusWidget(), type(toast)) for toast in toasts.shown)
    qtbot.mouseClick(lower, Qt.MouseButton.LeftButton)
    assert toasts.shown == [upper]
    upper.timer.setInterval(0)
    qtbot.waitUntil(lambda: toasts.shown == [])


def test_a_toast_stays_under_the_mouse(window: QMainWindow, theme: Theme, qtbot: QtBot) -> None:
    """Who reads it does not want it to go; longer sentences stay longer."""
    toasts = Toasts(window, theme)
    toasts.show("warning", "A sentence that takes a while to read.")
    toasts.show("info", "Short.")
    long, short = toasts.shown
    assert long.timer.interval() > short.timer.interval()

    qtbot.mouseMove(long, QPoint(5, 5))
    QTest.mouseMove(long, QPoint(6, 6))
    qtbot.waitUntil(lambda: not long.timer.isActive())
    qtbot.mouseMove(short, QPoint(5, 5))
    qtbot.waitUntil(long.timer.isActive)


def test_no_more_toasts_than_fit(window: QMainWindow, theme: Theme) -> None:
    """Many at once do not cover the window; they follow its size."""
    toasts = Toasts(window, theme)
    for number in range(9):
        toasts.show("danger", f"Failure {number}.")

    assert [toast.text.text() for toast in toasts.shown][-1] == "Failure 8."
    assert len(toasts.shown) == 4
    window.resize(1100, 700)
    assert all(window.rect().contains(toast.geometry()) for toast in toasts.shown)


def test_what_failed(theme: Theme, qtbot: QtBot) -> None:
    """The newest is on top and chosen; all can be copied, and forgotten."""
    failures = FailureLog()
    dialog = FailuresDialog(failures, theme, None)
    qtbot.addWidget(dialog)
    assert not dialog.copy.isEnabled()
    failures.add("load", "The disk is full.", "ENOSPC")
    failures.add("pull", "Nobody answered.")

    assert dialog.table.total == 2
    assert dialog.details.toPlainText() == "The disk is full.\n\nENOSPC"
    dialog.copy.click()
    assert QGuiApplication.clipboard().text().splitlines()[1] == "Nobody answered."
    dialog.clear.click()
    assert (dialog.table.total, dialog.details.toPlainText()) == (0, "")


def test_failures_do_not_fill_the_memory() -> None:
    """What happens over and over is kept only so often."""
    failures = FailureLog()
    for number in range(MOST + 5):
        failures.add("x", f"{number}")

    assert len(failures.kept) == MOST
    assert failures.kept[0].sentence == f"{MOST + 4}"


async def test_what_nobody_caught(qtbot: QtBot, qapp: object) -> None:
    """In a slot, on a thread, in the loop: it is told on the window's thread, and life goes on."""
    told: list[tuple[str, str, bool]] = []
    unexpected = ExceptionHooks()
    main = threading.current_thread()
    unexpected.raised.connect(
        lambda where, error: told.append((where, str(error), threading.current_thread() is main))
    )
    loop = asyncio.get_running_loop()

    def fail() -> None:
        raise ValueError("thread")

    with unexpected.caught(loop):
        sys.excepthook(KeyError, KeyError("slot"), None)
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
        thread = threading.Thread(target=fail, name="worker")
        thread.start()
        thread.join()
        loop.call_exception_handler({"message": "x", "exception": OSError("loop")})
        loop.call_exception_handler({"message": "only words"})
        qtbot.waitUntil(lambda: len(told) == 3)

    assert sorted(told) == [
        ("the thread worker", "thread", True),
        ("the window", "'slot'", True),
        ("the window's loop", "loop", True),
    ]
    assert sys.excepthook != unexpected._on_exception


def test_the_greeting(theme: Theme, qtbot: QtBot) -> None:
    """Two ways to begin, by mouse and keyboard."""
    page = GreetingPage(theme)
    qtbot.addWidget(page)

    with qtbot.waitSignal(page.add_requested):
        QTest.keyClick(page.add, Qt.Key.Key_Return)
    with qtbot.waitSignal(page.sandbox_requested):
        page.sandbox.click()


def test_about(theme: Theme, qtbot: QtBot, tmp_path: Path) -> None:
    """Versions and places, and all of it for a report; each folder can be opened by name."""
    dialog = AboutDialog({"Data": tmp_path}, {"Archive": "3 messages"}, theme)
    qtbot.addWidget(dialog)

    dialog.copy.click()

    copied = QGuiApplication.clipboard().text()
    for words in ("ibconsole: ", "Python: ", "Qt: ", "httpx: ", f"Data: {tmp_path}", "3 messages"):
        assert words in copied
    names = [button.accessibleName() for button in dialog.findChildren(QWidget)]
    assert "Open the folder of data" in names


def test_a_record_as_it_was_sent(theme: Theme, qtbot: QtBot) -> None:
    """Unknown fields are there, too, and it can be copied whole."""
    dialog = RawDialog("Bora Bank", {"applicationCode": "x", "new": [1]}, theme)
    qtbot.addWidget(dialog)
    assert '"new"' in dialog.view.text.toPlainText()

    dialog.copy.click()

    assert QGuiApplication.clipboard().text() == '{"applicationCode":"x","new":[1]}'


@pytest.mark.parametrize("pasted", ['"abc-1"', " abc-1,\n", "<abc-1>", "“abc-1”"])
def test_codes_as_they_stand_in_tickets(theme: Theme, qtbot: QtBot, pasted: str) -> None:
    """Quotation marks and brackets around a code are not part of it."""
    dialog = LookUpDialog(theme)
    qtbot.addWidget(dialog)
    asked: list[tuple[str, bool]] = []
    dialog.wanted.connect(lambda code, by_id: asked.append((code, by_id)))
    assert not dialog.submit.isEnabled()

    dialog.code.setText(pasted)
    dialog.by_id.setChecked(True)
    dialog.submit.click()

    assert asked == [("abc-1", True)]


def test_finding_in_the_setup() -> None:
    """Applications by name, code, ID and description; actions by URL; configurations by key."""
    known = SetupCache()
    raw = {"applicationCode": "code-1", "applicationId": "id-1", "name": "Bora Bank"}
    bank = read_application({**raw, "description": "Savings"})
    known.learn_applications([bank], 1)
    known.learn_configurations("code-1", [Configuration(key="conf-9", raw={})], 1)
    action = Action(
        key="act-7", type="HTTP_FORWARD", forward_url="https://hooks.example.com", callback_data="",
        raw={},
    )  # fmt: skip
    known.learn_actions("code-1", "conf-9", [action], 1)
    gone: list[tuple[str, str]] = []
    finder = SetupFinder(known, lambda application, key: gone.append((application.name, key)))

    def found(text: str) -> list[str]:
        return [one.title for one in finder.find(text, 9)]

    assert found("") == []
    for text in ("bora", "code-1", "ID-1", "savings", "bank sav"):
        assert found(text) == ["Bora Bank"]
    assert found("conf-9") == ["conf-9"]
    assert found("hooks") == ["https://hooks.example.com"]
    for text in ("bora", "act-7"):
        finder.find(text, 9)[0].go()
    assert gone == [("Bora Bank", ""), ("Bora Bank", "act-7")]
    assert "code-1" not in finder.find("bora", 9)[0].subtitle


def test_finding_among_thousands() -> None:
    """No more are made than are shown, the best of all of them first; initials find names, too."""
    known = SetupCache()
    names = [*(f"Bank of the {number}" for number in range(5000)), "The Bank", "Bank"]
    known.learn_applications(
        [read_application({"applicationCode": f"{n}", "name": n}) for n in names], 1
    )
    finder = SetupFinder(known, lambda application, key: None)

    found = finder.find("the bank", 5)

    assert found[0].title == "The Bank"
    assert len(found) == 5
    assert [one.title for one in finder.find("bot", 2)] == ["Bank of the 0", "Bank of the 1"]


async def test_one_palette_is_enough(window: QMainWindow, theme: Theme, tmp_path: Path) -> None:
    """Opening it again and again leaves nothing behind."""
    places = Paths(tmp_path)
    async with Console(places), AsyncReader(places.archive) as browsing:
        main = MainWindow(browsing, theme, WindowState(places.window))
        main.show()
        for _ in range(3):
            main.find_or_run()
            [palette] = main.findChildren(Palette)
            assert palette.isVisible()
            palette.close()
        main.close()
        main.deleteLater()
