"""How much of what was received is kept, and what would go, before anything does."""

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ibconsole.services.messages import RetentionPolicy, RetentionPreview, describe_preview
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import Kind, PushButton, heading, paragraph, set_tone

_WIDTH = 520
_CALM_MS = 300
_MB = 1_000_000
_MEANS = (
    "Without a bound everything is kept. What is beyond one is deleted for good, the oldest"
    " first: now, and every hour while this program is open."
)


class RetentionDialog(QDialog):
    """`preview_wanted` asks for what would go; nothing is accepted before that was shown."""

    preview_wanted = Signal(RetentionPolicy)
    chosen = Signal(RetentionPolicy)

    def __init__(self, keep: RetentionPolicy, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("How much is kept")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.days = _Bound("Days at most", keep.days, 90, 36_500)
        self.count = _Bound("Messages at most", keep.count, 1_000_000, 2_000_000_000)
        size = None if keep.size is None else keep.size // _MB
        self.size_mb = _Bound("Megabytes at most", size, 1_000, 2_000_000_000)
        self.preview = paragraph()
        self.proceed = PushButton("Keep it so", theme, kind=Kind.PRIMARY)
        self.cancel = PushButton("Cancel", theme)
        self._calm = QTimer(self, singleShot=True, interval=_CALM_MS)
        self._lay_out()
        for bound in (self.days, self.count, self.size_mb):
            bound.changed.connect(self._on_changed)
        self._calm.timeout.connect(self._on_calm)
        self.proceed.clicked.connect(self._on_proceed)
        self.cancel.clicked.connect(self.reject)
        self._on_changed()

    @property
    def keep(self) -> RetentionPolicy:
        """What is chosen at the moment."""
        size = self.size_mb.value
        return RetentionPolicy(
            self.days.value, self.count.value, None if size is None else size * _MB
        )

    def show_leaving(self, keep: RetentionPolicy, leaving: RetentionPreview) -> None:
        """Say what would go; an answer about what is chosen no more is passed over."""
        if keep != self.keep:
            return
        self.preview.setText(describe_preview(leaving))
        set_tone(self.preview, "danger" if leaving.deliveries else "")
        self.proceed.setText("Delete them now" if leaving.deliveries else "Keep it so")
        self.proceed.setEnabled(True)

    def show_failed(self, sentence: str) -> None:
        """What would go cannot be said, so nothing can be chosen."""
        self.preview.setText(sentence)
        set_tone(self.preview, "danger")

    def _on_changed(self) -> None:
        self.proceed.setEnabled(False)
        self.preview.setText("Looking what would be deleted…")
        set_tone(self.preview, "")
        self._calm.start()

    def _on_calm(self) -> None:
        self.preview_wanted.emit(self.keep)

    def _on_proceed(self) -> None:
        self.chosen.emit(self.keep)
        self.accept()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(3 * SPACE)
        form.setVerticalSpacing(2 * SPACE)
        for bound in (self.days, self.count, self.size_mb):
            form.addRow(bound.box, bound.number)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * SPACE)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.proceed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 5 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(3 * SPACE)
        layout.addWidget(heading("How much is kept"))
        layout.addWidget(paragraph(_MEANS))
        layout.addLayout(form)
        layout.addWidget(self.preview)
        layout.addLayout(buttons)
        self.setMinimumWidth(_WIDTH)
        self.cancel.setDefault(True)


class _Bound(QObject):
    """A bound that is set or not."""

    changed = Signal()

    def __init__(self, name: str, value: int | None, default: int, most: int) -> None:
        super().__init__()
        self.box = QCheckBox(name)
        self.number = QSpinBox(minimum=0, maximum=most, value=default if value is None else value)
        self.number.setGroupSeparatorShown(True)
        self.number.setAccessibleName(name)
        self.number.setMaximumWidth(40 * SPACE)
        self.box.setChecked(value is not None)
        self.number.setEnabled(value is not None)
        self.box.toggled.connect(self.number.setEnabled)
        self.box.toggled.connect(self._tell)
        self.number.valueChanged.connect(self._tell)

    @property
    def value(self) -> int | None:
        return self.number.value() if self.box.isChecked() else None

    def _tell(self) -> None:
        self.changed.emit()
