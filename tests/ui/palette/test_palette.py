from collections.abc import Sequence

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from ibconsole.ui.palette.palette import Palette
from ibconsole.ui.palette.search_providers import CommandSearch, SearchResult, rank_of
from ibconsole.ui.toolkit.commands import Command, Group
from ibconsole.ui.toolkit.theme import Theme


class FruitSearch:
    """A search provider for fruit."""

    def __init__(self) -> None:
        self.visited: list[str] = []

    def search(self, text: str, limit: int, /) -> Sequence[SearchResult]:
        fruit = ("Apple", "Pear") if text else ()
        return [
            SearchResult(one, "Fruit", lambda one=one: self.visited.append(one))  # type: ignore[misc]
            for one in fruit
            if rank_of(text, one) is not None
        ][:limit]


@pytest.fixture
def fruit() -> FruitSearch:
    return FruitSearch()


@pytest.fixture
def palette(
    plain_window: QMainWindow,
    commands: list[Command],
    fruit: FruitSearch,
    theme: Theme,
    qtbot: QtBot,
) -> Palette:
    palette = Palette([CommandSearch(lambda: commands), fruit], theme, plain_window)
    palette.open()
    qtbot.waitUntil(palette.isVisible)
    return palette


def titles(palette: Palette) -> list[str]:
    return [str(palette.model.index(row).data()) for row in range(palette.model.rowCount())]


def test_all_commands_are_listed_at_first(palette: Palette) -> None:
    """The palette opens with every command, the first one selected."""
    assert titles(palette) == ["Pull", "Add a connection", "Refresh", "Close this connection"]
    assert palette.list.currentIndex().row() == 0


def test_typing_searches_all_providers(
    palette: Palette, fruit: FruitSearch, executed: list[str]
) -> None:
    """Words match in any order; Enter runs the selected result once and closes the palette."""
    QTest.keyClicks(palette.search, "connection add")
    assert titles(palette) == ["Add a connection"]
    palette.search.clear()
    QTest.keyClicks(palette.search, "pear")
    assert titles(palette) == ["Pear"]

    QTest.keyClick(palette.search, Qt.Key.Key_Return)

    assert (fruit.visited, executed) == (["Pear"], [])
    assert not palette.isVisible()


def test_the_arrow_keys_select(palette: Palette, executed: list[str]) -> None:
    """Down and Up wrap around; Page Down and Page Up stop at the ends."""
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
    assert executed == ["Pull…"]


def test_an_unavailable_command_gives_its_reason(palette: Palette, executed: list[str]) -> None:
    """It is listed with the reason, which screen readers read too, and Enter does not run it."""
    QTest.keyClicks(palette.search, "close")
    assert palette.hint.text() == "No connection is open."

    QTest.keyClick(palette.search, Qt.Key.Key_Return)

    assert palette.isVisible()
    assert executed == []
    spoken = palette.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Close this connection, Connection, No connection is open."


def test_a_search_without_matches(palette: Palette) -> None:
    """The palette shows that there are no matches; Enter does nothing and Esc closes it."""
    QTest.keyClicks(palette.search, "zzz")
    assert palette.hint.text() == "No matches."
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert palette.isVisible()

    QTest.keyClick(palette, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_the_command_run_last_is_listed_first(palette: Palette) -> None:
    """A command that is used often is quick to reach."""
    QTest.keyClicks(palette.search, "refresh")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)

    palette.open()

    assert titles(palette)[0] == "Refresh"
    palette.close()


def test_the_results_are_painted(palette: Palette) -> None:
    """Titles, shortcuts and reasons are drawn, in rows of equal height."""
    picture = palette.list.viewport().grab().toImage()

    colours = {
        picture.pixelColor(x, y).name()
        for x in range(0, picture.width(), 2)
        for y in range(0, picture.height(), 2)
    }
    assert len(colours) > 5
    assert palette.list.visualRect(palette.model.index(1)).height() == 44


def test_initials_find_a_command(palette: Palette) -> None:
    """Initials match a command, below results that contain the typed words."""
    QTest.keyClicks(palette.search, "aac")
    assert titles(palette) == ["Add a connection"]

    palette.search.setText("a")
    assert titles(palette)[0] == "Add a connection"


def test_highlights_are_painted(palette: Palette) -> None:
    """The matching part of a title is drawn differently from the rest."""
    palette.search.setText("add")
    short = palette.list.viewport().grab().toImage()
    palette.search.setText("add a connection")

    assert titles(palette) == ["Add a connection"]
    assert palette.list.viewport().grab().toImage() != short


def test_the_list_is_as_tall_as_its_hits(palette: Palette) -> None:
    """A short list leaves no empty space below it."""
    whole, rows = palette.height(), palette.list.height()
    palette.search.setText("Refresh")

    assert palette.model.rowCount() == 1
    assert not palette.list.verticalScrollBar().isVisible()
    assert rows - palette.list.height() == 3 * 44
    assert palette.height() == whole - 3 * 44


def test_commands_come_before_navigation() -> None:
    """Of equal matches, what does something comes before what only goes somewhere."""
    commands = [
        Command("Show messages", Group.VIEW, lambda: None),
        Command("Export messages", Group.MESSAGES, lambda: None),
    ]
    found = CommandSearch(lambda: commands).search("", 10)

    assert [one.title for one in found] == ["Export messages", "Show messages"]


def test_the_palette_is_no_higher_than_its_window(
    palette: Palette, plain_window: QMainWindow, qtbot: QtBot
) -> None:
    """In a low window fewer results are seen at once, and the hint below them stays in sight."""
    palette.close()
    plain_window.resize(640, 260)
    palette.open()
    qtbot.waitUntil(palette.isVisible)

    bottom = plain_window.mapToGlobal(plain_window.rect().bottomLeft()).y()
    assert palette.geometry().bottom() <= bottom
    assert palette.list.height() >= 44
