"""The presenter of columns from JSON paths and highlight rules of the list of messages."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from msgspec.structs import replace
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QMenu
from shiboken6 import isValid

from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.plural import counted
from ibconsole.services.connections import JsonColumn, ListChoices
from ibconsole.services.messages import StoredMessage
from ibconsole.services.runtime import Status
from ibconsole.ui.messages import MessagesPane
from ibconsole.ui.tables import RowMark
from ibconsole.ui.toolkit import ApplicationNames, Command, Group, Theme, UiTasks, one_line
from ibconsole.ui.widgets import open_dialog

if TYPE_CHECKING:
    from ibconsole.services import filtering, list_display
    from ibconsole.ui.list_display import column_dialog, highlight_dialog
else:  # imported with the first column, rule or dialog
    filtering = LazyModule("ibconsole.services.filtering")
    list_display = LazyModule("ibconsole.services.list_display")
    column_dialog = LazyModule("ibconsole.ui.list_display.column_dialog")
    highlight_dialog = LazyModule("ibconsole.ui.list_display.highlight_dialog")

_EXTRAS, _CHOICES = "extras of rows", "list choices"
_PREVIEW, _PATHS = "list preview", "paths of the message"
_PART = 32  # rows whose extras are fetched at a time: those in sight come first
_COLUMN_SAMPLE, _RULE_SAMPLE = 200, 500  # of the newest messages
_LONGEST_VALUE = 120  # characters of a value in the preview


class ExtrasSource(Protocol):
    """Computes extras of rows, and reads single messages, of the record that is shown."""

    async def extras(
        self, ids: Sequence[int], request: "list_display.DisplayRequest"
    ) -> "Sequence[list_display.RowExtras]": ...
    async def message(self, message: int) -> StoredMessage | None: ...


class ChoiceKeeper(Protocol):
    """Keeps the choices of each connection."""

    async def load(self, connection: str) -> ListChoices: ...
    async def save(self, choices: ListChoices) -> ListChoices: ...


class ListDisplayPresenter(QObject):
    """Loads the choices of the open connection, fetches extras of rows, and edits the choices."""

    def __init__(
        self,
        pane: MessagesPane,
        source: ExtrasSource,
        keeper: ChoiceKeeper,
        names: ApplicationNames,
        tasks: UiTasks,
        theme: Theme,
    ) -> None:
        super().__init__(pane)
        self._pane = pane
        self._source = source
        self._keeper = keeper
        self._names = names
        self._tasks = tasks
        self._theme = theme
        self._connection: str | None = None
        self._choices = ListChoices()
        group = Group.MESSAGES
        self.add = Command(
            "Add a column from a JSON path…",
            group,
            self._on_add,
            icon_name="columns-2",
            parent=self,
        )
        self.highlight = Command("Highlight rules…", group, self.edit_rules, parent=self)
        self.commands = (self.add, self.highlight)
        pane.model.extras_wanted.connect(self._on_extras_wanted)
        pane.table.columns.menu_filled.connect(self._on_menu_filled)
        names.changed.connect(self._on_names_changed)

    @property
    def choices(self) -> ListChoices:
        """The columns and rules that are shown."""
        return self._choices

    def show_status(self, status: Status) -> None:
        """Show the columns and rules of this connection."""
        if self._connection != status.connection.id:
            self._connection = status.connection.id
            self._tasks.start(_CHOICES, self._load, status.connection.id)

    def add_column(self, path: str = "") -> None:
        """Ask for a column, whose path may be given."""
        self._open_column_dialog(JsonColumn("", path) if path else None, None)

    def edit_column(self, number: int) -> None:
        """Ask for the name and path of a column anew."""
        self._open_column_dialog(self._choices.columns[number], number)

    def remove_column(self, number: int) -> None:
        """Remove a column; the messages are unharmed."""
        columns = [*self._choices.columns]
        removed = columns.pop(number)
        self._tasks.start(_CHOICES, self._keep_removal, tuple(columns), removed)

    def edit_rules(self) -> None:
        """Ask for the highlight rules, with the number of messages that each matches."""
        dialog = highlight_dialog.HighlightDialog(
            self._choices.rules, self._known_values, self._theme, self._pane
        )

        def check() -> None:
            self._tasks.start(_PREVIEW, self._preview_rules, dialog)

        def keep() -> None:
            self._tasks.start(_CHOICES, self._keep_rules, dialog)

        dialog.changed.connect(check)
        dialog.chosen.connect(keep)
        self._open(dialog)

    def _open_column_dialog(self, column: JsonColumn | None, number: int | None) -> None:
        dialog = column_dialog.ColumnDialog(column, self._theme, self._pane)

        def check(typed: JsonColumn) -> None:
            self._tasks.start(_PREVIEW, self._preview_column, dialog, typed)

        def keep(chosen: JsonColumn) -> None:
            self._tasks.start(_CHOICES, self._keep_column, dialog, chosen, number)

        dialog.changed.connect(check)
        dialog.chosen.connect(keep)
        self._open(dialog)
        self._tasks.start(_PATHS, self._offer_paths, dialog)

    def _open(self, dialog: Any) -> None:
        def cancel() -> None:
            self._tasks.cancel(_PREVIEW)
            self._tasks.cancel(_PATHS)

        dialog.finished.connect(cancel)
        open_dialog(dialog)

    def _known_values(self) -> "filtering.KnownValues":
        keywords = dict.fromkeys(one.keyword for one in self._pane.model.records_at_hand)
        return filtering.KnownValues(applications=self._names.by_code, keywords=sorted(keywords))

    async def _load(self, connection: str) -> None:
        try:
            choices = await self._keeper.load(connection)
        except UserError as error:
            self._pane.toolbar.show_problem(error)
            choices = ListChoices(connection)
        await self._show(choices)

    async def _show(self, choices: ListChoices) -> None:
        if choices.is_default and self._choices.is_default:
            self._choices = choices
            return
        await asyncio.to_thread(_import_services)
        marks = [
            RowMark(one_line(rule.label), list_display.colour_of(rule)) for rule in choices.rules
        ]
        self._choices = choices
        self._pane.extras.show(choices.columns, marks)
        # What is being fetched belongs to other columns.
        self._tasks.start(_EXTRAS, self.fetch_extras)

    async def fetch_extras(self) -> None:
        """Fetch the extras of the rows in sight until all are there."""
        model = self._pane.model
        try:
            while ids := model.take_wanted_extras():
                request = self._request(self._choices)
                for start in range(0, len(ids), _PART):
                    part = ids[start : start + _PART]
                    model.add_extras(part, await self._source.extras(part, request))
        except UserError as error:
            self._pane.show_failed(error)

    def _request(self, choices: ListChoices) -> "list_display.DisplayRequest":
        return list_display.DisplayRequest(
            columns=choices.columns, rules=choices.rules, applications=self._names.by_code
        )

    async def _offer_paths(self, dialog: "column_dialog.ColumnDialog") -> None:
        if not (record := self._pane.record):
            return
        with suppress(UserError):  # they are a help, and a record that is away says so itself
            if message := await self._source.message(record.id):
                read = partial(_paths_in, message.body)
                dialog.offer(await asyncio.to_thread(read))

    async def _preview_column(
        self, dialog: "column_dialog.ColumnDialog", column: JsonColumn
    ) -> None:
        await asyncio.to_thread(_import_services)
        name = list_display.suggested_name(column.path)
        try:
            # The first path that is not plain imports a library, which would hold the window.
            checked = replace(column, name=column.name or name)
            await asyncio.to_thread(list_display.check_column, checked)
            dialog.suggest(name)
            sentence = await self._describe_values(checked)
        except UserError as error:
            dialog.show_problem(error)
            return
        dialog.show_preview(sentence)

    async def _describe_values(self, column: JsonColumn) -> str:
        request = list_display.DisplayRequest(columns=(column,))
        record, sentences = self._pane.record, []
        if record:
            found = await self._source.extras([record.id], request)
            text = one_line(found[0].texts[0]) if found else ""
            short = text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
            shown = f"In the selected message: {short}"
            sentences.append(shown if text else "The selected message has nothing there.")
        ids = self._newest(_COLUMN_SAMPLE)
        extras = await self._fetch_parts(ids, request)
        filled = sum(bool(one.texts[0]) for one in extras)
        number = (
            f"{filled:,} {'has' if filled == 1 else 'have'} a value" if filled else "none has one"
        )
        sentences.append(f"Of the newest {counted(len(ids), 'message')} of the list, {number}.")
        return "\n".join(sentences)

    async def _preview_rules(self, dialog: "highlight_dialog.HighlightDialog") -> None:
        await asyncio.to_thread(_import_services)
        rules = dialog.rules
        request = self._request(replace(self._choices, columns=(), rules=rules))
        highlighter = await asyncio.to_thread(
            lambda: list_display.Highlighter(rules, self._names.by_code)
        )
        dialog.show_problems(highlighter.problems)
        ids = self._newest(_RULE_SAMPLE)
        try:
            extras = await self._fetch_parts(ids, request)
        except UserError as error:
            dialog.show_failed(error)
            return
        numbers = Counter(one.rule for one in extras)
        known = (number for number in range(len(rules)) if number not in highlighter.problems)
        dialog.show_matches({number: numbers[number] for number in known}, len(ids))

    def _newest(self, most: int) -> Sequence[int]:
        model = self._pane.model
        return model.ids_of([range(min(most, model.rowCount()))])

    async def _fetch_parts(
        self, ids: Sequence[int], request: "list_display.DisplayRequest"
    ) -> "Sequence[list_display.RowExtras]":
        """Return the extras of these rows, between whose parts rows in sight do not wait."""
        found: list[list_display.RowExtras] = []
        for start in range(0, len(ids), _PART):
            found += await self._source.extras(ids[start : start + _PART], request)
        return found

    async def _keep_column(
        self, dialog: "column_dialog.ColumnDialog", column: JsonColumn, number: int | None
    ) -> None:
        if not column.name:
            column = replace(column, name=list_display.suggested_name(column.path))
        columns = [*self._choices.columns]
        if number is None:
            columns.append(column)
        else:
            columns[number] = column
        reserved = self._pane.extras.reserved
        try:
            await asyncio.to_thread(list_display.check_columns, columns, reserved)
            await self._keep(replace(self._choices, columns=tuple(columns)))
        except UserError as error:
            if _is_there(dialog):
                dialog.show_problem(error)
            return
        _close(dialog)

    async def _keep_rules(self, dialog: "highlight_dialog.HighlightDialog") -> None:
        rules = dialog.rules
        try:
            await asyncio.to_thread(list_display.check_rules, rules)
            await self._keep(replace(self._choices, rules=rules))
        except UserError as error:
            if _is_there(dialog):
                dialog.show_failed(error)
            return
        _close(dialog)

    async def _keep_removal(self, columns: tuple[JsonColumn, ...], removed: JsonColumn) -> None:
        try:
            await self._keep(replace(self._choices, columns=columns))
        except UserError as error:
            self._pane.toolbar.show_problem(error)
            return
        self._pane.succeeded.emit(f"The column {one_line(removed.name)} is not shown any more.")

    async def _keep(self, choices: ListChoices) -> None:
        choices = replace(choices, connection=self._connection or "")
        await self._show(await self._keeper.save(choices))

    def _on_add(self) -> None:
        self.add_column()

    def _on_extras_wanted(self) -> None:
        if not self._tasks.running(_EXTRAS):
            self._tasks.start(_EXTRAS, self.fetch_extras)

    def _on_names_changed(self) -> None:
        """Find rules by names of applications anew, which may not have been known before."""
        if any("app:" in rule.text for rule in self._choices.rules):
            self._pane.model.forget_extras()
            self._pane.model.emit_changed(self._pane.model.rowCount())

    def _on_menu_filled(self, menu: QMenu, column: int) -> None:
        """Add the entries of columns from JSON: of the one at the menu, else of each."""
        menu.addSeparator()
        menu.addAction(self.add)
        number = self._pane.extras.json_at(column)
        names = [one_line(one.name).replace("&", "&&") for one in self._choices.columns]
        for verb, act in (("Edit", self.edit_column), ("Remove", self.remove_column)):
            dots = "…" if verb == "Edit" else ""
            if number is not None:
                _add(menu, f"{verb} “{names[number]}”{dots}", partial(act, number))
            elif column < 0 and names:
                inner = menu.addMenu(f"{verb} a column from JSON")
                for place, name in enumerate(names):
                    _add(inner, f"{name}{dots}", partial(act, place))


def _import_services() -> None:
    """Import what computes extras, which would hold the window for 30 ms, on another thread."""
    _ = list_display.DisplayRequest, list_display.Highlighter


def _paths_in(body: bytes) -> Sequence[str]:
    return list_display.paths_in(body)


def _close(dialog: QDialog) -> None:
    if _is_there(dialog):
        dialog.accept()


def _is_there(dialog: QDialog) -> bool:
    """Return whether a dialog is there: the user may have cancelled it meanwhile."""
    return bool(isValid(dialog))  # type: ignore[no-untyped-call]


def _add(menu: QMenu, text: str, act: Callable[[], None]) -> None:
    menu.addAction(text, act)
