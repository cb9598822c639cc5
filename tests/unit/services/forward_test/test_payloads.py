"""Payloads that can be chosen by name."""

import json

import pytest

from ibconsole.services.forward_test.payloads import (
    DESCRIPTIONS,
    SAMPLE,
    PayloadVariant,
    payload_of,
)

MADE = [one for one in PayloadVariant if one is not PayloadVariant.LAST]


@pytest.mark.parametrize("variant", MADE)
def test_variants(variant: PayloadVariant) -> None:
    """Each is a valid envelope that counts its messages, the same each time."""
    payload = payload_of(variant)
    envelope = json.loads(payload)

    assert envelope["messageCount"] == len(envelope["results"]) > 0
    assert all(one["messageId"] for one in envelope["results"])
    assert payload_of(variant) == payload
    assert DESCRIPTIONS[variant]


def test_what_variants_are_for() -> None:
    """A large one is large, a batch has 100 distinct messages, a duplicate twice the same."""
    batch = json.loads(payload_of(PayloadVariant.BATCH))["results"]
    twins = json.loads(payload_of(PayloadVariant.DUPLICATE))["results"]

    assert payload_of(PayloadVariant.SAMPLE) == SAMPLE
    assert len({one["messageId"] for one in batch}) == 100
    assert twins[0] == twins[1]
    assert len(payload_of(PayloadVariant.LARGE)) > 1_000_000
    assert "\N{WAVING HAND SIGN}".encode() in payload_of(PayloadVariant.EMOJI)
    with pytest.raises(ValueError, match="archive"):
        payload_of(PayloadVariant.LAST)
