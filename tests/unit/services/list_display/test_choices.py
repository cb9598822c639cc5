"""Columns and highlight rules are kept for each connection, in the settings file."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.errors import UserError
from ibconsole.services.connections import HighlightRule, JsonColumn, ListChoices, SettingsFile
from ibconsole.services.connections.settings import SettingsError
from ibconsole.services.list_display.choices import (
    MOST_COLUMNS,
    MOST_RULES,
    SavedChoices,
    check_columns,
    check_rules,
)
from ibconsole.services.list_display.json_columns import InvalidColumn

ORDER, BAD = JsonColumn("Order", "$.order"), JsonColumn("Bad", "order")
STOP, NEWER = HighlightRule("stop", "danger", "Stops"), HighlightRule("new:field", "purple")


async def test_choices_of_a_connection(tmp_path: Path) -> None:
    """Choices are kept as they are; what cannot be a column is left out, but not forgotten."""
    path = tmp_path / "settings.json"
    saved = SavedChoices(path)
    choices = ListChoices("a", (ORDER, BAD), (STOP, NEWER))
    assert await saved.save(choices) == choices
    await saved.save(ListChoices("b", rules=(STOP,)))

    assert await SavedChoices(path).load("a") == replace(choices, columns=(ORDER,))
    assert await saved.load("none") == ListChoices("none")
    assert SettingsFile(path).load().settings.lists[0] == choices

    await saved.save(ListChoices("a"))
    assert [one.connection for one in SettingsFile(path).load().settings.lists] == ["b"]


async def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """What cannot be read is said, and left as it is."""
    (tmp_path / "settings.json").mkdir()

    with pytest.raises(SettingsError):
        await SavedChoices(tmp_path / "settings.json").load("a")


def test_what_cannot_be_kept() -> None:
    """Names of columns differ, rules are filters, and there is a bounded number of both."""
    check_columns([ORDER], ["Text"])
    check_rules([STOP])
    for columns in (
        [ORDER, JsonColumn("order", "$.x")],
        [JsonColumn("TEXT", "$.x")],
        [JsonColumn(str(one), "$") for one in range(MOST_COLUMNS + 1)],
    ):
        with pytest.raises(InvalidColumn):
            check_columns(columns, ["Text"])
    for rules in ([NEWER], [HighlightRule(" ", "ok")], [STOP] * (MOST_RULES + 1)):
        with pytest.raises(UserError):
            check_rules(rules)
