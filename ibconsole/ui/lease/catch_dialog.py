"""The dialog that borrows a route: for how long, at which address, and what that creates."""

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity
from ibconsole.plural import counted
from ibconsole.services.forward_test import UrlContext, UrlFault, url_remarks
from ibconsole.services.setup.lease import DEFAULT_LEASE_MINUTES, LONGEST_LEASE_MINUTES
from ibconsole.services.tunnels import AddressCheck, Tunnel
from ibconsole.ui.toolkit import SPACE, Theme, mono_font
from ibconsole.ui.widgets import (
    Banner,
    ButtonKind,
    ProductionFrame,
    ProgressLine,
    PushButton,
    fit_height,
    heading,
    muted,
    paragraph,
    set_tone,
)

_WIDTH = 600
_MOST_LISTED = 3
_STAYS = (
    "It is removed after that time, when you end it, and when this window or the connection is"
    " closed. After a crash the next start removes it."
)
_TO_ALL = "Whether the platform posts each message to every action is not documented."
_NO_TUNNEL = (
    "No running cloudflared or ngrok was found. Start one that leads to port {}, or type the public"
    " address of this computer."
)
_UNDER_WAY = "The request is on its way to the platform and cannot be taken back."
# The address is used for minutes, and its path is added to it.
_NOT_SAID = {UrlFault.TUNNEL, UrlFault.NO_PATH}


class CatchContext(msgspec.Struct, frozen=True):
    """The application whose messages are to be caught, and what the dialog needs to know.

    `actions` describes the customer's actions, None if they were not read; without
    `has_configuration` the application has none. `port` is that of the listener. `remembered` is
    the address that was typed last.
    """

    application: str
    account: str
    environment: str = ""
    actions: Sequence[str] | None = None
    has_configuration: bool = True
    is_sandbox: bool = False
    port: int = 0
    remembered: str = ""

    @property
    def loopback(self) -> str:
        """The address of the listener on this computer."""
        return f"http://127.0.0.1:{self.port}"


class CatchRequest(msgspec.Struct, frozen=True):
    """The wish of the user; `despite` a check that found that nothing arrives.

    `is_typed` is true unless the address is that of the listener, or of a running tunnel.
    """

    address: str
    minutes: int
    despite: bool = False
    is_typed: bool = False

    @property
    def base(self) -> str:
        """The address, to which a path can be added."""
        return self.address.rstrip("/")


