"""The menu bar, made of commands: each group of them is a menu."""

from collections.abc import Iterable, Sequence

from PySide6.QtWidgets import QMenu, QMenuBar

from ibconsole.ui.commands import Command, Group


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
