"""Findings: numbered statements about an account."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.diagnosis.catalogue.finding import (
    Basis,
    Confidence,
    Finding,
    Level,
    Subject,
    fingerprint,
    name_of,
    number_of,
)


@pytest.mark.parametrize("text", ["IBC-1001", "ibc-1001", "IBC1001", " 1001 "])
def test_spellings_of_a_number(text: str) -> None:
    """A number is understood as users type it."""
    assert number_of(text) == 1001
    assert name_of(1001) == "IBC-1001"


@pytest.mark.parametrize("text", ["", "IBC-", "IBC-10", "IBC-10011", "A-1001", "\u0661001"])
def test_no_numbers(text: str) -> None:
    """Other texts are no numbers."""
    assert number_of(text) is None


def test_ids_are_stable() -> None:
    """A released id stays what it is: mutes and other programs refer to it."""
    finding = Finding(
        1002,
        Level.ERROR,
        Subject("c", "app", "Name", "K"),
        "Sentence.",
        Confidence(Basis.DOCUMENTED),
    )

    assert finding.id == "1a0dd36de7de90c27d2c"


@given(st.lists(st.text(), min_size=2, max_size=4, unique=True))
def test_ids_differ(parts: list[str]) -> None:
    """Two subjects have different ids, also if their parts are split in another place."""
    assert fingerprint(*parts) != fingerprint("".join(parts))
    assert fingerprint(*parts) != fingerprint(*reversed(parts)) or parts == parts[::-1]
