"""The collection for Postman: the platform's calls, no secret, and a guard before what destroys."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ibconsole.api import new_action_request
from ibconsole.model import ActionDraft, ActionType
from ibconsole.services.connections import AuthorizationKind
from ibconsole.services.evidence.postman.collection import postman_collection
from tests.unit.services.json_schema import Schema

SCHEMA = Schema(str(Path(__file__).parent / "postman.schema.json"))
_VARIABLE = re.compile(r"\{\{(\w+)\}\}")


def collection(kind: AuthorizationKind = AuthorizationKind.API_KEY) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(postman_collection("Desk", "https://x.example", kind))
    assert SCHEMA.accepts(value)
    return value


def items(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (item for folder in found["item"] for item in folder["item"])


@pytest.mark.parametrize("kind", AuthorizationKind)
def test_every_variable_is_declared(kind: AuthorizationKind) -> None:
    """Whatever a request or the authorization needs is a variable; a secret one has no value."""
    found = collection(kind)
    declared = {one["key"]: one["value"] for one in found["variable"]}

    used = set(_VARIABLE.findall(json.dumps([found["item"], found["auth"]])))

    assert used <= set(declared)
    assert declared.pop("baseUrl") == "https://x.example"
    assert {value for value in declared.values() if value} == {"1", "no"}


def test_the_ten_calls() -> None:
    """Each call of the platform is there once, with its method, its path and its body."""
    calls = {
        (item["request"]["method"], item["request"]["url"]["raw"].removeprefix("{{baseUrl}}"))
        for item in items(collection())
    }

    code, key = "/push/1/applications/{{applicationCode}}", "{{configurationKey}}"
    one = f"{code}/configurations/{key}"
    assert calls == {
        ("GET", "/push/1/applications"),
        ("GET", code),
        ("GET", f"{code}/configurations"),
        ("POST", f"{code}/configurations"),
        ("GET", one),
        ("DELETE", one),
        ("GET", f"{one}/actions"),
        ("POST", f"{one}/actions"),
        ("DELETE", one + "/actions/{{actionKey}}"),
        ("GET", "/push/1/inbox/reports?limit={{limit}}"),
    }


def test_the_body_of_a_new_action_is_that_of_the_client() -> None:
    """The example is what the program itself would send."""
    [item] = [one for one in items(collection()) if "body" in one["request"]]
    draft = ActionDraft(
        type=ActionType.HTTP_FORWARD,
        forward_url="{{forwardUrl}}",
        callback_data="{{callbackData}}",
    )

    method, _, body = new_action_request("c", "k", draft)

    assert item["request"]["method"] == method
    assert json.loads(item["request"]["body"]["raw"]) == json.loads(body)


def test_what_destroys_is_guarded() -> None:
    """The pull warns, and neither it nor a change is sent before its variable says yes."""
    guards = {
        item["name"]: "".join(item["event"][0]["script"]["exec"])
        for item in items(collection())
        if "event" in item
    }
    destructive = [one for one in items(collection()) if one["request"]["method"] != "GET"]
    [pull] = [one for one in items(collection()) if "inbox" in one["request"]["url"]["raw"]]

    assert len(guards) == len(destructive) + 1
    assert '"allowPull") !== "yes"' in guards[pull["name"]]
    assert "takes messages, for ever" in pull["request"]["description"]
    assert all('"allowChanges") !== "yes"' in guards[one["name"]] for one in destructive)
