"""The choices of a ladder: as whom the message is sent, and how often."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from ibconsole.services.forward_test import (
    CURL,
    OURS,
    PLATFORM,
    Comparison,
    LadderPlan,
    Sender,
)
from ibconsole.ui.toolkit import SPACE, plain_tooltip
from ibconsole.ui.widgets import ElidedComboBox, muted

_TOOLTIP = Qt.ItemDataRole.ToolTipRole
_IF_REFUSED = "Posts once; posts as other senders only if the endpoint refuses the message."
_ALL = "Posts the message once for each sender and framing, with the same ID, and compares."


class LadderOptions(QWidget):
    """The sender, the repetition, and ten requests at once, which are asked about before."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._platform = PLATFORM
        self.send_as = ElidedComboBox()
        self.repeat = QCheckBox("Same message twice")
        self.parallel = QCheckBox("10 at once")
        self._lay_out()
        self._fill()
        self.send_as.currentIndexChanged.connect(self.changed)

    @property
    def plan(self) -> LadderPlan:
        """The ladder to climb."""
        _, _, sender, compare = self._choices[max(0, self.send_as.currentIndex())]
        return LadderPlan(
            sender=sender,
            compare=compare,
            repeat=self.repeat.isChecked(),
            parallel=self.parallel.isChecked(),
        )

    def offer_platform(self, sender: Sender) -> None:
        """Use what is known of the platform's requests in place of an assumption."""
        if sender != self._platform:
            self._platform = sender
            self._fill()

    @property
    def _choices(self) -> Sequence[tuple[str, str, Sender, Comparison]]:
        platform = self._platform
        name = platform.label[:1].upper() + platform.label[1:]
        return (
            (f"{name}, others if refused", _IF_REFUSED, platform, Comparison.IF_REFUSED),
            ("All senders, side by side", _ALL, platform, Comparison.ALWAYS),
            (f"{name} only", "Posts once.", platform, Comparison.NEVER),
            ("ibconsole only", "Posts once, as ibconsole.", OURS, Comparison.NEVER),
            ("curl only", "Posts once, as curl does.", CURL, Comparison.NEVER),
        )

    def _fill(self) -> None:
        chosen = max(0, self.send_as.currentIndex())
        self.send_as.clear()
        for number, (text, explanation, _, _) in enumerate(self._choices):
            self.send_as.addItem(text)
            self.send_as.setItemData(number, plain_tooltip(explanation), _TOOLTIP)
        self.send_as.setCurrentIndex(chosen)

    def _lay_out(self) -> None:
        self.send_as.setAccessibleName("Send as")
        self.send_as.setToolTip("The sender that the test imitates")
        self.repeat.setToolTip("Post the message once more, as the platform may do")
        self.parallel.setToolTip("Post the message ten times at once, after a question")
        layout = QGridLayout(self)
        layout.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        layout.setSpacing(SPACE)
        layout.setHorizontalSpacing(2 * SPACE)
        layout.setColumnStretch(2, 1)
        layout.addWidget(muted("Send as"), 0, 0)
        layout.addWidget(self.send_as, 0, 1, 1, 2)
        layout.addWidget(self.repeat, 1, 1)
        layout.addWidget(self.parallel, 1, 2)
