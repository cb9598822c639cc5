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
from tests.unit.model.test_reading import JSON

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


def test_an_application_is_read_and_kept_whole() -> None:
    """Known fields get our names; unknown ones stay."""
    bank = read_application(BANK)

    assert (bank.code, bank.id, bank.name, bank.description) == ("c0de", "1D", "Bank", "A bank")
    assert (bank.registrations, bank.apns, bank.gcm) == (45655, True, False)
    assert bank.raw["futureField"] == [1]
    assert bank.oddities == ()


@pytest.mark.parametrize("answer", [{"applications": [BANK]}, [BANK], BANK, [BANK, "stranger"]])
def test_applications_come_in_an_envelope_bare_or_single(answer: object) -> None:
    """The old platform's array and the single object that the schema names are lists too."""
    assert [one.code for one in read_applications(answer)] == ["c0de"]


@pytest.mark.parametrize("answer", [{"applications": []}, {"applications": None}, {}, [], None])
def test_no_applications_is_an_empty_list(answer: object) -> None:
    """Nothing at all is a list of nothing."""
    assert read_applications(answer) == []


@pytest.mark.parametrize("answer", ["x", 1, {"applications": 1}])
def test_what_is_no_list_is_said_to_be_so(answer: object) -> None:
    """An answer in which no list can be found is not taken for an empty one."""
    with pytest.raises(Undecodable):
        read_applications(answer)


@given(st.lists(st.dictionaries(st.sampled_from([*BANK, "key", "type", "forwardUrl"]), JSON)))
def test_any_json_in_any_field_costs_nothing(raws: list[dict[str, Any]]) -> None:
    """One odd field never costs an application, a configuration or an action."""
    assert len(read_applications(raws)) == len(raws)
    assert len(read_configurations(raws)) == len(raws)
    assert len(read_actions(raws)) == len(raws)


def test_an_unknown_type_of_action_is_shown_as_it_is() -> None:
    """The platform may know more kinds of action than we do."""
    assert read_action({"key": "k", "type": "CARRIER_PIGEON"}).type == "CARRIER_PIGEON"


def test_a_draft_sends_only_what_was_given() -> None:
    """An action is sent without a key and without empty fields."""
    assert ActionDraft(type="PULL").raw == {"type": "PULL"}
    assert ActionDraft(type="HTTP_FORWARD", forward_url="https://x", callback_data="c").raw == {
        "type": "HTTP_FORWARD",
        "forwardUrl": "https://x",
        "callbackData": "c",
    }
