"""Pseudonyms are consistent, and say nothing about what they stand for."""

from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.evidence.redaction.rules import (
    Pseudonyms,
    RedactionRules,
    ReplacementKind,
    TextChoice,
)

APPLICATION, INSTALLATION = ReplacementKind.APPLICATION, ReplacementKind.INSTALLATION


def test_equal_identifiers_have_one_pseudonym() -> None:
    """A reader can follow an installation through an export."""
    pseudonyms = Pseudonyms()

    tokens = [pseudonyms.token(INSTALLATION, value) for value in ("a", "b", "a")]

    assert tokens == ["installation-1", "installation-2", "installation-1"]
    assert pseudonyms.token(APPLICATION, "a") == "app-1"


def test_they_stay_the_same_in_a_later_export() -> None:
    """The case keeps the salt and the table, which has no identifier in it."""
    first = Pseudonyms()
    first.token(APPLICATION, "code-of-acme")
    first.token(APPLICATION, "code-of-globex")

    later = Pseudonyms(first.salt, first.known)

    assert later.token(APPLICATION, "code-of-globex") == "app-2"
    assert later.token(APPLICATION, "code-of-initech") == "app-3"
    assert "code" not in f"{dict(first.known)}"


def test_the_table_cannot_be_guessed_without_the_salt() -> None:
    """Without the salt no guess can be tested with the table."""
    one, other = Pseudonyms(), Pseudonyms()
    one.token(APPLICATION, "code")
    other.token(APPLICATION, "code")

    assert one.salt != other.salt
    assert set(one.known).isdisjoint(other.known)


@given(st.lists(st.text(max_size=20) | st.sampled_from(["app-1", "app-2", "app-3"])))
def test_a_pseudonym_is_no_original(values: list[str]) -> None:
    """No identifier stands for itself, and no two share a pseudonym."""
    pseudonyms = Pseudonyms()
    seen: set[str] = set()
    tokens = {}

    for value in values:
        seen.add(value)
        is_new = value not in tokens
        tokens[value] = pseudonyms.token(APPLICATION, value)
        assert tokens[value] != value
        assert not (is_new and tokens[value] in seen)

    assert {value: pseudonyms.token(APPLICATION, value) for value in values} == tokens
    assert len(set(tokens.values())) == len(tokens)


def test_texts_are_masked_unless_it_is_chosen_otherwise() -> None:
    """The safe choice needs no decision."""
    rules = RedactionRules()

    assert {rules.texts, rules.payloads, rules.other_bodies} == {TextChoice.MASKED}
