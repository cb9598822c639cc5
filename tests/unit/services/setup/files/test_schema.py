"""The JSON Schema for editors, docs/setup.schema.json, against the reader."""

import json
from typing import Any

import pytest

from ibconsole.model import ActionDraft
from ibconsole.services.documents import FileFormat, InvalidDocument
from ibconsole.services.setup.files import (
    WantedAction,
    WantedApplication,
    WantedConfiguration,
    read_setup_file,
    write_setup_file,
)
from tests.unit.services.json_schema import Schema

SCHEMA = Schema("setup.schema.json")
APPLICATION = {"name": "A", "configuration": None}
ACTION = {"type": "PULL"}


def is_read(value: Any) -> bool:
    try:
        read_setup_file(json.dumps(value).encode(), "s.json")
    except InvalidDocument:
        return False
    return True


def file_of(*applications: Any, **others: Any) -> dict[str, Any]:
    return {"version": 1, "applications": list(applications), **others}


def with_action(**action: Any) -> dict[str, Any]:
    return file_of({"name": "A", "configuration": {"actions": [action]}})


@pytest.mark.parametrize(
    "value",
    [
        file_of(),
        {**file_of(), "$schema": "setup.schema.json"},
        file_of(APPLICATION, {**APPLICATION, "name": "B", "id": "1", "code": "C"}),
        file_of({"name": "A", "configuration": {"actions": [], "key": "K"}}),
        with_action(type="PULL", callbackData="", key="K"),
        with_action(type="HTTP_FORWARD", forwardUrl="https://h/in", callbackData="c"),
        with_action(type="another"),
    ],
)
def test_both_accept(value: Any) -> None:
    """What an editor accepts is read."""
    assert (SCHEMA.accepts(value), is_read(value)) == (True, True)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"version": 1},
        {"applications": []},
        {"version": 2, "applications": []},
        {"version": "1", "applications": []},
        {"version": 1, "applications": None},
        file_of(other=1),
        file_of("A"),
        file_of({"name": "A"}),
        file_of({"configuration": None}),
        file_of({"name": 1, "configuration": None}),
        file_of({"name": None, "configuration": None}),
        file_of({**APPLICATION, "id": 7}),
        file_of({**APPLICATION, "description": "x"}),
        file_of({"name": "A", "configuration": []}),
        file_of({"name": "A", "configuration": {}}),
        file_of({"name": "A", "configuration": {"actions": None}}),
        file_of({"name": "A", "configuration": {"actions": [], "name": "x"}}),
        with_action(),
        with_action(type=None),
        with_action(type="PULL", forwardUrl=None),
        with_action(type="PULL", callbackData=1),
        with_action(type="PULL", key=1),
        with_action(type="PULL", url="x"),
        with_action(type="PULL", forwardUrl=["https://h"]),
    ],
)
def test_both_refuse(value: Any) -> None:
    """What the reader refuses, an editor marks, as far as a schema can say it."""
    assert (SCHEMA.accepts(value), is_read(value)) == (False, False)


def test_what_is_written_is_valid() -> None:
    """An export is valid in an editor, with everything that it can have."""
    action = WantedAction(ActionDraft(type="X", forward_url="u", callback_data="c"), "K")
    wanted = [
        WantedApplication("A", WantedConfiguration((action,), "K"), id="1", code="C"),
        WantedApplication("B"),
    ]

    assert SCHEMA.accepts(json.loads(write_setup_file(wanted, FileFormat.JSON)))
