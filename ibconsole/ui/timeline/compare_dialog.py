"""The dialog that shows two setups side by side, and in which both can be chosen."""

from collections.abc import Sequence
from typing import Any

import msgspec
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QListView,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity, UserError
from ibconsole.model import Application
from ibconsole.services.comparison import RowComparison, describe_comparison
from ibconsole.services.console import ComparableAccount, ComparedApplication
from ibconsole.text import mask_code
from ibconsole.ui.comparison import ComparisonView
from ibconsole.ui.toolkit import SPACE, Theme, copy_to_clipboard, one_line
from ibconsole.ui.widgets import (
    ElidedLabel,
    ProgressLine,
    PushButton,
    heading,
)

Index = QModelIndex | QPersistentModelIndex

_SIZE = (900, 520)
_WIDTHS = (104, 120, 116, 250, 0)
_LEAST_COMBO = 24  # characters


class Choice(msgspec.Struct, frozen=True):
    """An application that can be chosen."""

    name: str
    code: str


def list_choices(applications: Sequence[Application]) -> list[Choice]:
    """Return the choices by name; call it off the window's thread, there may be many thousand."""
    choices = [
        Choice(one_line(one.name).strip() or mask_code(one.code), one.code) for one in applications
    ]
    return sorted(choices, key=lambda choice: choice.name.casefold())


class _ChoicesModel(QAbstractListModel):
    """A list that costs nothing until it is opened: items of Qt would take 0.5 s for 50,000."""

    def __init__(self, choices: Sequence[Choice], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choices = choices

    # Qt's side

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._choices)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        choice = self._choices[index.row()]
        roles = {Qt.ItemDataRole.DisplayRole: choice.name, Qt.ItemDataRole.UserRole: choice.code}
        return roles.get(Qt.ItemDataRole(role))


class CompareDialog(QDialog):
    """Shows a comparison; sides that the user can choose have lists of accounts and applications.

    `sides_chosen` carries two `ComparedApplication`s. `account_chosen` carries the number of a side
    and the connection whose applications are asked for.
    """

    sides_chosen = Signal(object, object)
    account_chosen = Signal(int, str)
    refresh_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Compare setups")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE)
        self._comparison: RowComparison | None = None
        self.sides = (SideChooser("left", self), SideChooser("right", self))
        self.progress = ProgressLine(theme)
        self.view = ComparisonView(theme, widths=_WIDTHS)
        self.table, self.banner = self.view.table, self.view.banner
        self.copy = PushButton("Copy as text", theme)
        self.refresh = PushButton("Read again", theme)
        self.close_button = PushButton("Close", theme)
        self._place_parts()
        self._connect()
        self._update()

    @property
    def chosen(self) -> tuple[ComparedApplication | None, ComparedApplication | None]:
        """The applications that are chosen on both sides."""
        return self.sides[0].chosen, self.sides[1].chosen

    def name_sides(self, left: str, right: str) -> None:
        """Compare two fixed things of these names."""
        for side, name in zip(self.sides, (left, right), strict=True):
            side.show_name(name)

    def show_loading(self) -> None:
        """Show that the setups are being read; the former comparison stays, as long as it is."""
        self.progress.set_busy(on=True)
        self.banner.clear()

    def show_comparison(self, comparison: RowComparison | None) -> None:
        """Show a comparison; None while a side is missing."""
        self.progress.set_busy(on=False)
        self._comparison = comparison
        self._update()

    def show_failed(self, error: UserError) -> None:
        """Show why the setups could not be read; what was compared before is gone."""
        self.show_comparison(None)
        self.banner.show_notice(Severity.DANGER, str(error), details=error.details)

    def as_text(self) -> str:
        """Return what is shown as lines for a ticket, cells separated by tabs."""
        left, right = self.sides
        return self.view.as_text(left.name, right.name)

    def _update(self) -> None:
        comparison = self._comparison
        self.copy.setEnabled(comparison is not None)
        self.refresh.setEnabled(all(side.is_chosen for side in self.sides))
        if comparison is None:
            self.view.show_comparison(None, "", "Choose an application on each side.")
            return
        differs = comparison.differences
        outcome = describe_comparison(comparison) if differs else "Both setups are equal."
        self.view.show_comparison(comparison, outcome, "No value differs.")

    def _on_side_changed(self) -> None:
        left, right = self.chosen
        if left and right:
            self.sides_chosen.emit(left, right)
        else:
            self.show_comparison(None)

    def _connect(self) -> None:
        for number, side in enumerate(self.sides):
            side.changed.connect(self._on_side_changed)
            side.account_chosen.connect(
                lambda uuid, number=number: self.account_chosen.emit(number, uuid)
            )
        self.copy.clicked.connect(lambda: copy_to_clipboard(self.as_text()))
        self.refresh.clicked.connect(self.refresh_requested)
        self.close_button.clicked.connect(self.reject)
        self.close_button.setDefault(True)

    def _place_parts(self) -> None:
        sides = QGridLayout()
        sides.setHorizontalSpacing(4 * SPACE)
        for column, side in enumerate(self.sides):
            sides.addWidget(side, 0, column)
            sides.setColumnStretch(column, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * SPACE)
        for button in (self.copy, self.refresh):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        content = QVBoxLayout()
        content.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        content.setSpacing(2 * SPACE)
        content.addWidget(heading("Compare setups"))
        content.addLayout(sides)
        content.addWidget(self.view, 1)
        content.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.progress)
        layout.addLayout(content, 1)


