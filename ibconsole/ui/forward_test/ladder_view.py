"""The ladder as rungs: state, sentence, remedy and time of each, filled while it is climbed."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ibconsole.errors import Severity
from ibconsole.services.forward_test import (
    ForwardTest,
    Ladder,
    Rung,
    RungKind,
    RungState,
)
from ibconsole.ui.forward_test.facts import SEVERITIES
from ibconsole.ui.toolkit import ICON_SIZE, SPACE, Theme, icon, mono_font, one_line, times
from ibconsole.ui.widgets import Banner, ElidedLabel, IconButton, muted, paragraph, set_tone

_KIND_WIDTH = 92
_ICONS = {
    RungState.PASSED: ("circle-check", "ok"),
    RungState.WARNING: ("triangle-alert", "warning"),
    RungState.FAILED: ("circle-x", "danger"),
    RungState.SKIPPED: ("arrow-right", "muted"),
    RungState.NOT_KNOWN: ("info", "info"),
}
_TONES = {
    RungState.PASSED: None,
    RungState.WARNING: Severity.WARNING,
    RungState.FAILED: Severity.DANGER,
    RungState.SKIPPED: Severity.MUTED,
    RungState.NOT_KNOWN: Severity.INFO,
}
_LABELS = {
    RungKind.SYNTAX: "URL",
    RungKind.NAMES: "Name",
    RungKind.ADDRESSES: "Addresses",
    RungKind.CONNECTIONS: "Connection",
    RungKind.TLS: "TLS",
    RungKind.ANSWER: "Answer",
    RungKind.REPEAT: "Repetition",
    RungKind.SENDERS: "Senders",
    RungKind.PARALLEL: "10 at once",
}
_NO_LADDER = "This test was made by an earlier version, which sent one request only."


class LadderView(QScrollArea):
    """A scrollable ladder, under its verdict; a screen reader reads each rung as one text."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.verdict = Banner(theme)
        self.url = ElidedLabel()
        self.vantage = muted("")
        self.rungs: list[RungRow] = []
        self._rows = QVBoxLayout()
        self._lay_out()

    def show_ladder(self, ladder: Ladder) -> None:
        """Show the rungs that a test came to, while it goes on."""
        self.verdict.clear()
        self._show_rungs(ladder)

    def show_test(self, test: ForwardTest) -> None:
        """Show the ladder of a test, and its verdict."""
        ladder = test.ladder or Ladder(test.url, test.at, "")
        counts = ladder.counts if test.ladder else test.verdict.counts
        text = f"{test.verdict.sentence}{_remedy(ladder)}"
        self.verdict.show_notice(SEVERITIES[counts], text, closable=False)
        self._show_rungs(ladder)
        if not test.ladder:
            self.vantage.setText(_NO_LADDER)

    def _show_rungs(self, ladder: Ladder) -> None:
        took = times.duration(ladder.seconds)
        stopped = ", stopped" if ladder.stopped else ""
        self.vantage.setText(one_line(f"Tested {ladder.vantage}, {took}{stopped}"))
        self.url.setText(one_line(ladder.url))  # the field may have another one by now
        while len(self.rungs) < len(ladder.rungs):
            self.rungs.append(RungRow(self._theme))
            self._rows.addWidget(self.rungs[-1])
        for number, row in enumerate(self.rungs):
            if number < len(ladder.rungs):
                row.show_rung(ladder.rungs[number])
            row.setVisible(number < len(ladder.rungs))

    def _lay_out(self) -> None:
        page = QFrame(objectName="surface")
        self.url.setFont(mono_font())
        self.url.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, 0)
        self.vantage.setContentsMargins(3 * SPACE, 0, 3 * SPACE, SPACE)
        self._rows.setSpacing(0)
        self._rows.setContentsMargins(3 * SPACE, 0, 2 * SPACE, 2 * SPACE)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.verdict)
        layout.addWidget(self.url)
        layout.addWidget(self.vantage)
        layout.addLayout(self._rows)
        layout.addStretch(1)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Ladder")
        self.setWidget(page)


def _remedy(ladder: Ladder) -> str:
    """Return what to do about the first cause, if a rung failed, for the verdict."""
    for rung in ladder.rungs:
        if rung.state is RungState.FAILED and rung.cause is ladder.cause and rung.remedy:
            return f" What to do: {rung.remedy}"
    return ""


class RungRow(QWidget):
    """One rung; its details are shown on demand."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rung = Rung(RungKind.SYNTAX, RungState.PASSED, "")
        self.mark = QLabel()
        self.kind = QLabel()
        self.sentence = paragraph()
        self.seconds = muted("")
        self.more = IconButton("chevron-right", "Show details", theme)
        self.remedy = paragraph()
        self.details = paragraph(tone=Severity.MUTED)
        self.more.setCheckable(True)
        self.more.setMaximumHeight(ICON_SIZE + SPACE)
        self.more.toggled.connect(self._on_toggled)
        self._lay_out()
        theme.changed.connect(self._tint)

    def show_rung(self, rung: Rung) -> None:
        """Show a rung; details stay open only for the same one."""
        if rung != self._rung:
            self.more.setChecked(False)
        self._rung = rung
        self.kind.setText(_LABELS[rung.kind])
        self.sentence.setText(one_line(rung.sentence))
        set_tone(self.sentence, _TONES[rung.state])
        self.seconds.setText("" if rung.seconds is None else times.duration(rung.seconds))
        self.remedy.setText(f"What to do: {one_line(rung.remedy)}")
        self.remedy.setVisible(bool(rung.remedy))
        self.details.setText("\n".join(map(one_line, rung.details)))
        self.more.setVisible(bool(rung.details))
        self.setAccessibleName(
            f"{_LABELS[rung.kind]}, {rung.state}: {self.sentence.text()} {rung.remedy}".strip()
        )
        self._tint()

    def _tint(self) -> None:
        name, role = _ICONS[self._rung.state]
        self.mark.setPixmap(icon(name, self._theme, role).pixmap(ICON_SIZE, ICON_SIZE))
        self.mark.setToolTip(str(self._rung.state))

    def _on_toggled(self, on: bool) -> None:
        self.details.setVisible(on)
        self.more.change_icon("chevron-down" if on else "chevron-right")
        self.more.rename("Hide details" if on else "Show details")

    def _lay_out(self) -> None:
        self.kind.setFixedWidth(_KIND_WIDTH)
        self.details.hide()
        top = Qt.AlignmentFlag.AlignTop
        texts = QVBoxLayout()
        texts.setSpacing(SPACE // 2)
        for text in (self.sentence, self.remedy, self.details):
            texts.addWidget(text)
        texts.addStretch(1)
        kept = self.more.sizePolicy()  # so that the times stand below each other
        kept.setRetainSizeWhenHidden(True)
        self.more.setSizePolicy(kept)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, SPACE, 0, SPACE)
        row.setSpacing(2 * SPACE)
        row.addWidget(self.mark, 0, top)
        row.addWidget(self.kind, 0, top)
        row.addLayout(texts, 1)
        row.addWidget(self.seconds, 0, top)
        row.addWidget(self.more, 0, top)
