"""Which page of the help is about what."""

import importlib
import pkgutil
from collections.abc import Iterator

from PySide6.QtWidgets import QDialog, QLineEdit, QTabWidget, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

import ibconsole.ui
from ibconsole.ui.help.pages import CONTENTS, HelpPages
from ibconsole.ui.help.topics import PAGES, page_for
from ibconsole.ui.toolkit.commands import Command
from tests.ui.whole_window import WholeWindow

# Rooms of small parts and of the window itself: what they are used in has the page.
WITHOUT = {"first_frame", "tables", "toolkit", "viewers", "widgets"}

LATE = ("listener", "forward-test", "activity", "audit", "health", "timeline", "redelivery")


def features() -> Iterator[str]:
    for one in pkgutil.iter_modules(ibconsole.ui.__path__):
        if one.ispkg and one.name not in WITHOUT:
            yield one.name


def test_every_feature_has_a_page() -> None:
    """Each page that a widget leads to exists, and what is named exists in the program."""
    written = {page.name for page in HelpPages().written}

    assert set(PAGES.values()) <= written
    assert written - set(PAGES.values()) <= {"findings"}
    for name in PAGES:
        importlib.import_module(f"ibconsole.ui.{name}")
    assert {one for one in features() if one not in PAGES} <= {"evidence", "links", "threads"}


def test_the_nearest_ancestor_wins(qtbot: QtBot) -> None:
    """A property on the way up decides; a question has the page of what was in use before it."""

    class Inner(QWidget):
        help_page = "pulling"

    class Outer(QWidget):
        help_page = "messages"

    outer, inner, field = Outer(), Inner(), QLineEdit()
    qtbot.addWidget(outer)
    layout = QVBoxLayout(outer)
    layout.addWidget(inner)
    QVBoxLayout(inner).addWidget(field)
    other = QLineEdit()
    layout.addWidget(other)
    question = QDialog(outer)
    tabs = QTabWidget()
    layout.addWidget(tabs)
    container = QWidget()
    QVBoxLayout(container).addWidget(Inner())
    tabs.addTab(container, "Tab")
    outer.show()
    field.setFocus()

    assert [page_for(one) for one in (field, inner, other, tabs, None)] == [
        "pulling",
        "pulling",
        "messages",
        "messages",
        CONTENTS,
    ]
    assert page_for(tabs.tabBar()) == "pulling"
    assert page_for(question, outer) == "pulling"
    assert page_for(question) == CONTENTS


async def test_every_pane(whole_window: WholeWindow) -> None:
    """Each part of the window leads to its page."""
    window = whole_window.window
    expected = {
        window.bar: "connections",
        window.setup.applications_pane: "applications",
        window.setup.actions_pane: "actions",
        window.setup.route: "actions",
        window.messages: "messages",
        window.messages.toolbar.search: "filter",
        window.inspector: "inspector",
        window.status: CONTENTS,
        **{
            late.pane: page
            for late, page in zip(
                window.late.all,
                (
                    "listener",
                    "forward-test",
                    "activity",
                    "audit",
                    "health",
                    "timeline",
                    "redelivery",
                ),
                strict=True,
            )
        },
    }

    assert {type(one).__name__: page_for(one) for one in expected} == {
        type(one).__name__: page for one, page in expected.items()
    }
    assert isinstance(whole_window.command("Keyboard shortcuts"), Command)
