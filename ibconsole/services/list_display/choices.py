"""The columns and highlight rules that the user has chosen, kept for each connection."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.plural import counted
from ibconsole.services.connections import (
    HighlightRule,
    JsonColumn,
    ListChoices,
    Settings,
    SettingsFile,
    with_choices,
)
from ibconsole.text import fold

if TYPE_CHECKING:
    from ibconsole.services import filtering
    from ibconsole.services.list_display import json_columns
else:  # imported on the thread that checks the first column or rule: the start does not wait
    filtering = LazyModule("ibconsole.services.filtering")
    json_columns = LazyModule("ibconsole.services.list_display.json_columns")

MOST_COLUMNS = 12
MOST_RULES = 20


def check_columns(columns: Sequence[JsonColumn], reserved: Sequence[str] = ()) -> None:
    """Raise InvalidColumn unless these columns can be shown together, next to `reserved` names."""
    if len(columns) > MOST_COLUMNS:
        raise json_columns.InvalidColumn(
            f"A list has at most {counted(MOST_COLUMNS, 'column')} from JSON."
        )
    names = {fold(name) for name in reserved}
    for column in columns:
        json_columns.check_column(column)
        if fold(column.name) in names:
            raise json_columns.InvalidColumn(
                f"There is a column {column.name} already: choose another name."
            )
        names.add(fold(column.name))


def check_rules(rules: Sequence[HighlightRule]) -> None:
    """Raise a FilterError, or another UserError, unless these rules can be kept."""
    if len(rules) > MOST_RULES:
        raise UserError(f"A list has at most {counted(MOST_RULES, 'highlight rule')}.")
    for rule in rules:
        if filtering.parse_filter(rule.text) is None:
            raise UserError("A highlight rule needs a filter.")


class SavedChoices:
    """The choices for the list of any connection, in the settings file.

    Every method raises a SettingsError if the file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._file = SettingsFile(path)

    async def load(self, connection: str) -> ListChoices:
        """Return the choices of a connection, given by its ID; columns with bad paths are left out.

        A rule that is not understood stays: it may be of a newer program.
        """
        return await asyncio.to_thread(lambda: _valid(_of(self._file.load().settings, connection)))

    async def save(self, choices: ListChoices) -> ListChoices:
        """Keep these choices for their connection; return them."""

        def change(settings: Settings) -> Settings:
            return replace(settings, lists=with_choices(settings.lists, choices))

        await asyncio.to_thread(self._file.change, change)
        return choices


def _of(settings: Settings, connection: str) -> ListChoices:
    found = (one for one in settings.lists if one.connection == connection)
    return next(found, ListChoices(connection))


def _valid(choices: ListChoices) -> ListChoices:
    columns: list[JsonColumn] = []
    for column in choices.columns:
        try:
            check_columns([*columns, column])
        except json_columns.InvalidColumn:
            continue
        columns.append(column)
    return replace(choices, columns=tuple(columns), rules=choices.rules[:MOST_RULES])
