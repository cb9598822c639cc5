"""The list of what was changed on a connection, from which an act is undone."""

from collections.abc import Sequence
from datetime import tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.services.setup.plans import SetupAct
from ibconsole.ui.tables import Column, RecordsModel, RecordsTable
from ibconsole.ui.toolkit import SPACE, Theme, brief, one_line, times
from ibconsole.ui.widgets import (
    Banner,
    BannerOverlay,
    ButtonKind,
    ElidedLabel,
    ProgressLine,
    PushButton,
    heading,
    muted,
    paragraph,
)

_SIZE = (860, 480)
_NONE = "Nothing was changed on this connection with ibconsole, as far as this archive knows."
_WHAT = 2


class ActsDialog(QDialog):
    """The acts of a connection, the newest first; Enter opens the plan that undoes one.

    `undo_requested` carries an act.
    """

    undo_requested = Signal(SetupAct)

    def __init__(
        self, account: str, theme: Theme, zone: tzinfo | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Undo an earlier change")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE)
        self._account = account
        self.filter = QLineEdit(placeholderText="Filter by text", clearButtonEnabled=True)
        self.filter.setAccessibleName("Filter the changes")
        self.line = ProgressLine(theme)
        self.table = RecordsTable(
            RecordsModel(_columns(zone), lambda act: act.id, self, search=_searched),
            stretch=_WHAT,
            optional=(1,),
        )
        self.table.setAccessibleName("Changes")
        self.table.set_widths(132, 120, 0, 130, by_content=True)
        self.banner = Banner(theme)
        self.reason = paragraph(tone=Severity.MUTED)
        self.undo = PushButton("Undo…", theme, kind=ButtonKind.PRIMARY)
        self.close_button = PushButton("Close", theme)
        self.filter.textChanged.connect(self.table.filter)
        self.table.selection_changed.connect(self._update)
        self.table.doubleClicked.connect(self._on_undo)
        self.undo.clicked.connect(self._on_undo)
        self.close_button.clicked.connect(self.reject)
        self._lay_out()
        self._update()

    def show_reading(self) -> None:
        """Show that the acts are read."""
        self.line.set_busy(on=True)

    def show_acts(self, acts: Sequence[SetupAct]) -> None:
        """Show the acts, and select the newest that can be undone."""
        self.line.set_busy(on=False)
        self.table.placeholder = _NONE
        self.table.show_records(acts)
        chosen = next((act for act in acts if act.can_be_undone), acts[0] if acts else None)
        if chosen:
            self.table.select_records(chosen.id)
        self.table.setFocus()
        self._update()

    def show_failed(self, error: UserError) -> None:
        """Show why there is no list."""
        self.line.set_busy(on=False)
        sentence, details = brief(error, sentences=2)
        self.banner.show_notice(Severity.DANGER, sentence, details=details, closable=False)

    def _update(self) -> None:
        act: SetupAct | None = self.table.selected_record
        can = act is not None and act.can_be_undone
        self.undo.setEnabled(can)
        self.undo.setDefault(can)
        self.close_button.setDefault(not can)
        self.reason.setText("" if act is None or can else act.reason)

    def _on_undo(self) -> None:
        if self.undo.isEnabled():
            self.undo_requested.emit(self.table.selected_record)

    def _lay_out(self) -> None:
        account = QHBoxLayout()
        account.setSpacing(2 * SPACE)
        account.addWidget(muted("Account"))
        account.addWidget(ElidedLabel(self._account), 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * SPACE)
        buttons.addWidget(self.reason, 1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.undo)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(heading("Undo an earlier change"))
        layout.addLayout(account)
        layout.addWidget(self.filter)
        layout.addWidget(self.line)
        layout.addWidget(BannerOverlay(self.table, self.banner, elastic=self.table), 1)
        layout.addLayout(buttons)


def _columns(zone: tzinfo | None) -> Sequence[Column[SetupAct]]:
    return (
        Column(
            "When",
            lambda act: times.column_time(act.at, zone),
            tooltip=lambda act: times.exact(act.at, zone),
            sort_key=lambda act: -act.at,  # the newest first
        ),
        Column("Who", lambda act: one_line(act.user), tooltip=lambda act: one_line(act.place)),
        Column("What", lambda act: one_line(act.what), tooltip=lambda act: one_line(act.what)),
        Column("State", lambda act: act.state.value, tooltip=lambda act: act.reason),
    )


def _searched(act: SetupAct) -> str:
    return "\n".join((act.what, act.user, act.place, act.state.value))
