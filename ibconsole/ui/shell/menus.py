"""The menu bar, made of commands, and the View menu, which shows panes, tabs and UTC."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QMenu,
    QMenuBar,
    QTabWidget,
    QWidget,
)

from ibconsole.ui.setup import RouteView
from ibconsole.ui.shell.window_state import WindowState
from ibconsole.ui.toolkit import Command, Group, TimeDisplay
from ibconsole.ui.widgets import focus_pane, pane_with_focus

_PANES = {
    "applications": "Applications",
    "configuration": "Configuration",
    "actions": "Actions",
    "route": "Route",
    "traffic": "Messages and the other tabs",
    "inspector": "Inspector",
}


class LetterMenu(QMenu):
    """A menu in which a letter selects the next command that begins with it."""

    # Qt's side

    def keyPressEvent(self, event: QKeyEvent) -> None:
        letter, actions = event.text().casefold(), self.actions()
        active = self.activeAction()
        after = actions.index(active) + 1 if active in actions else 0
        found = (
            one
            for one in (*actions[after:], *actions[:after])
            if letter.isalnum() and one.isEnabled() and one.text().casefold().startswith(letter)
        )
        if action := next(found, None):
            self.setActiveAction(action)
        else:
            super().keyPressEvent(event)


class Menus:
    """The menus of the window, one for each group."""

    def __init__(self, bar: QMenuBar) -> None:
        self._bar = bar
        self._menus: dict[Group, QMenu] = {}
        self._submenus: dict[tuple[Group, str], QMenu] = {}
        self._commands: list[Command] = []
        self._later: list[Callable[[], object]] = []

    @property
    def commands(self) -> Sequence[Command]:
        """All commands, those of `add_later` included."""
        while self._later:
            self._later.pop(0)()
        return self._commands

    def add(self, commands: Iterable[Command], submenu: str = "") -> None:
        """Add commands below the existing ones of their group, after a separator.

        With `submenu` they are added to the submenu of that name instead.
        """
        added = list(commands)
        for group in dict.fromkeys(command.group for command in added):
            menu = self._submenu(group, submenu) if submenu else self._menu(group)
            if menu.actions():
                menu.addSeparator()
            menu.addActions([command for command in added if command.group is group])
        self._commands += added

    def add_later(self, group: Group, build: Callable[[], object]) -> None:
        """Call `build`, which adds commands, before the menu is opened or the commands are read.

        It may be called again after that.
        """
        menu = self._menu(group)
        menu.addSeparator()  # some systems do not open an empty menu
        menu.aboutToShow.connect(build)
        self._later.append(build)

    def arrange(self) -> None:
        """Put the menus into the order of the groups; call it once all commands are added."""
        self._bar.clear()
        for group in Group:
            if group in self._menus:
                self._bar.addMenu(self._menus[group])

    def menu(self, group: Group) -> Sequence[Command]:
        """Return the commands of one menu, in their order."""
        return [command for command in self.commands if command.group is group]

    def _submenu(self, group: Group, name: str) -> QMenu:
        if (group, name) not in self._submenus:
            menu = LetterMenu(name, self._bar)
            menu.setToolTipsVisible(True)
            self._menu(group).addMenu(menu)
            self._submenus[group, name] = menu
        return self._submenus[group, name]

    def _menu(self, group: Group) -> QMenu:
        if group not in self._menus:
            menu = LetterMenu(f"&{group.value}", self._bar)  # the initials differ
            menu.setToolTipsVisible(True)
            self._menus[group] = menu
        return self._menus[group]


class ViewedParts(msgspec.Struct, frozen=True):
    """The parts that the View menu shows and hides: panes by the names in `_PANES`, and tabs."""

    panes: Mapping[str, QWidget]
    route: RouteView
    tabs: QTabWidget
    time_display: TimeDisplay


class ViewCommands(QObject):
    """The commands of the View menu; their state is saved with the window.

    `changed` is emitted when a pane is shown or hidden.
    """

    changed = Signal()

    def __init__(self, parts: ViewedParts, window_state: WindowState, parent: QObject) -> None:
        super().__init__(parent)
        self._parts = parts
        self._window_state = window_state
        self._tabs = tuple(self._tab(number) for number in range(parts.tabs.count()))
        self.utc = self._option("Times in UTC", self._on_utc, on=parts.time_display.utc)
        self._options = {
            name: self._option(f"Show {title.lower()}", self._apply, on=window_state.shows(name))
            for name, title in _PANES.items()
        }
        self._apply()
        # The other windows of the process follow as well.
        parts.time_display.changed.connect(self._on_zone_changed)

    @property
    def commands(self) -> tuple[Command, ...]:
        """All commands in the order of the menu."""
        return (*self._tabs, *self._options.values(), self.utc)

    def show_tab(self, tab: QWidget) -> None:
        """Bring a tab to the front; the lower half is shown if it was hidden."""
        self._show_number(self._parts.tabs.indexOf(tab))

    def shows(self, name: str) -> bool:
        """Return whether this pane is shown: the user has not hidden it."""
        return self._options[name].isChecked()

    def _tab(self, number: int) -> Command:
        name = self._parts.tabs.tabText(number)

        def show() -> None:
            self._show_number(number)
            tab = self._parts.tabs.widget(number)  # built just now, perhaps
            if tab is not None and pane_with_focus((tab,)) is None:
                self._focus_tab(tab)

        return Command(
            f"Go to {name}", Group.VIEW, show, shortcut=f"Ctrl+{number + 1}", parent=self
        )

    def _focus_tab(self, tab: QWidget) -> None:
        """Move the focus into a tab, whose keys the user wants next, but not to a button.

        Space would press it, such as *Stop* of the listener: the name of the tab gets it then.
        """
        focus_pane((tab,), step=1)
        if isinstance(QApplication.focusWidget(), QAbstractButton):
            self._parts.tabs.tabBar().setFocus(Qt.FocusReason.TabFocusReason)

    def _show_number(self, number: int) -> None:
        self._options["traffic"].setChecked(True)
        self._apply()
        self._parts.tabs.setCurrentIndex(number)

    def _option(self, name: str, run: Callable[[], object], *, on: bool) -> Command:
        option = Command(name, Group.VIEW, run, parent=self)
        option.setCheckable(True)
        option.setChecked(on)
        return option

    def _apply(self) -> None:
        for name, option in self._options.items():
            if name in self._parts.panes:
                self._parts.panes[name].setVisible(option.isChecked())
            self._window_state.show(name, on=option.isChecked())
        self._parts.route.set_shown(on=self.shows("route"))
        self.changed.emit()

    def _on_utc(self) -> None:
        self._parts.time_display.show_utc(on=self.utc.isChecked())

    def _on_zone_changed(self) -> None:
        self.utc.setChecked(self._parts.time_display.utc)
