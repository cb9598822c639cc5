import json
from typing import Any

import pytest

from ibconsole.simulator.action_parsing import read_draft, read_json
from ibconsole.simulator.answers import CallRefused

URL = "https://example.com/in"


@pytest.mark.parametrize(
    ("value", "draft"),
    [
        ({"type": "PULL"}, {"type": "PULL"}),
        ({"type": "PULL", "forwardUrl": URL, "x": 1}, {"type": "PULL"}),
        (
            {"callbackData": "c", "forwardUrl": URL, "type": "HTTP_FORWARD"},
            {"type": "HTTP_FORWARD", "forwardUrl": URL, "callbackData": "c"},
        ),
    ],
)
def test_a_draft_has_only_the_fields_of_the_contract(value: Any, draft: dict[str, str]) -> None:
    """Unknown fields are dropped, and so is the forward URL of a PULL action."""
    assert read_draft(json.dumps(value).encode()) == draft


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({}, "type"),
        ({"type": "PIGEON"}, "type"),
        ({"type": "HTTP_FORWARD"}, "forwardUrl"),
        ({"type": "HTTP_FORWARD", "forwardUrl": "nonsense"}, "forwardUrl"),
        ({"type": "HTTP_FORWARD", "forwardUrl": 1}, "forwardUrl"),
        ({"type": "PULL", "callbackData": {}}, "callbackData"),
        ([], "body"),
    ],
)
def test_a_refused_action_names_the_invalid_field(value: Any, field: str) -> None:
    """The 400 for an invalid action has a validation error for the field."""
    with pytest.raises(CallRefused) as refused:
        read_draft(json.dumps(value).encode())

    error = json.loads(refused.value.answer.body)["requestError"]["serviceException"]
    assert refused.value.answer.status == 400
    assert field in error["validationErrors"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_invalid_json_is_refused(body: bytes) -> None:
    """A body that is not JSON is a bad request and does not crash the simulator."""
    with pytest.raises(CallRefused):
        read_json(body)
