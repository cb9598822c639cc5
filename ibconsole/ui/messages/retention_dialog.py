"""The dialog of the retention policy, with a preview of what it would delete."""

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity, UserError
from ibconsole.services.messages import RetentionPolicy, RetentionPreview, describe_preview
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import (
    Banner,
    BannerOverlay,
    ButtonKind,
    PushButton,
    button_row,
    heading,
    paragraph,
    set_tone,
)

_WIDTH = 520
_PREVIEW_HEIGHT = 16 * SPACE  # three lines, so that the buttons stay where they are
_SETTLE_MS = 300
_MB = 1_000_000
_EXPLANATION = (
    "Without a limit everything is kept. Messages beyond a limit are deleted permanently, the"
    " oldest first: now, and every hour while this program is open."
)


class RetentionDialog(QDialog):
    """Asks for limits; a policy can be chosen only after its preview was shown.

    `fixed` is a sentence on why the limits cannot be changed; it is empty if they can be.
    `preview_requested` asks for what a policy would delete; `apply_requested` carries the answer.
    """

    preview_requested = Signal(RetentionPolicy)
    apply_requested = Signal(RetentionPolicy)

    def __init__(
        self,
        policy: RetentionPolicy,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        fixed: str = "",
    ) -> None:
        super().__init__(parent)
        self.fixed = paragraph(fixed)
        self.fixed.setVisible(bool(fixed))
        self.setWindowTitle("Retention")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.days = _Limit("Days at most", policy.days, 90, 36_500)
        self.count = _Limit("Messages at most", policy.count, 1_000_000, 2_000_000_000)
        size = None if policy.size is None else policy.size // _MB
        self.size_mb = _Limit("Megabytes at most", size, 1_000, 2_000_000_000)
        self.banner = Banner(theme)
        self.preview = paragraph()
        self.proceed = PushButton("Apply", theme, kind=ButtonKind.PRIMARY)
        self.cancel = PushButton("Cancel", theme)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._lay_out()
        for limit in (self.days, self.count, self.size_mb):
            limit.changed.connect(self._on_changed)
            if fixed:
                limit.fix(fixed)
        self._settle.timeout.connect(self._on_settled)
        self.proceed.clicked.connect(self._on_proceed)
        self.cancel.clicked.connect(self.reject)
        self._on_changed()

    @property
    def policy(self) -> RetentionPolicy:
        """The policy as the dialog shows it."""
        size = self.size_mb.value
        return RetentionPolicy(
            self.days.value, self.count.value, None if size is None else size * _MB
        )

    def show_preview(self, policy: RetentionPolicy, preview: RetentionPreview) -> None:
        """Show what the policy would delete; ignore the preview of a policy no longer shown."""
        if policy != self.policy:
            return
        self.preview.setText(describe_preview(preview))
        set_tone(self.preview, Severity.DANGER if preview.deliveries else None)
        self.proceed.setText("Delete now" if preview.deliveries else "Apply")
        self.proceed.setEnabled(True)

    def show_failed(self, error: UserError) -> None:
        """Show that there is no preview, and why; nothing can be chosen then."""
        self.preview.setText("")
        self.banner.show_notice(Severity.DANGER, str(error), details=error.details, closable=False)

    def _on_changed(self) -> None:
        self.proceed.setEnabled(False)
        self.banner.clear()
        self.preview.setText("Checking what would be deleted…")
        set_tone(self.preview, None)
        self._settle.start()

    def _on_settled(self) -> None:
        self.preview_requested.emit(self.policy)

    def _on_proceed(self) -> None:
        self.apply_requested.emit(self.policy)
        self.accept()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(3 * SPACE)
        form.setVerticalSpacing(2 * SPACE)
        for limit in (self.days, self.count, self.size_mb):
            form.addRow(limit.box, limit.number)
        buttons = button_row(self.cancel, self.proceed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 5 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(3 * SPACE)
        layout.addWidget(heading("Retention"))
        layout.addWidget(paragraph(_EXPLANATION))
        layout.addWidget(self.fixed)
        layout.addLayout(form)
        self.preview.setMinimumHeight(_PREVIEW_HEIGHT)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout.addWidget(BannerOverlay(self.preview, self.banner))
        layout.addLayout(buttons)
        self.setMinimumWidth(_WIDTH)
        self.cancel.setDefault(True)


class _Limit(QObject):
    """A limit that is set or not: a check box and a number."""

    changed = Signal()

    def __init__(self, name: str, value: int | None, default: int, maximum: int) -> None:
        super().__init__()
        self.box = QCheckBox(name)
        self.number = QSpinBox(
            minimum=0, maximum=maximum, value=default if value is None else value
        )
        self.number.setGroupSeparatorShown(True)
        self.number.setAccessibleName(name)
        self.number.setMaximumWidth(40 * SPACE)
        self.box.setChecked(value is not None)
        self.number.setEnabled(value is not None)
        self.box.toggled.connect(self.number.setEnabled)
        self.box.toggled.connect(self._on_edited)
        self.number.valueChanged.connect(self._on_edited)

    @property
    def value(self) -> int | None:
        return self.number.value() if self.box.isChecked() else None

    def fix(self, why: str) -> None:
        """Disable both, and say why in their tooltips."""
        for part in (self.box, self.number):
            part.setEnabled(False)
            part.setToolTip(why)

    def _on_edited(self) -> None:
        self.changed.emit()
