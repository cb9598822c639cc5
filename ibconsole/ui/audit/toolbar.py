"""The controls above the list of calls: the filters on the left, the list on the right."""

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLineEdit, QWidget

from ibconsole.clock import now_ms
from ibconsole.errors import Severity
from ibconsole.services.audit import AuditChoices, AuditFilter
from ibconsole.ui.toolkit import SPACE, ApplicationNames, Command, Theme, icon
from ibconsole.ui.widgets import ElidedComboBox, ElidedLabel, IconButton, set_tone

_DAY_MS = 24 * 3_600_000
PERIODS = {"Any time": 0, "24 hours": 1, "7 days": 7, "30 days": 30, "90 days": 90}
_ALL_ACCOUNTS, _ALL_APPLICATIONS = "All accounts", "All applications"


class AuditToolbar(QFrame):
    """The filters of the list, and buttons for the pane's commands.

    `filter_changed` is emitted with every change; `escaped` asks to leave the search field.
    """

    filter_changed = Signal()
    escaped = Signal()
    newest_requested = Signal()

    def __init__(
        self, theme: Theme, names: ApplicationNames, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, objectName="bar")
        self._theme = theme
        self._names = names
        self._choices = AuditChoices({}, {})
        self._wanted = ""  # an account that is to be chosen once it is known
        self.search = QLineEdit(placeholderText="Filter the audit")
        self.account = ElidedComboBox()
        self.application = ElidedComboBox()
        self.period = QComboBox()
        self.count = ElidedLabel()
        self.unseen = IconButton("chevron-up", "Show the newest", theme)
        self.follow = IconButton("arrow-down-to-line", "Follow", theme, text="Follow")
        self.verify = IconButton("circle-check", "Verify the audit", theme, text="Verify")
        self.export = IconButton("download", "Export the audit", theme, text="Export")
        self._search_action = self.search.addAction(
            icon("search", theme, Severity.MUTED), QLineEdit.ActionPosition.LeadingPosition
        )
        self._set_up()
        self._lay_out()
        self._connect()

    @property
    def chosen(self) -> AuditFilter:
        """The filter as it is at present."""
        days = self.days
        return AuditFilter(
            connection=self.account.currentData() or "",
            application=self.application.currentData() or "",
            since=now_ms() - days * _DAY_MS if days else None,
            text=self.search.text(),
        )

    @property
    def account_id(self) -> str:
        """The UUID of the chosen account; empty for all."""
        return self._wanted or self.account.currentData() or ""

    @property
    def days(self) -> int:
        """The length of the period in days; 0 if any time is shown."""
        return int(self.period.currentData() or 0)

    @property
    def is_filtering(self) -> bool:
        """True if some calls may be left out."""
        chosen = self.chosen
        return bool(chosen.connection or chosen.application or chosen.text.strip() or chosen.since)

    def restore(self, account: str, days: int) -> None:
        """Choose what was chosen the last time, as soon as it is known to exist."""
        self._wanted = account
        number = self.period.findData(days)
        self.period.setCurrentIndex(max(number, 0))
        self.show_choices(self._choices)

    def show_choices(self, choices: AuditChoices) -> None:
        """Offer these accounts and applications; what is chosen stays chosen if it exists."""
        self._choices = choices
        before = self.chosen
        accounts = sorted(choices.accounts.items(), key=lambda one: one[1].casefold())
        wanted = self._wanted if self._wanted in choices.accounts else before.connection
        if wanted == self._wanted:
            self._wanted = ""
        _fill(self.account, _ALL_ACCOUNTS, dict(accounts), wanted)
        self._show_applications()
        if self.chosen.connection != before.connection:
            self.filter_changed.emit()

    def knows(self, connection: str, code: str) -> bool:
        """Return whether a call's account and application can be chosen."""
        known = not connection or connection in self._choices.accounts
        return known and (not code or code in self._choices.codes.get(connection, ()))

    def clear_filter(self) -> None:
        """Show all calls."""
        blockers = [QSignalBlocker(box) for box in (self.account, self.application, self.period)]
        for box in (self.account, self.application, self.period):
            box.setCurrentIndex(0)
        with QSignalBlocker(self.search):
            self.search.clear()
        del blockers
        self._show_applications()
        self.filter_changed.emit()

    def show_count(self, shown: int, *, has_more: bool) -> None:
        """Show how many calls are listed, and whether there are older ones."""
        text = f"{shown:,}{'+' if has_more else ''}" if shown else ""
        self.count.setText(text)
        self.count.setAccessibleName(f"Calls listed: {text or '0'}")
        self.count.setToolTip("Older ones appear at the end of the list." if has_more else "")

    def show_unseen(self, count: int) -> None:
        """Offer to scroll to the new rows above."""
        self.unseen.rename("Show the newest", text=f"{count:,} new")
        self.unseen.setVisible(count > 0)

    def follow_commands(self, *, follow: Command, verify: Command, export: Command) -> None:
        """Connect the buttons to these commands."""
        for button, command in (
            (self.follow, follow),
            (self.verify, verify),
            (self.export, export),
        ):
            button.follow(command)
            button.setCheckable(command.isCheckable())
            command.toggled.connect(button.setChecked)

    def _show_applications(self) -> None:
        account = self.account.currentData()
        lists = self._choices.codes
        found = lists.get(account, ()) if account else [one for of in lists.values() for one in of]
        named = sorted(
            ((code, self._names(code)) for code in dict.fromkeys(found)),
            key=lambda one: one[1].casefold(),
        )
        wanted = self.application.currentData() or ""
        _fill(self.application, _ALL_APPLICATIONS, dict(named), wanted)

    def _on_account_changed(self) -> None:
        self._wanted = ""
        self._show_applications()
        self.filter_changed.emit()

    def _on_escape(self) -> None:
        self.search.clear()
        self.escaped.emit()

    def _tint(self) -> None:
        self._search_action.setIcon(icon("search", self._theme, Severity.MUTED))

    def _connect(self) -> None:
        self.search.textChanged.connect(self.filter_changed)
        self.account.currentIndexChanged.connect(self._on_account_changed)
        for box in (self.application, self.period):
            box.currentIndexChanged.connect(self.filter_changed)
        self.unseen.clicked.connect(self.newest_requested)
        self._names.changed.connect(self._show_applications)
        self._theme.changed.connect(self._tint)
        escape = QShortcut(
            QKeySequence(Qt.Key.Key_Escape),
            self.search,
            context=Qt.ShortcutContext.WidgetShortcut,
        )
        escape.activated.connect(self._on_escape)

    def _set_up(self) -> None:
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Filter the audit")
        self.search.setToolTip("Who, reason, place, address or content (Ctrl+F)")
        self.search.setMinimumWidth(96)
        self.search.setMaximumWidth(280)
        for box, name, first in (
            (self.account, "Account", _ALL_ACCOUNTS),
            (self.application, "Application", _ALL_APPLICATIONS),
        ):
            box.setAccessibleName(name)
            box.setMinimumContentsLength(8)
            box.setMaximumWidth(200)
            _fill(box, first, {}, "")
        self.period.setAccessibleName("Period")
        for name, days in PERIODS.items():
            self.period.addItem(name, days)
        set_tone(self.count, Severity.MUTED)
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.unseen.hide()

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(self.search, 2)
        for box in (self.account, self.application, self.period):
            layout.addWidget(box)
        layout.addWidget(self.count, 1)
        for button in (self.unseen, self.follow, self.verify, self.export):
            layout.addWidget(button)


def _fill(box: QComboBox, first: str, texts: Mapping[str, str], wanted: str) -> None:
    """Offer the texts by their keys, below a first one for all, without a signal."""
    with QSignalBlocker(box):
        box.clear()
        box.addItem(first, "")
        for key, text in texts.items():
            box.addItem(text, key)
        box.setCurrentIndex(max(box.findData(wanted), 0))
