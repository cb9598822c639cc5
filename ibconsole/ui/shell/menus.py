"""The menu bar, made of commands; and the View menu, which shows panes, tabs and UTC."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QMenuBar, QTabWidget, QWidget

from ibconsole.ui.setup import RouteView
from ibconsole.ui.shell.window_state import WindowState
from ibconsole.ui.toolkit import Clock, Command, Group


class Menus:
    """Every command of the window, in its menu; `commands` is what the palette lists."""

    def __init__(self, bar: QMenuBar) -> None:
        self._bar = bar
        self._menus: dict[Group, QMenu] = {}
        self.commands: list[Command] = []

    def add(self, commands: Iterable[Command]) -> None:
        """Offer these, too, below those of the same group that are there already."""
        fresh = list(commands)
        for group in dict.fromkeys(command.group for command in fresh):
            menu = self._menu(group)
            if menu.actions():
                menu.addSeparator()
            menu.addActions([command for command in fresh if command.group is group])
        self.commands += fresh

    def arrange(self) -> None:
        """Put the menus into the order of the groups, once all commands are there."""
        self._bar.clear()
        for group in Group:
            if group in self._menus:
                self._bar.addMenu(self._menus[group])

    def menu(self, group: Group) -> Sequence[Command]:
        """The commands of one menu, in order."""
        return [command for command in self.commands if command.group is group]

    def _menu(self, group: Group) -> QMenu:
        if group not in self._menus:
            menu = QMenu(group.value, self._bar)
            menu.setToolTipsVisible(True)
            self._menus[group] = menu
        return self._menus[group]


_PANES = {
    "applications": "Applications",
    "configuration": "Configuration",
    "actions": "Actions",
    "route": "Route",
    "traffic": "Messages and the other tabs",
    "inspector": "Inspector",
}


@dataclass(frozen=True, slots=True)
class Viewed:
    """What the View menu shows and hides: panes by the names in `_PANES`, and the tabs."""

    panes: Mapping[str, QWidget]
    route: RouteView
    tabs: QTabWidget
    clock: Clock


class ViewCommands(QObject):
    """What is shown of the window; remembered. `changed` tells that a pane comes or goes."""

    changed = Signal()

    def __init__(self, viewed: Viewed, remembered: WindowState, parent: QObject) -> None:
        super().__init__(parent)
        self._viewed = viewed
        self._remembered = remembered
        self._tabs = tuple(self._tab(number) for number in range(viewed.tabs.count()))
        self.utc = self._choice("Times in UTC", self._on_utc, on=viewed.clock.utc)
        self._choices = {
            name: self._choice(f"Show {words.lower()}", self._apply, on=remembered.shows(name))
            for name, words in _PANES.items()
        }
        self._apply()

    @property
    def commands(self) -> tuple[Command, ...]:
        """All of them, in the order of the menu."""
        return (*self._tabs, *self._choices.values(), self.utc)

    def show_tab(self, tab: QWidget) -> None:
        """Bring a tab to the front, wherever it is."""
        self._choices["traffic"].setChecked(True)
        self._apply()
        self._viewed.tabs.setCurrentWidget(tab)

    def shows(self, name: str) -> bool:
        """Whether a pane is wanted."""
        return self._choices[name].isChecked()

    def _tab(self, number: int) -> Command:
        name, tab = self._viewed.tabs.tabText(number), self._viewed.tabs.widget(number)
        assert tab is not None, "numbers are those of tabs"  # noqa: S101

        def show() -> None:
            self.show_tab(tab)

        return Command(
            f"Go to {name}", Group.VIEW, show, shortcut=f"Ctrl+{number + 1}", parent=self
        )

    def _choice(self, name: str, run: object, *, on: bool) -> Command:
        assert callable(run)  # noqa: S101 a method of this class
        choice = Command(name, Group.VIEW, run, parent=self)
        choice.setCheckable(True)
        choice.setChecked(on)
        return choice

    def _apply(self) -> None:
        for name, choice in self._choices.items():
            if name in self._viewed.panes:
                self._viewed.panes[name].setVisible(choice.isChecked())
            self._remembered.show(name, on=choice.isChecked())
        self._viewed.route.set_shown(on=self.shows("route"))
        self.changed.emit()

    def _on_utc(self) -> None:
        self._viewed.clock.show_utc(on=self.utc.isChecked())
