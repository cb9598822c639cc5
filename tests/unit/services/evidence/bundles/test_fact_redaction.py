"""Redaction of facts: the rules find the same numbers in what is left."""

from collections import Counter

import pytest

from ibconsole.model import encode
from ibconsole.services.diagnosis import Facts, diagnose
from ibconsole.services.evidence.bundles.fact_redaction import ValueRedaction
from ibconsole.services.evidence.bundles.url_redaction import UrlRedaction
from ibconsole.services.evidence.redaction import (
    KnownSecrets,
    Pseudonyms,
    Redaction,
    RedactionRules,
    TextChoice,
)
from tests.unit.services.diagnosis.rules.cases import CASES
from tests.unit.services.diagnosis.samples import CODE


def redacting(choice: TextChoice) -> ValueRedaction:
    """Return the redaction of one export with this choice."""
    rules, pseudonyms = RedactionRules(texts=choice, payloads=choice), Pseudonyms()
    redaction = Redaction(KnownSecrets(), rules, pseudonyms)
    redaction.is_strict = False
    return ValueRedaction(redaction, UrlRedaction(redaction, pseudonyms.salt), rules)


def numbers(facts: Facts) -> Counter[int]:
    return Counter(one.number for one in diagnose(facts))


@pytest.mark.parametrize("choice", TextChoice)
def test_every_fault_is_found_again(choice: TextChoice) -> None:
    """Each number of the catalogue is found as often as before, and no code is left."""
    for name, facts in CASES.items():
        redacted = redacting(choice).struct(facts, "facts")

        assert numbers(redacted) == numbers(facts), name
        assert CODE.encode() not in encode(repr(redacted))


def test_values_by_their_names() -> None:
    """Codes, headers and what people wrote are redacted by the names of their fields."""
    values = redacting(TextChoice.REMOVED)
    report = {"headers": [["Authorization", "App abcdef123456"]], "sent_headers": ["x"], "n": 1.5}

    assert values.plain(report, "")["headers"] == (("Authorization", "App ••••"),)
    assert values.plain(report, "")["sent_headers"] == ["x"]
    assert values.code("code-of-acme-0001", "") == "app-1"
    assert values.installation("", "") == ""
    assert values.message_text("text", "Hello", "") == ""
    assert values.message_id("m-1", "") == "m-1"
    assert values.callback_data("", "") == ""
    assert values.callback_data("order", "").startswith("masked-")