class SideChooser(QWidget):
    """One side: its fixed name, or the account and the application to choose."""

    changed = Signal()
    account_chosen = Signal(str)

    def __init__(self, side: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self.label = ElidedLabel()
        self.account = QComboBox()
        self.application = QComboBox()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self.label)
        for combo, noun in ((self.account, "Account"), (self.application, "Application")):
            combo.setAccessibleName(f"{noun} on the {side}")
            combo.setMinimumContentsLength(_LEAST_COMBO)
            policies = QComboBox.SizeAdjustPolicy
            combo.setSizeAdjustPolicy(policies.AdjustToMinimumContentsLengthWithIcon)
            combo.setPlaceholderText(f"Choose the {noun.lower()} on the {side}")
            layout.addWidget(combo)
        self.label.hide()
        view = QListView()
        view.setUniformItemSizes(True)  # else opening the list measures each item
        self.application.setView(view)
        self.account.activated.connect(self._on_account_activated)
        self.application.activated.connect(lambda _: self.changed.emit())

    @property
    def name(self) -> str:
        """The name of what is compared on this side."""
        if self._name:
            return self._name
        parts = (self.application.currentText(), self.account.currentText())
        return " · ".join(filter(None, parts))

    @property
    def is_chosen(self) -> bool:
        """True if there is something to compare on this side."""
        return bool(self._name or self.chosen)

    @property
    def chosen(self) -> ComparedApplication | None:
        """The application that is chosen; None if none is."""
        code = self.application.currentData()
        return ComparedApplication(self.account.currentData() or "", code) if code else None

    def show_name(self, name: str) -> None:
        """Show a fixed name; nothing can be chosen."""
        self._name = name
        self.label.setText(name)
        self.label.show()
        for combo in (self.account, self.application):
            combo.hide()

    def show_accounts(self, accounts: Sequence[ComparableAccount], current: str) -> None:
        """Offer these accounts, and choose one; of one account alone there is no choice."""
        self.account.clear()
        for account in accounts:
            self.account.addItem(one_line(account.name), account.connection)
        self.account.setCurrentIndex(self.account.findData(current))
        self.account.setVisible(len(accounts) > 1)

    def show_applications(self, choices: Sequence[Choice], chosen: str = "") -> None:
        """Offer these applications, and choose the one with a code, or none."""
        self.application.setModel(_ChoicesModel(choices, self))
        places = (number for number, one in enumerate(choices) if chosen and one.code == chosen)
        self.application.setCurrentIndex(next(places, -1))

    def _on_account_activated(self) -> None:
        self.show_applications(())
        self.account_chosen.emit(self.account.currentData())
