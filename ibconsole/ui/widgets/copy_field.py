"""A key, code or URL that can be read and copied."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ibconsole.text import mask_code
from ibconsole.ui.toolkit import SPACE, CodeDisplay, Theme, copy_to_clipboard, mono_font
from ibconsole.ui.widgets.buttons import IconButton
from ibconsole.ui.widgets.elided_label import ElidedLabel


class CopyField(QWidget):
    """A value in monospace, elided in the middle, with a button that copies all of it.

    A secret is masked until it is revealed, and never shown in the tooltip. Showing another
    value masks it again. Where `codes` stay masked, a secret is neither revealed nor copied.
    """

    ACKNOWLEDGED_MS = 1500

    def __init__(
        self,
        name: str,
        theme: Theme,
        *,
        secret: bool = False,
        codes: CodeDisplay | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._codes = codes or CodeDisplay(self)
        self._name = name
        self._secret = secret
        self._value = ""
        self.label = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.label.setFont(mono_font())
        self.label.enable_tooltip(on=not secret)
        self.copy = IconButton("copy", f"Copy {name}", theme)
        self.reveal = IconButton("eye", f"Show {name}", theme)
        self.reveal.setCheckable(True)
        self._timer = QTimer(self, singleShot=True, interval=self.ACKNOWLEDGED_MS)
        self._lay_out()
        self.copy.clicked.connect(self._on_copy_clicked)
        self.reveal.toggled.connect(self._on_reveal_toggled)
        self._timer.timeout.connect(self._on_acknowledged)
        if secret:
            self._codes.changed.connect(self._follow_policy)
            self._follow_policy()

    @property
    def value(self) -> str:
        """The whole value."""
        return self._value

    def show_value(self, value: str) -> None:
        """Show a value; a dash if it is empty."""
        if value != self._value:
            self.reveal.setChecked(False)
        self._value = value
        self.copy.setEnabled(bool(value))
        self.reveal.setEnabled(bool(value))
        self._show()

    def _follow_policy(self) -> None:
        for button in (self.reveal, self.copy):
            button.lock(self._codes.why_masked)

    def _show(self) -> None:
        hidden = self._secret and not self._codes.reveals(wanted=self.reveal.isChecked())
        shown = mask_code(self._value) if hidden else self._value
        self.label.setText(shown or "\N{EN DASH}")
        self.label.setAccessibleName(f"{self._name}: {shown or 'none'}")

    def _on_copy_clicked(self) -> None:
        copy_to_clipboard(self._codes.code(self._value) if self._secret else self._value)
        self.copy.change_icon("check")
        self._timer.start()

    def _on_acknowledged(self) -> None:
        self.copy.change_icon("copy")

    def _on_reveal_toggled(self, revealed: bool) -> None:
        self.reveal.change_icon("eye-off" if revealed else "eye")
        self.reveal.rename(f"{'Hide' if revealed else 'Show'} {self._name}")
        self._show()

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE // 2)
        layout.addWidget(self.label, 1)
        layout.addWidget(self.reveal)
        layout.addWidget(self.copy)
        self.reveal.setVisible(self._secret)  # without a parent it would be a window
