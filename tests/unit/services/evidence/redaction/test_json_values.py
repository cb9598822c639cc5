"""JSON is redacted by the names of its members, in messages and everything around them."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from ibconsole.secret import MASK, Secret
from ibconsole.services.evidence.redaction.json_values import JsonRedaction, close_cut
from ibconsole.services.evidence.redaction.known_secrets import KnownSecret, KnownSecrets
from ibconsole.services.evidence.redaction.rules import (
    Pseudonyms,
    RedactionRules,
    Replacement,
    ReplacementKind,
    TextChoice,
)
from ibconsole.services.evidence.redaction.texts import TextRedaction

KEY = "3f9a1c77be0240d8-a95e6f2b8c1d"
KNOWN = KnownSecrets(secrets=(KnownSecret("API key", Secret(KEY)),))
ENVELOPE = json.loads(Path("tests/samples/message_envelope.json").read_bytes())
KEPT = RedactionRules(texts=TextChoice.KEPT, payloads=TextChoice.KEPT)
REMOVED = RedactionRules(texts=TextChoice.REMOVED, payloads=TextChoice.REMOVED)


def redacted(value: Any, rules: RedactionRules = KEPT, *, is_strict: bool = False) -> Any:
    texts = TextRedaction(KNOWN, rules, Pseudonyms())
    return JsonRedaction(texts, is_strict=is_strict).value(value, "")


def test_a_message_with_masked_texts() -> None:
    """Codes and installations become pseudonyms, texts a mask; times and counts stay."""
    [message] = ENVELOPE["results"]

    shown = redacted(ENVELOPE, RedactionRules(message_ids=True))

    assert shown["messageCount"] == 1
    assert shown["results"] == [
        {
            "messageId": "message-1",
            "pairedMessageId": "message-2",
            "from": "installation-1",
            "subscriberId": "subscriber-1",
            "to": "app-1",
            "applicationCode": "app-1",
            "receivedAt": message["receivedAt"],
            "callbackData": MASK,
            "text": MASK,
            "cleanText": MASK,
            "keyword": MASK,
            "customPayload": {"key1": MASK, "key2": MASK},
        }
    ]


def test_a_message_with_texts_kept_or_removed() -> None:
    """The user's choice is followed, and ids of messages stay unless they are to be replaced."""
    [kept] = redacted(ENVELOPE)["results"]
    [removed] = redacted(ENVELOPE, REMOVED)["results"]

    assert (kept["text"], kept["customPayload"]) == ("KEYWORD text", {"key1": 1, "key2": 2})
    assert kept["messageId"] == "1561984815238926404"
    assert set(kept) - set(removed) == {
        "text",
        "cleanText",
        "keyword",
        "customPayload",
        "callbackData",
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"key": "action-1", "sig": "x"}, {"key": "action-1", "sig": MASK}),
        ({"password": "abc", "n": 1}, {"password": MASK, "n": 1}),
        ({"apiKey": ["a", None, "", True]}, {"apiKey": [MASK, None, "", True]}),
        ({"token": {"value": 123}}, {"token": {"value": MASK}}),
        ([{"name": "X-Api-Key", "value": "v"}], [{"name": "X-Api-Key", "value": MASK}]),
        ([{"name": "Accept", "value": "v"}], [{"name": "Accept", "value": "v"}]),
        ({KEY: 1, MASK: 2}, {MASK: 1, f"{MASK} 2": 2}),
        ({"from": 12}, {"from": "installation-1"}),
        ({"from": {"id": "a"}, "to": ["b"]}, {"from": {"id": "installation-1"}, "to": ["app-1"]}),
        ({"forwardUrl": "https://u:p@a.example/"}, {"forwardUrl": f"https://{MASK}@a.example/"}),
        ([1, 1.5, True, None, "x"], [1, 1.5, True, None, "x"]),
        ({"pushRegId": ""}, {"pushRegId": ""}),
    ],
)
def test_members(value: Any, expected: Any) -> None:
    """Credentials by name, headers in lists, identifiers of any type, and names themselves."""
    assert redacted(value) == expected


