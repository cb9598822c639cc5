"""The actions of the configuration at hand."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ibconsole.model import Action, ActionType
from ibconsole.ui.models.messages import one_line
from ibconsole.ui.models.records import Column, RecordsModel
from ibconsole.ui.theme import Theme
from ibconsole.ui.widgets.buttons import IconButton
from ibconsole.ui.widgets.pane_frame import PaneFrame
from ibconsole.ui.widgets.records_table import RecordsTable

NO_ACTION = (
    "This configuration has no action, so inbound messages are neither forwarded nor kept for"
    " pulling. What else becomes of them is not documented."
)


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
    """Lists the actions, and offers to add and delete them."""

    new_requested = Signal()
    duplicate_requested = Signal(Action)
    delete_requested = Signal(Action)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("Actions", theme, parent)
        self._locked = True
        self.new = IconButton("plus", "New action…", theme, text="New…")
        self.duplicate = IconButton("copy-plus", "Duplicate action…", theme)
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
        self.add_action(self.new, self.duplicate, self.delete)
        self.set_content(self.table)
        self.action_requested.connect(self.new_requested)
        self.new.clicked.connect(self.new_requested)
        self.duplicate.clicked.connect(self._on_duplicate_clicked)
        self.delete.clicked.connect(self._on_delete_clicked)
        self.table.delete_pressed.connect(self._on_delete_clicked)
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

    def show_actions(self, actions: Sequence[Action]) -> None:
        """Show these; a chosen one stays so if it is among them."""
        self.table.show_records(actions)
        self.set_subtitle(f"{len(actions):,}" if actions else "")
        if actions:
            self.show_content()
        else:
            self.show_empty(NO_ACTION, "New action…", icon_name="zap")
        self.lock(on=False)

    def lock(self, *, on: bool) -> None:
        """Offer no change: one is under way, or there is nothing to change."""
        self._locked = on
        self._offer()

    def _offer(self) -> None:
        self.new.setEnabled(not self._locked)
        self.notice.action.setEnabled(not self._locked)
        for button in (self.duplicate, self.delete):
            button.setEnabled(not self._locked and self.table.record is not None)

    def _on_duplicate_clicked(self) -> None:
        self.duplicate_requested.emit(self.table.record)

    def _on_delete_clicked(self) -> None:
        if self.delete.isEnabled():
            self.delete_requested.emit(self.table.record)
