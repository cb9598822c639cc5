"""The choices for lists of messages are values of the settings file, one for each connection."""

import json
from pathlib import Path

from ibconsole.services.connections.list_choices import (
    HighlightRule,
    JsonColumn,
    ListChoices,
    with_choices,
)
from ibconsole.services.connections.settings import Settings, SettingsFile, without_connection

ONE = ListChoices("a", (JsonColumn("Order", "$.order"),))
OTHER = ListChoices("b", rules=(HighlightRule("stop", "danger"),))


def test_choices_are_replaced() -> None:
    """A connection has one entry, none if there is nothing to keep, and none once it is removed."""
    both = with_choices((ONE,), OTHER)
    assert both == (ONE, OTHER)
    assert with_choices(both, ListChoices("a")) == (OTHER,)
    assert without_connection(Settings(lists=both), "a").lists == (OTHER,)


def test_damaged_choices(tmp_path: Path) -> None:
    """Choices that cannot be understood are named, and the rest of the file is read."""
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"version": 1, "last": "x", "lists": [{"columns": 5}]}))

    found = SettingsFile(path).load()

    assert found.settings == Settings(last_opened="x")
    assert "columns and highlight rules" in found.notice
