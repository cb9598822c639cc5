"""The actions of the selected configuration."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ibconsole.model import Action, ActionType
from ibconsole.ui.tables import Column, RecordsModel, RecordsTable
from ibconsole.ui.toolkit import Command, Group, Theme, one_line
from ibconsole.ui.widgets import IconButton, PaneFrame

NO_ACTION = (
    "This configuration has no action, so inbound messages are neither forwarded nor kept for"
    " pulling. What happens to them otherwise is not documented."
)
NONE_CHOSEN = "Choose an application to see its actions."
NONE_LISTED = "No application, so no actions."

_UNDOCUMENTED = "Its type is not documented, so the fields that a new one needs are not known."


def type_of(action: Action) -> str:
    """Return the name of the type; an undocumented type as the platform spells it."""
    match action.type:
        case ActionType.HTTP_FORWARD:
            return "Forward"
        case ActionType.PULL:
            return "Pull"
    return one_line(action.type) or "(no type)"


def target_of(action: Action) -> str:
    """Return where the action sends messages: its URL, or that they wait for a pull."""
    if action.forward_url:
        return one_line(action.forward_url)
    return "kept until they are pulled" if action.type == ActionType.PULL else ""


def _is_documented(action: Action) -> bool:
    return action.type in {ActionType.HTTP_FORWARD, ActionType.PULL}


def _tooltip(action: Action) -> str:
    notes = (f"Unusual: {note}" for note in action.oddities)
    return "\n".join((target_of(action), *map(one_line, notes))).strip()


COLUMNS: Sequence[Column[Action]] = (
    Column("Type", type_of, tooltip=lambda action: one_line(action.type)),
    Column("Destination", target_of, tooltip=_tooltip),
    Column(
        "Callback data",
        lambda action: one_line(action.callback_data),
        tooltip=lambda action: one_line(action.callback_data),
    ),
    Column(
        "Key",
        lambda action: one_line(action.key),
        tooltip=lambda action: one_line(action.key),
    ),
)

_COPIES = (
    ("Copy forward URL", lambda action: action.forward_url),
    ("Copy callback data", lambda action: action.callback_data),
    ("Copy action key", lambda action: action.key),
)


class ActionsPane(PaneFrame):
    """The list of actions, with commands to add, replace, delete and test them.

    `catch` follows a command that its owner has.

    `forward_url_changed` carries the forward URL of the selected action, else of the first that
    has one; it is empty if there is none.
    """

    new_requested = Signal()
    duplicate_requested = Signal(Action)
    replace_requested = Signal(Action)
    delete_requested = Signal(list)
    test_requested = Signal(str)
    forward_url_changed = Signal(str)
    raw_requested = Signal(str, object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("Actions", theme, parent)
        self._locked = True
        self._forward_url = ""
        self.new = IconButton("plus", "New action…", theme, room_text="New…")
        self.catch = IconButton("inbox", "Catch messages here…", theme, room_text="Catch…")
        self.duplicate = IconButton("copy-plus", "Duplicate action…", theme, room_text="Duplicate…")
        self.replace = IconButton("pencil", "Replace action…", theme, room_text="Replace…")
        self.delete = IconButton("trash-2", "Delete action…", theme, room_text="Delete…")
        self.table = RecordsTable(
            RecordsModel(COLUMNS, lambda action: action.key, self),
            stretch=1,
            preferred_width=230,
            optional=(3, 2),
            copies=_COPIES,
        )
        self.table.setAccessibleName("Actions")
        self.table.set_widths(84, 0, 136, 92, by_content=True)
        self.table.enable_multiple_selection()
        self._make_commands()
        self.add_action(self.new, self.catch, self.duplicate, self.replace, self.delete)
        self.set_content(self.table)
        self.action_requested.connect(self.new_command.trigger)
        self.table.delete_pressed.connect(self.delete_command.trigger)
        self.table.selection_changed.connect(self._update_commands)
        self.table.selection_changed.connect(self._update_forward_url)
        self.table.record_selected.connect(self._update_commands)
        self._update_commands()

    def show_none(self, sentence: str) -> None:
        """Show why there are no actions: no configuration is there, or none was read."""
        self.table.show_records(())
        self._update_forward_url()
        self.set_subtitle("")
        if sentence:
            self.show_empty(sentence, icon_name="zap")
        else:
            self.show_blank()
        self.lock(on=True)

    def show_actions(self, actions: Sequence[Action], read_at: int | None = None) -> None:
        """Show these actions; a selected one among them stays selected."""
        self.table.show_records(actions)
        self._update_forward_url()
        self.set_subtitle(f"{len(actions):,}" if actions else "")
        if actions:
            self.show_content(read_at)
        else:
            self.show_empty(NO_ACTION, "New action…", icon_name="zap")
        self.lock(on=False)

    def select_action(self, key: str) -> None:
        """Select the action of this key, and offer what can be done with it."""
        self.table.select_records(key)
        self._update_commands()
        self._update_forward_url()

    def lock(self, *, on: bool) -> None:
        """Offer no change while `on`: one is in progress, or there is nothing to change."""
        self._locked = on
        self._update_commands()

    def _make_commands(self) -> None:
        self.new_command = self._command(
            "New action…", self.new_requested.emit, "plus", shortcut="Ctrl+N"
        )
        self.duplicate_command = self._command(
            "Duplicate action…", self._on_duplicate, "copy-plus", shortcut="Ctrl+D"
        )
        self.replace_command = self._command(
            "Replace action…", self._on_replace, "pencil", shortcut="F2"
        )
        self.test_command = self._command("Test this URL", self._on_test, "send")
        self.raw = self._command("Show the action as JSON", self._on_raw, "braces")
        self.delete_command = self._command("Delete action…", self._on_delete, "trash-2")
        self.commands = (
            self.new_command,
            self.duplicate_command,
            self.replace_command,
            self.test_command,
            self.raw,
            self.delete_command,
        )
        for command in self.commands:
            command.add_to(self.table)
        for button, command in (
            (self.new, self.new_command),
            (self.duplicate, self.duplicate_command),
            (self.replace, self.replace_command),
            (self.delete, self.delete_command),
        ):
            button.follow(command)

    def _command(
        self, name: str, run: Callable[[], object], icon_name: str, *, shortcut: str = ""
    ) -> Command:
        return Command(name, Group.SETUP, run, shortcut=shortcut, icon_name=icon_name, parent=self)

    def _update_commands(self) -> None:
        locked = "The actions are not loaded, or a change is in progress." if self._locked else ""
        selected = self.table.selected_records
        none = "" if selected else "No action is selected."
        one = none or ("" if len(selected) == 1 else "Several actions are selected.")
        url = one or ("" if selected[0].forward_url else "The action has no forward URL.")
        self.new_command.set_disabled_reason(locked)
        self.notice.action.setEnabled(not self._locked)
        undocumented = one or ("" if _is_documented(selected[0]) else _UNDOCUMENTED)
        self.duplicate_command.set_disabled_reason(locked or undocumented)
        self.replace_command.set_disabled_reason(locked or undocumented)
        self.test_command.set_disabled_reason(url)
        self.raw.set_disabled_reason(one)
        several = len(selected) > 1
        self.delete_command.rename(
            f"Delete {len(selected)} actions…" if several else "Delete action…"
        )
        self.delete_command.set_disabled_reason(locked or none)

    def _update_forward_url(self) -> None:
        urls = (action.forward_url for action in self.table.records if action.forward_url)
        selected = self.table.selected_record
        found = selected.forward_url if selected else next(urls, "")
        if found != self._forward_url:
            self._forward_url = found
            self.forward_url_changed.emit(found)

    def _on_duplicate(self) -> None:
        self.duplicate_requested.emit(self.table.selected_record)

    def _on_replace(self) -> None:
        self.replace_requested.emit(self.table.selected_record)

    def _on_delete(self) -> None:
        self.delete_requested.emit(list(self.table.selected_records))

    def _on_test(self) -> None:
        self.test_requested.emit(self.table.selected_record.forward_url)

    def _on_raw(self) -> None:
        action = self.table.selected_record
        self.raw_requested.emit(f"{type_of(action)} action", action.raw)
