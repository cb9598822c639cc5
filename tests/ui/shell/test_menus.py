from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow, QMenu
from pytestqt.qtbot import QtBot

from ibconsole.ui.shell.menus import LetterMenu, Menus
from ibconsole.ui.toolkit.commands import Command, Group


def test_each_group_of_commands_is_a_menu(
    plain_window: QMainWindow, commands: list[Command]
) -> None:
    """The menus have a fixed order, and their entries are the command objects themselves."""
    menus = Menus(plain_window.menuBar())
    menus.add(commands[:2])
    menus.add(commands[2:])
    menus.arrange()

    assert [action.text() for action in plain_window.menuBar().actions()] == [
        "&Connection",
        "&Setup",
        "&Messages",
    ]
    connection = plain_window.menuBar().actions()[0].menu()
    assert isinstance(connection, QMenu)
    assert [one for one in connection.actions() if not one.isSeparator()] == commands[1:3]
    assert menus.menu(Group.SETUP) == [commands[3]]
    assert menus.commands == commands


def test_a_letter_selects_a_command(qtbot: QtBot) -> None:
    """A letter selects the next command that begins with it; a disabled one is passed over."""
    menu = LetterMenu()
    qtbot.addWidget(menu)
    copy, cut, close, quit_ = (menu.addAction(one) for one in ("Copy", "Cut", "Close", "Quit"))
    cut.setEnabled(False)
    selected = []
    for key in (Qt.Key.Key_C, Qt.Key.Key_C, Qt.Key.Key_C, Qt.Key.Key_Q, Qt.Key.Key_X):
        qtbot.keyClick(menu, key)
        selected.append(menu.activeAction())

    assert selected == [copy, close, copy, quit_, quit_]


def test_a_menu_gets_its_commands_when_it_is_opened(
    plain_window: QMainWindow, commands: list[Command]
) -> None:
    """The menu is there from the start, and has what was added to it when it is shown."""
    menus = Menus(plain_window.menuBar())
    added: list[Command] = []

    def build() -> None:
        if not added:
            added.append(commands[3])
            menus.add(added)

    menus.add_later(Group.SETUP, build)
    menus.arrange()
    [entry] = plain_window.menuBar().actions()
    menu = entry.menu()
    assert isinstance(menu, QMenu)
    assert not added

    menu.popup(plain_window.pos())

    assert menu.actionGeometry(commands[3]).height() > 0
    assert menu.height() >= menu.actionGeometry(commands[3]).bottom()
    menu.close()
    assert list(menus.commands) == added


def test_all_commands_include_later_ones(
    plain_window: QMainWindow, commands: list[Command]
) -> None:
    """A reader of the commands gets those that were to be added later."""
    menus = Menus(plain_window.menuBar())
    menus.add(commands[:1])
    menus.add_later(Group.SETUP, lambda: menus.add(commands[3:]))

    assert list(menus.commands) == [commands[0], *commands[3:]]
    assert list(menus.commands) == [commands[0], *commands[3:]]


def test_commands_of_one_subject_share_a_submenu(
    plain_window: QMainWindow, commands: list[Command]
) -> None:
    """A submenu stands where its first commands were added, and takes later ones, too."""
    menus = Menus(plain_window.menuBar())
    menus.add([commands[1]], "Subject")
    menus.add([commands[2]], "Subject")
    menus.arrange()

    [entry] = plain_window.menuBar().actions()
    menu = entry.menu()
    assert isinstance(menu, QMenu)
    [subject] = [one for one in menu.actions() if not one.isSeparator()]
    assert subject.text() == "Subject"
    submenu = subject.menu()
    assert isinstance(submenu, QMenu)
    assert [one for one in submenu.actions() if not one.isSeparator()] == commands[1:3]
    assert menus.commands == commands[1:3]