class CatchDialog(QDialog):
    """Asks for minutes and address; stays open until its owner calls `finish`."""

    check_requested = Signal(CatchRequest)
    catch_requested = Signal(CatchRequest)

    def __init__(self, context: CatchContext, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._tunnels: dict[str, Tunnel] = {}
        self._sought = self._busy = self._under_way = self._typed = False
        self._failed_for = ""  # the address at which nothing arrives
        self.setWindowTitle("Catch messages here")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.banner = Banner(theme)
        self.progress = ProgressLine(theme)
        self.minutes = QSpinBox(
            minimum=1, maximum=LONGEST_LEASE_MINUTES, value=DEFAULT_LEASE_MINUTES, suffix=" min"
        )
        self.address = QComboBox(editable=True, insertPolicy=QComboBox.InsertPolicy.NoInsert)
        self.remark = paragraph()
        self.effect = paragraph()
        self.check = PushButton("Check the address", theme)
        self.cancel = PushButton("Cancel", theme)
        self.submit = PushButton("", theme, kind=ButtonKind.PRIMARY)
        self.frame = ProductionFrame(self, theme)
        self._set_up()
        self._lay_out()
        self._connect()
        self._fill_addresses()
        self.frame.show_environment(context.environment)
        self.submit.setFocus()

    @property
    def request(self) -> CatchRequest:
        """The wish as the dialog shows it."""
        address = self.address.currentText().strip()
        despite = bool(address) and address == self._failed_for
        is_typed = address not in {self._context.loopback, *self._tunnels}
        return CatchRequest(address, self.minutes.value(), despite, is_typed)

    def show_tunnels(self, tunnels: Sequence[Tunnel]) -> None:
        """Offer the tunnels that were found; one that leads to the listener is chosen."""
        self._sought = True
        self._tunnels = {one.url: one for one in tunnels}
        self._fill_addresses()

    def show_busy(self, sentence: str, *, under_way: bool = False) -> None:
        """Show what is being done; a request that is `under_way` cannot be taken back."""
        self._under_way = under_way
        self._set_busy(on=True)
        self.banner.show_notice(Severity.INFO, sentence, closable=False)

    def show_check(self, check: AddressCheck) -> None:
        """Show what was found at the address; where nothing arrives, going on is a choice."""
        self._set_busy(on=False)
        remarks = "\n".join(one.sentence for one in check.remarks)
        self._failed_for = "" if check.arrived else self.request.address
        self.banner.show_notice(check.severity, check.sentence, details=remarks, closable=False)
        self._update()

    def show_failed(self, sentence: str, details: str = "") -> None:
        """Show why nothing is caught; the dialog can be tried again."""
        self._set_busy(on=False)
        self.banner.show_notice(Severity.DANGER, sentence, details=details, closable=False)

    def finish(self) -> None:
        """Close the dialog: messages are caught."""
        self._set_busy(on=False)
        self.accept()

    # Qt's side

    def reject(self) -> None:
        if self._under_way:
            self.banner.show_notice(Severity.INFO, _UNDER_WAY, closable=False)
            return
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._under_way:
            event.ignore()
            self.reject()
            return
        super().closeEvent(event)

    def _fill_addresses(self) -> None:
        """List the addresses, the most likely one first, and choose it unless one was typed."""
        context, before = self._context, self.address.currentText()
        fitting = [url for url, one in self._tunnels.items() if one.port == context.port]
        others = [url for url in self._tunnels if url not in fitting]
        loopback = [context.loopback] if context.is_sandbox else []
        remembered = [context.remembered] if context.remembered else []
        addresses = list(dict.fromkeys((*loopback, *fitting, *remembered, *others)))
        likely = next(iter((*loopback, *fitting, *remembered)), "")
        self.address.clear()
        self.address.addItems(addresses)
        self.address.setCurrentText(before if self._typed else likely)
        self._update()

    def _update(self) -> None:
        request = self.request
        minutes = counted(request.minutes, "minute")
        verb = "Catch anyway" if request.despite else "Catch"
        self.submit.setText(f"{verb} for {minutes}")
        self.submit.setAccessibleName(self.submit.text())
        usable, tone, sentence = self._describe_address(request.address)
        self.remark.setText(sentence or " ")
        set_tone(self.remark, tone)
        for button in (self.check, self.submit):
            button.setEnabled(usable and not self._busy)
        self.effect.setText(_describe_effect(self._context, minutes))

    def _describe_address(self, address: str) -> tuple[bool, Severity | None, str]:
        """Return whether it can be used, a tone, and a sentence about it."""
        if not address:
            port = self._context.port
            sentence = _NO_TUNNEL.format(port) if self._sought else "Looking for tunnels…"
            return False, Severity.MUTED, sentence
        if tunnel := self._tunnels.get(address.rstrip("/")):
            return self._describe_tunnel(tunnel)
        sandbox = self._context.is_sandbox
        remarks = url_remarks(address, UrlContext(sandbox=sandbox))
        said = [one for one in remarks if one.fault not in _NOT_SAID]
        first = next(iter(said), None)
        sentence = first.sentence if first else ""
        return all(one.usable for one in remarks), first.severity if first else None, sentence

    def _describe_tunnel(self, tunnel: Tunnel) -> tuple[bool, Severity | None, str]:
        program, port = tunnel.program.value, self._context.port
        if not tunnel.connected:
            sentence = f"{program} says that it has no connection at present."
            return True, Severity.WARNING, sentence
        if tunnel.port == port:
            return True, Severity.OK, f"{program} leads from there to port {port} of this computer."
        leads = f"leads from there to {tunnel.target}" if tunnel.target else "does not say where to"
        return True, Severity.WARNING, f"{program} {leads}; the listener has port {port}."

    def _set_busy(self, *, on: bool) -> None:
        self._busy = on
        self._under_way = self._under_way and on
        self.progress.set_busy(on=on)
        for field in (self.minutes, self.address):
            field.setEnabled(not on)
        self._update()
        if not on:
            self.submit.setFocus()

    def _on_edited(self) -> None:
        self._typed = True
        self._update()

    def _on_check_clicked(self) -> None:
        self.check_requested.emit(self.request)

    def _on_submit_clicked(self) -> None:
        self.catch_requested.emit(self.request)

    def _on_room_changed(self) -> None:
        fit_height(self)

    def _connect(self) -> None:
        self.minutes.valueChanged.connect(self._update)
        self.address.currentTextChanged.connect(self._update)
        self.address.textActivated.connect(self._on_edited)
        if field := self.address.lineEdit():
            field.textEdited.connect(self._on_edited)
        self.check.clicked.connect(self._on_check_clicked)
        self.cancel.clicked.connect(self.reject)
        self.submit.clicked.connect(self._on_submit_clicked)
        self.banner.room_changed.connect(self._on_room_changed)

    def _set_up(self) -> None:
        self.minutes.setAccessibleName("Minutes")
        self.minutes.setMaximumWidth(30 * SPACE)
        self.address.setAccessibleName("Public address")
        self.address.setFont(mono_font())
        self.address.setMinimumWidth(90 * SPACE)
        if field := self.address.lineEdit():
            field.setPlaceholderText("https://")
            field.setAccessibleName("Public address")
        # Two lines, so that nothing moves while the user types.
        self.remark.setMinimumHeight(2 * self.remark.fontMetrics().lineSpacing())
        self.remark.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.submit.setDefault(True)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(heading("Catch messages here"), 1)
        top.addWidget(self.frame.word)
        form = QFormLayout()
        form.setHorizontalSpacing(3 * SPACE)
        form.addRow(muted("Application"), paragraph(self._context.application))
        form.addRow(muted("Account"), paragraph(self._context.account))
        form.addRow(muted("For"), self.minutes)
        form.addRow(muted("Address"), self.address)
        form.addRow("", self.remark)
        layout = QVBoxLayout()
        layout.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(3 * SPACE)
        layout.addLayout(top)
        layout.addLayout(form)
        layout.addWidget(self.effect)
        layout.addWidget(paragraph(f"{_STAYS} {_TO_ALL}", tone=Severity.MUTED))
        layout.addLayout(self._button_row())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.progress)
        outer.addLayout(layout)
        outer.addWidget(self.banner)  # below the buttons, which stay where they are
        outer.addStretch(1)
        self.resize(_WIDTH, outer.totalHeightForWidth(_WIDTH))

    def _button_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        row.addWidget(self.check)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.submit)
        return row


def _describe_effect(context: CatchContext, minutes: str) -> str:
    """Say what will be created, and what stays as it is."""
    if not context.has_configuration:
        return (
            "The application has no configuration: one is created with a forward action in it, and"
            f" both are removed after {minutes}."
        )
    if context.actions is None:
        return f"For {minutes} one forward action is added; the actions that exist are not touched."
    count = len(context.actions)
    if not count:
        return (
            f"For {minutes} one forward action is added to the configuration, which has no other."
        )
    listed = [f"\N{BULLET} {one}" for one in context.actions[:_MOST_LISTED]]
    listed += [f"\N{BULLET} and {count - _MOST_LISTED:,} more"] if count > _MOST_LISTED else []
    stay = "which stays as it is" if count == 1 else "which stay as they are"
    first = f"For {minutes} one forward action is added next to {counted(count, 'action')}, {stay}:"
    return "\n".join((first, *listed))
