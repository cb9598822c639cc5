"""The three panes of the setup, and the dialog that shows one of their records as JSON."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from ibconsole.model import encode
from ibconsole.services.request_log import mask_body_codes
from ibconsole.ui.setup.actions import NONE_CHOSEN, ActionsPane
from ibconsole.ui.setup.applications import ApplicationsPane
from ibconsole.ui.setup.configuration import ConfigurationPane
from ibconsole.ui.setup.failure_banner import FailureBanner
from ibconsole.ui.setup.route import RouteView
from ibconsole.ui.toolkit import SPACE, CodeDisplay, Command, Theme, copy_to_clipboard
from ibconsole.ui.viewers import JsonView, format_json
from ibconsole.ui.widgets import (
    BannerOverlay,
    ElidedLabel,
    IconButton,
    PushButton,
    Splitter,
    open_dialog,
)

_WIDTHS = (380, 300, 400)
_RAW_SIZE = (600, 420)


class SetupPanes(QWidget):
    """Applications, configuration and actions from left to right, and the route below them.

    `changed` carries a sentence about a change that was made, and the act that it belongs to;
    `undo_requested` the act that the user wants to undo.
    """

    changed = Signal(str, str)
    undo_requested = Signal(str)

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, codes: CodeDisplay | None = None
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self._codes = codes or CodeDisplay(self)
        self.failure = FailureBanner(theme)
        self.splitter = Splitter(Qt.Orientation.Horizontal)
        self.applications_pane = ApplicationsPane(theme, codes=self._codes)
        self.configuration_pane = ConfigurationPane(theme, codes=self._codes)
        self.actions_pane = ActionsPane(theme)
        self.route = RouteView(theme)
        overlay = BannerOverlay(self.splitter, self.failure)
        for pane in (self.applications_pane, self.configuration_pane, self.actions_pane):
            self.splitter.addWidget(pane)
            pane.raw_requested.connect(self._on_raw_requested)
            overlay.covered.connect(pane.reserve_below)
        for number, width in enumerate(_WIDTHS):
            self.splitter.setStretchFactor(number, width)
        self.splitter.setSizes(_WIDTHS)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(overlay, 1)
        layout.addWidget(self.route)
        self._order_tabs()
        self.configuration_pane.show_application(None)
        self.actions_pane.show_none(NONE_CHOSEN)

    @property
    def commands(self) -> tuple[Command, ...]:
        """The commands of all panes, from left to right."""
        panes = (self.applications_pane, self.configuration_pane, self.actions_pane)
        return tuple(command for pane in panes for command in pane.commands)

    def _order_tabs(self) -> None:
        """Let Tab go through the content of each pane before its commands, deletion last."""
        applications, configuration = self.applications_pane, self.configuration_pane
        actions = self.actions_pane
        order: tuple[QWidget, ...] = (
            applications.filter,
            *applications.health.tab_stops,
            applications.table,
            applications.look_up_button,
            *configuration.tab_stops,
            configuration.delete,
            actions.table,
            actions.notice.action,
            actions.new,
            actions.catch,
            actions.duplicate,
            actions.replace,
            actions.delete,
        )
        for one, following in pairwise(order):
            QWidget.setTabOrder(one, following)

    def _on_raw_requested(self, title: str, raw: object) -> None:
        if isinstance(raw, Mapping):
            open_dialog(RawDialog(title, raw, self.theme, self.window(), codes=self._codes))


class RawDialog(QDialog):
    """A record as the platform sent it, unknown fields included, as JSON that can be copied."""

    def __init__(
        self,
        title: str,
        raw: Mapping[str, Any],
        theme: Theme,
        parent: QWidget | None = None,
        *,
        codes: CodeDisplay | None = None,
    ) -> None:
        super().__init__(parent)
        self._codes = codes or CodeDisplay(self)
        self.setWindowTitle("As the platform sent it")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_RAW_SIZE)
        self._clear = encode(dict(raw))
        self.view = JsonView(theme, f"{title} as JSON")
        self.reveal = IconButton("eye", "Show application codes", theme, text="Show codes")
        self.reveal.setCheckable(True)
        self.reveal.setVisible(mask_body_codes(self._clear) != self._clear)
        self.reveal.toggled.connect(self._show)
        self._codes.changed.connect(self._follow_policy)
        self._follow_policy()
        self.copy = PushButton("Copy", theme, icon_name="copy")
        self.close_button = PushButton("Close", theme)
        self.copy.clicked.connect(self._on_copy_clicked)
        self.close_button.clicked.connect(self.reject)
        self.close_button.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy)
        buttons.addWidget(self.reveal)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * SPACE, 4 * SPACE, 4 * SPACE, 4 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(ElidedLabel(title))
        layout.addWidget(self.view, 1)
        layout.addLayout(buttons)

    @property
    def _body(self) -> bytes:
        clear = self._codes.reveals(wanted=self.reveal.isChecked())
        return self._clear if clear else self._codes.body(mask_body_codes(self._clear))

    def _follow_policy(self) -> None:
        self.reveal.lock(self._codes.why_masked)
        self._show()

    def _show(self) -> None:
        self.view.show_text(format_json(self._body))

    def _on_copy_clicked(self) -> None:
        copy_to_clipboard(self._body.decode())
