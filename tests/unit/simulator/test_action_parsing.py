import json
from typing import Any

import pytest

from ibconsole.simulator.action_parsing import Refusal, read_draft, read_json

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
def test_a_draft_holds_what_the_contract_names(value: Any, draft: dict[str, str]) -> None:
    """Unknown fields are dropped, and so is the URL of an action that forwards nothing."""
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
def test_what_is_wrong_is_named(value: Any, field: str) -> None:
    """A refused action says which field was wrong."""
    with pytest.raises(Refusal) as refused:
        read_draft(json.dumps(value).encode())

    problem = json.loads(refused.value.answer.body)["requestError"]["serviceException"]
    assert refused.value.answer.status == 400
    assert field in problem["validationErrors"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    """Bytes that are no JSON are a bad request, not a crash."""
    with pytest.raises(Refusal):
        read_json(body)
