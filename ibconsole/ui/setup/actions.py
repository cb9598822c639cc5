"""The actions of the configuration at hand."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ibconsole.model import Action, ActionType
from ibconsole.ui.messages import one_line
from ibconsole.ui.tables import Column, RecordsModel, RecordsTable
from ibconsole.ui.toolkit import Command, Group, Theme
from ibconsole.ui.widgets import IconButton, PaneFrame

NO_ACTION = (
    "This configuration has no action, so inbound messages are neither forwarded nor kept for"
    " pulling. What else becomes of them is not documented."
)

_STRANGE = "Its type is not documented, so that nobody knows what a new one would need."


def type_of(action: Action) -> str:
    """The type in plain words; one that only the platform knows stays as it is."""
    match action.type:
        case ActionType.HTTP_FORWARD:
            return "Forward"
        case ActionType.PULL:
            return "Pull"
    return one_line(action.type) or "(no type)"


def target_of(action: Action) -> str:
    """Where the messages go."""
    if action.forward_url:
        return one_line(action.forward_url)
    return "kept until they are pulled" if action.type == ActionType.PULL else ""


def _is_documented(action: Action) -> bool:
    return action.type in {ActionType.HTTP_FORWARD, ActionType.PULL}


def _tooltip(action: Action) -> str:
    notes = (f"Odd: {note}" for note in action.oddities)
    return "\n".join((target_of(action), *map(one_line, notes))).strip()


COLUMNS: Sequence[Column[Action]] = (
    Column("Type", type_of, tooltip=lambda action: one_line(action.type)),
    Column("Messages go to", target_of, tooltip=_tooltip),
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
    """Lists the actions, and offers to add, replace and delete them."""

    new_requested = Signal()
    duplicate_requested = Signal(Action)
    replace_requested = Signal(Action)
    delete_requested = Signal(list)
    test_requested = Signal(str)
    raw_requested = Signal(str, object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("Actions", theme, parent)
        self._locked = True
        self.new = IconButton("plus", "New action…", theme, text="New…")
        self.duplicate = IconButton("copy-plus", "Duplicate action…", theme)
        self.replace = IconButton("refresh-cw", "Replace action…", theme)
        self.delete = IconButton("trash-2", "Delete action…", theme)
        self.table = RecordsTable(
            RecordsModel(COLUMNS, lambda action: action.key, self),
            elastic=1,
            least=230,
            yielding=(3, 2),
            copies=_COPIES,
        )
        self.table.setAccessibleName("Actions")
        self.table.set_widths(84, 0, 136, 92)
        self.table.allow_several()
        self._make_commands()
        self.add_action(self.new, self.duplicate, self.replace, self.delete)
        self.set_content(self.table)
        self.action_requested.connect(self.new_command.trigger)
        self.table.delete_pressed.connect(self.delete_command.trigger)
        self.table.choices_changed.connect(self._offer)
        self.table.chosen.connect(self._offer)
        self._offer()

    def show_none(self, sentence: str) -> None:
        """There is no configuration that could have actions."""
        self.table.show_records(())
        self.set_subtitle("")
        if sentence:
            self.show_empty(sentence, icon_name="zap")
        else:
            self.show_blank()
        self.lock(on=True)

    def show_actions(self, actions: Sequence[Action], read_at: int | None = None) -> None:
        """Show these; a chosen one stays so if it is among them."""
        self.table.show_records(actions)
        self.set_subtitle(f"{len(actions):,}" if actions else "")
        if actions:
            self.show_content(read_at)
        else:
            self.show_empty(NO_ACTION, "New action…", icon_name="zap")
        self.lock(on=False)

    def lock(self, *, on: bool) -> None:
        """Offer no change: one is under way, or there is nothing to change."""
        self._locked = on
        self._offer()

    def _make_commands(self) -> None:
        self.new_command = self._command(
            "New action…", self.new_requested.emit, "plus", shortcut="Ctrl+N"
        )
        self.duplicate_command = self._command(
            "Duplicate action…", self._on_duplicate, "copy-plus", shortcut="Ctrl+D"
        )
        self.replace_command = self._command(
            "Replace action…", self._on_replace, "refresh-cw", shortcut="Ctrl+E"
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
            command.reach(self.table)
        self.new_command.reach(self)
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

    def _offer(self) -> None:
        locked = "The actions are not loaded, or a change is under way." if self._locked else ""
        chosen = self.table.chosen_records
        none = "" if chosen else "No action is chosen."
        one = none or ("" if len(chosen) == 1 else "Several actions are chosen.")
        url = one or ("" if chosen[0].forward_url else "It forwards nowhere.")
        self.new_command.allow(locked)
        self.notice.action.setEnabled(not self._locked)
        strange = one or ("" if _is_documented(chosen[0]) else _STRANGE)
        self.duplicate_command.allow(locked or strange)
        self.replace_command.allow(locked or strange)
        self.test_command.allow(url)
        self.raw.allow(one)
        several = len(chosen) > 1
        self.delete_command.rename(
            f"Delete {len(chosen)} actions…" if several else "Delete action…"
        )
        self.delete_command.allow(locked or none)

    def _on_duplicate(self) -> None:
        self.duplicate_requested.emit(self.table.record)

    def _on_replace(self) -> None:
        self.replace_requested.emit(self.table.record)

    def _on_delete(self) -> None:
        self.delete_requested.emit(list(self.table.chosen_records))

    def _on_test(self) -> None:
        self.test_requested.emit(self.table.record.forward_url)

    def _on_raw(self) -> None:
        action = self.table.record
        self.raw_requested.emit(f"{type_of(action)} action", action.raw)
