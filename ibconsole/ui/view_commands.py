"""The menu View: which panes are shown, which tab is in front, times in UTC, the colours."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ibconsole.ui.commands import Command, Group
from ibconsole.ui.remembered import Remembered

if TYPE_CHECKING:
    from ibconsole.ui.main_window import MainWindow

_PANES = {
    "applications": "Applications",
    "configuration": "Configuration",
    "actions": "Actions",
    "route": "Route",
    "traffic": "Messages and the other tabs",
    "inspector": "Inspector",
}


class ViewCommands(QObject):
    """What is shown of the window; remembered. `changed` tells that a pane comes or goes."""

    changed = Signal()

    def __init__(self, window: "MainWindow", remembered: Remembered) -> None:
        super().__init__(window)
        self._window = window
        self._remembered = remembered
        self._panes = self._make_panes(window)
        self._tabs = tuple(self._tab(number) for number in range(window.tabs.count()))
        self.utc = self._choice("Times in UTC", self._on_utc, on=window.clock.utc)
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
        self._window.tabs.setCurrentWidget(tab)

    def shows(self, name: str) -> bool:
        """Whether a pane is wanted."""
        return self._choices[name].isChecked()

    def _make_panes(self, window: "MainWindow") -> Mapping[str, QWidget]:
        return {
            "applications": window.setup.applications_pane,
            "configuration": window.setup.configuration_pane,
            "actions": window.setup.actions_pane,
            "traffic": window.traffic,
            "inspector": window.inspector,
        }

    def _tab(self, number: int) -> Command:
        name, tab = self._window.tabs.tabText(number), self._window.tabs.widget(number)
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
            if name in self._panes:
                self._panes[name].setVisible(choice.isChecked())
            self._remembered.show(name, on=choice.isChecked())
        self._window.setup.route.show_at_all(on=self.shows("route"))
        self.changed.emit()

    def _on_utc(self) -> None:
        self._window.clock.show_utc(on=self.utc.isChecked())