def test_names_that_become_equal_stay_apart() -> None:
    """No member is lost because two names become one."""
    assert redacted({KEY: 1, KEY.upper(): 2}) == {MASK: 1, f"{MASK} 2": 2}


def test_errors_of_the_platform_stay_readable() -> None:
    """An error has members called messageId and text that are neither."""
    error = {"requestError": {"serviceException": {"messageId": "BAD_REQUEST", "text": "Bad"}}}

    assert redacted(error, RedactionRules(message_ids=True)) == error


def test_json_within_strings_is_redacted_as_json() -> None:
    """Gateways wrap what they pass on, as text or in base64."""
    inner = {"results": [{"from": "x", "text": "secret words"}]}
    plain = json.dumps(inner)
    wrapped = {
        "body": json.dumps({"again": plain}),
        "data": base64.b64encode(plain.encode()).decode(),
        "no": "{not json",
        "nor": "[]      ",
        "this": "abcdefghijklmnop",
    }

    shown = redacted(wrapped, RedactionRules())

    expected = {"results": [{"from": "installation-1", "text": MASK}]}
    assert json.loads(json.loads(shown["body"])["again"]) == expected
    assert json.loads(base64.b64decode(shown["data"])) == expected
    assert {name: shown[name] for name in ("no", "nor", "this")} == {
        name: wrapped[name] for name in ("no", "nor", "this")
    }


def test_a_number_that_is_an_identifier_is_replaced() -> None:
    """Systems write ids as numbers, too."""
    texts = TextRedaction(KNOWN, KEPT, Pseudonyms())
    texts.learn(ReplacementKind.SUBSCRIBER, "123456789012345")

    assert JsonRedaction(texts).value([123456789012345, 7], "") == ["subscriber-1", 7]


def test_a_string_in_something_like_base64_stays() -> None:
    """Base64 of an odd length holds nothing."""
    assert redacted(["abcdefghijklmnopq", "e30=" * 4]) == ["abcdefghijklmnopq", "e30=" * 4]


def test_strict_redaction_masks_what_it_cannot_take_apart() -> None:
    """A string with a secret in a spelling that is not undone is masked as a whole."""
    value = {"a": f"x {KEY.encode().hex()} y", "b": "fine and well"}

    assert redacted(value) == value
    assert redacted(value, is_strict=True) == {"a": MASK, "b": "fine and well"}


@pytest.mark.parametrize(
    ("cut", "closed"),
    [
        (b'{"a":1,"b":[1,2,{"c":"d"},{"e', b'{"a":1,"b":[1,2,{"c":"d"},{}]}'),
        (b'[[1,2],[3,"4', b"[[1,2],[3]]"),
        (b'{"a', b"{}"),
        (b'{"a":"x\\"},"b', b"{}"),
        (b'{"a":1,"b":"x, y}', b'{"a":1}'),
        (b"[1]", None),
        (b"[1}", None),
        (b"]", None),
        (b"text", None),
        (b"[" + b" " * (4 << 20), None),
    ],
    ids=[str(at) for at in range(10)],
)
def test_cut_json_is_closed(cut: bytes, closed: bytes | None) -> None:
    """The complete beginning stays; anything else is not touched."""
    assert close_cut(cut) == closed


def test_places_lead_to_the_members() -> None:
    """The preview names the member that was replaced."""
    texts = TextRedaction(KNOWN, RedactionRules(), Pseudonyms())

    body = JsonRedaction(texts).body(b'{"results":[{"text":"hi"}]}', "message 1")

    assert body == b'{"results":[{"text":"' + MASK.encode() + b'"}]}'
    assert texts.replacements == [
        Replacement(place="message 1.results[0].text", kind=ReplacementKind.TEXT, token=MASK)
    ]
    assert JsonRedaction(texts).body(b"no JSON", "") is None
