"""The configuration of the selected application."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ibconsole.errors import Severity
from ibconsole.model import Application, Configuration
from ibconsole.ui.setup.applications import name_of
from ibconsole.ui.toolkit import SPACE, CodeDisplay, Command, Group, Theme, copy_to_clipboard
from ibconsole.ui.widgets import (
    Badge,
    BadgeStyle,
    CopyField,
    ElidedComboBox,
    IconButton,
    PaneFrame,
    muted,
    paragraph,
)

_NONE = (
    "This application has no inbound configuration, so its inbound messages are neither"
    " forwarded nor kept for pulling."
)
_SEVERAL = (
    "The platform lists {count} configurations here, while at most one is documented. Choose the"
    " one whose actions you want to see."
)
_EXPLANATION = (
    "A configuration holds the actions on the right, which define what happens with every inbound"
    " message of the application."
)
_LEAST_VALUE = 120  # pixels; with less next to its name, a value goes below it


class ConfigurationPane(PaneFrame):
    """The details of a configuration, or the reason why there is none."""

    create_requested = Signal()
    delete_requested = Signal()
    configuration_selected = Signal(Configuration)
    raw_requested = Signal(str, object)

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, codes: CodeDisplay | None = None
    ) -> None:
        super().__init__("Configuration", theme, parent)
        self._configurations: Sequence[Configuration] = ()
        self._selected: Configuration | None = None
        self._locked = True
        self.delete = IconButton("trash-2", "Delete configuration…", theme, room_text="Delete…")
        self.several = ElidedComboBox()
        self.key = CopyField("configuration key", theme)
        self.created = Badge()
        self.code = CopyField("application code", theme, secret=True, codes=codes)
        self.identity = CopyField("application ID", theme)
        self.description = paragraph()
        self.note = paragraph(tone=Severity.WARNING)
        self._set_up()
        self._make_commands()
        self.action_requested.connect(self.create_requested)
        self.several.activated.connect(self._on_activated)

    @property
    def tab_stops(self) -> tuple[QWidget, ...]:
        """The controls of the content, or of what is shown instead, in the order of Tab."""
        fields = (self.key, self.code, self.identity)
        copies = (button for field in fields for button in (field.reveal, field.copy))
        return (self.notice.action, self.notice.retry, self.several, *copies)

    def show_application(self, application: Application | None, *, choice: bool = True) -> None:
        """Show the application's own fields; its configuration is shown separately.

        Without a `choice` the account has no application.
        """
        if application is None:
            self.set_subtitle("")
            choose = "Choose an application to see its configuration."
            self.show_empty(
                choose if choice else "No application, so no configuration.",
                icon_name="settings-2",
            )
            self._selected = None
            self._locked = True
            self._update_commands()
            return
        self.set_subtitle(name_of(application))
        self.code.show_value(application.code)
        self.identity.show_value(application.id)
        self.description.setText(application.description or "\N{EN DASH}")

    def show_configurations(
        self,
        configurations: Sequence[Configuration],
        selected: Configuration | None,
        read_at: int | None = None,
    ) -> None:
        """Show the selected configuration of those the platform lists, if there are any."""
        self._configurations = configurations
        self.several.clear()
        self.several.addItems([configuration.key for configuration in configurations])
        self.several.setVisible(len(configurations) > 1)
        self.note.setVisible(len(configurations) > 1)
        self.note.setText(_SEVERAL.format(count=len(configurations)))
        self._selected, self._locked = selected, False
        if selected is None:
            self.show_empty(_NONE, "Create configuration", icon_name="settings-2")
            self._update_commands()
            return
        self.several.setCurrentIndex(list(configurations).index(selected))
        self.key.show_value(selected.key)
        self.show_content(read_at)
        self._update_commands()

    def show_created(self, *, here: bool) -> None:
        """Mark the configuration as created by this window, or not."""
        self.created.show_word("Created in this session" if here else "", BadgeStyle.INFO)

    def lock(self, *, on: bool) -> None:
        """Offer no change while `on`: one is in progress."""
        self._locked = on
        self.notice.action.setEnabled(not on)
        self.several.setEnabled(not on)
        self._update_commands()

    def _make_commands(self) -> None:
        self.create_command = self._command(
            "Create configuration", self.create_requested.emit, "plus"
        )
        self.copy_command = self._command("Copy configuration key", self._on_copy, "copy")
        self.raw = self._command("Show the configuration as JSON", self._on_raw, "braces")
        self.delete_command = self._command(
            "Delete configuration…", self.delete_requested.emit, "trash-2"
        )
        self.commands = (self.create_command, self.copy_command, self.raw, self.delete_command)
        self.delete.follow(self.delete_command)
        self._update_commands()

    def _command(self, name: str, run: Callable[[], object], icon_name: str) -> Command:
        return Command(name, Group.SETUP, run, icon_name=icon_name, parent=self)

    def _update_commands(self) -> None:
        shown = self._selected is not None and self.has_content
        none = "No configuration is selected."
        busy = "The configuration is being loaded or changed."
        empty = not self._locked and not shown and bool(self.notice.action.text())
        self.create_command.set_disabled_reason(
            "" if empty else ("The application already has a configuration." if shown else none)
        )
        self.copy_command.set_disabled_reason("" if shown else none)
        self.raw.set_disabled_reason("" if shown else none)
        self.delete_command.set_disabled_reason((busy if self._locked else "") if shown else none)

    def _on_copy(self) -> None:
        if self._selected:
            copy_to_clipboard(self._selected.key)

    def _on_raw(self) -> None:
        if self._selected:
            self.raw_requested.emit(self._selected.key, self._selected.raw)

    def _on_activated(self, row: int) -> None:
        self.configuration_selected.emit(self._configurations[row])

    def _set_up(self) -> None:
        self.add_action(self.delete)
        self.several.setAccessibleName("Configurations")
        badges = QHBoxLayout()
        badges.addWidget(self.created)
        badges.addStretch(1)
        page = QWidget()
        page.setObjectName("surface")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, 2 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(self.note)
        layout.addWidget(self.several)
        layout.addLayout(self._field_form())
        layout.addLayout(badges)
        layout.addWidget(paragraph(_EXPLANATION, tone=Severity.MUTED))
        layout.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows the focus of its controls
        scroll.setWidget(page)
        self.set_content(scroll)

    def _field_form(self) -> QFormLayout:
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)  # in a narrow pane
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setHorizontalSpacing(3 * SPACE)
        form.setVerticalSpacing(SPACE)
        fields: tuple[tuple[str, QWidget], ...] = (
            ("Key", self.key),
            ("Application code", self.code),
            ("Application ID", self.identity),
            ("Description", self.description),
        )
        for name, field in fields:
            label = muted(name)
            label.setContentsMargins(0, SPACE, 0, SPACE)
            field.setMinimumWidth(_LEAST_VALUE)
            form.addRow(label, field)
        self.description.setContentsMargins(0, SPACE, 0, SPACE)
        return form
