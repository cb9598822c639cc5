"""Applications, configurations and actions, read from JSON."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.model.application import (
    ActionDraft,
    read_action,
    read_actions,
    read_application,
    read_applications,
    read_configurations,
)
from ibconsole.model.reading import Undecodable
from tests.unit.model.strategies import JSON

BANK = {
    "applicationCode": "c0de",
    "applicationId": "1D",
    "name": "Bank",
    "description": "A bank",
    "registrationsCount": 45655,
    "apns": {"enabled": True},
    "gcm": {"enabled": False},
    "futureField": [1],
}


def test_application_is_read_and_kept() -> None:
    """Known fields become attributes; unknown ones stay in `raw`."""
    bank = read_application(BANK)

    assert (bank.code, bank.id, bank.name, bank.description) == ("c0de", "1D", "Bank", "A bank")
    assert (bank.registrations, bank.apns, bank.gcm) == (45655, True, False)
    assert bank.raw["futureField"] == [1]
    assert bank.oddities == ()


@pytest.mark.parametrize("answer", [{"applications": [BANK]}, [BANK], BANK, [BANK, "a string"]])
def test_shapes_of_a_list_of_applications(answer: object) -> None:
    """An envelope, the old platform's bare array and the schema's single object are lists."""
    assert [one.code for one in read_applications(answer)] == ["c0de"]


@pytest.mark.parametrize("answer", [{"applications": []}, {"applications": None}, {}, [], None])
def test_no_applications_is_an_empty_list(answer: object) -> None:
    """An empty answer is an empty list."""
    assert read_applications(answer) == []


@pytest.mark.parametrize("answer", ["x", 1, {"applications": 1}])
def test_answer_without_a_list(answer: object) -> None:
    """An answer without a list is an error, not an empty list."""
    with pytest.raises(Undecodable):
        read_applications(answer)


@pytest.mark.slow
@given(
    st.lists(
        st.dictionaries(st.sampled_from([*BANK, "key", "type", "forwardUrl"]), JSON), max_size=3
    )
)
def test_any_json_in_any_field(raws: list[dict[str, Any]]) -> None:
    """An unexpected value never loses an application, a configuration or an action."""
    assert len(read_applications(raws)) == len(raws)
    assert len(read_configurations(raws)) == len(raws)
    assert len(read_actions(raws)) == len(raws)


def test_unknown_type_of_action() -> None:
    """An undocumented type of action is kept as it is."""
    assert read_action({"key": "k", "type": "CARRIER_PIGEON"}).type == "CARRIER_PIGEON"


def test_draft_leaves_out_empty_fields() -> None:
    """An action is sent without a key and without empty fields."""
    assert ActionDraft(type="PULL").raw == {"type": "PULL"}
    assert ActionDraft(type="HTTP_FORWARD", forward_url="https://x", callback_data="c").raw == {
        "type": "HTTP_FORWARD",
        "forwardUrl": "https://x",
        "callbackData": "c",
    }
