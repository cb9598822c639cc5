"""The dialog that chooses what is watched of a connection or of an application."""

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity
from ibconsole.services.connections import Watch
from ibconsole.services.runtime import AlarmKind
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import (
    ButtonKind,
    PushButton,
    button_row,
    heading,
    paragraph,
    tab_to_checked,
)

_WIDTH = 520
_MINUTES = 30
_KINDS = {
    AlarmKind.SILENCE: "Nothing arrives, while something used to at this time",
    AlarmKind.ERROR: "The listener answers a forward with an error",
    AlarmKind.PENDING: "The number of waiting messages grows with each pull",
    AlarmKind.SOURCE: "The listener, the pull or the archive of this computer stops",
    AlarmKind.CERTIFICATE: "A certificate of a forward URL expires within 21 days",
}
_EXPLANATION = (
    "A problem is shown in the status bar until it ends. Nothing is pulled for this: only what has"
    " arrived, and the answers to your own pulls, are looked at."
)
_CERTIFICATES = (
    "Once a day the hosts of the forward URLs are connected to, without any request, once the"
    " health of all applications is known."
)


class WatchDialog(QDialog):
    """Asks for the kinds of trouble, the minutes of silence, and whether to notify.

    `saved` carries the answer. `notification_problem` says why the system can show no
    notification; empty if it can.
    """

    saved = Signal(Watch)

    def __init__(
        self,
        chosen: Watch,
        name: str,
        notification_problem: str,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        title = "Watch the application" if chosen.application else "Watch the connection"
        self.setWindowTitle(title)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._chosen = chosen
        self._title = f"{title}: {name}"
        self._notification_problem = notification_problem
        self.kinds = {kind: QCheckBox(text) for kind, text in _KINDS.items()}
        self.learned = QRadioButton("unusually long, by the rhythm of the archive")
        self.given = QRadioButton("for")
        self.minutes = QSpinBox(minimum=1, maximum=100_000, value=chosen.minutes or _MINUTES)
        self.notify = QCheckBox("Show a notification of the system, with nothing of any message")
        self.save = PushButton("Watch", theme, kind=ButtonKind.PRIMARY)
        self.cancel = PushButton("Cancel", theme)
        self._show_choice()
        self._lay_out()
        self.given.toggled.connect(self._update)
        for box in self.kinds.values():
            box.toggled.connect(self._update)
        self.save.clicked.connect(self._on_save)
        self.cancel.clicked.connect(self.reject)
        self._update()

    @property
    def choice(self) -> Watch:
        """The choice as the dialog shows it."""
        kinds = tuple(str(kind) for kind, box in self.kinds.items() if box.isChecked())
        return replace(
            self._chosen,
            kinds=kinds,
            minutes=self.minutes.value() if self.given.isChecked() else None,
            notify=self.notify.isChecked(),
        )

    def _show_choice(self) -> None:
        chosen = self._chosen
        for kind, box in self.kinds.items():
            default = kind is not AlarmKind.CERTIFICATE
            box.setChecked(default if not chosen.kinds else kind in chosen.kinds)
        if chosen.kinds == () and not chosen.application:  # the user has switched it off
            for box in self.kinds.values():
                box.setChecked(False)
        self.given.setChecked(chosen.minutes is not None)
        self.learned.setChecked(chosen.minutes is None)
        self.given.setAccessibleName("for a number of minutes")
        self.minutes.setSuffix(" min")
        self.minutes.setGroupSeparatorShown(True)
        self.minutes.setAccessibleName("Minutes without a message")
        self.notify.setChecked(chosen.notify)
        if self._notification_problem:
            self.notify.setEnabled(chosen.notify)

    def _update(self) -> None:
        silence = self.kinds[AlarmKind.SILENCE].isChecked()
        for choice in (self.learned, self.given):
            choice.setEnabled(silence)
        self.minutes.setEnabled(silence and self.given.isChecked())
        watched = any(box.isChecked() for box in self.kinds.values())
        self.save.setText("Watch" if watched else "Stop watching")
        self.save.setAccessibleName(self.save.text())

    def _on_save(self) -> None:
        self.saved.emit(self.choice)
        self.accept()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 5 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(heading(self._title))
        layout.addWidget(paragraph(_EXPLANATION))
        for kind, box in self.kinds.items():
            layout.addWidget(box)
            if kind is AlarmKind.SILENCE:
                layout.addLayout(self._silence_row())
        layout.addWidget(_indented(paragraph(_CERTIFICATES, tone=Severity.MUTED)))
        layout.addSpacing(2 * SPACE)
        layout.addWidget(self.notify)
        if self._notification_problem:
            layout.addWidget(_indented(paragraph(self._notification_problem, tone=Severity.MUTED)))
        buttons = button_row(self.cancel, self.save)
        layout.addSpacing(2 * SPACE)
        layout.addLayout(buttons)
        self.setMinimumWidth(_WIDTH)
        self.save.setDefault(True)
        tab_to_checked(self.learned, self.given)

    def _silence_row(self) -> QVBoxLayout:
        given = QHBoxLayout()
        given.addWidget(self.given)
        given.addWidget(self.minutes)
        given.addStretch(1)
        rows = QVBoxLayout()
        rows.setContentsMargins(6 * SPACE, 0, 0, 0)
        rows.addWidget(self.learned)
        rows.addLayout(given)
        return rows


def _indented(widget: QWidget) -> QWidget:
    widget.setContentsMargins(6 * SPACE, 0, 0, 0)
    return widget
