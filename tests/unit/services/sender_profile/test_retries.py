"""The spacing of repetitions, and the laws that it fits."""

from itertools import accumulate

import pytest

from ibconsole.archive import ForwardedMessage
from ibconsole.services.sender_profile.retries import (
    LAWS,
    PUBLISHED,
    LawShape,
    Repetitions,
    find_repetitions,
    fitting_laws,
)


def messages(name: str, *gaps: float) -> list[ForwardedMessage]:
    times = accumulate((0.0, *gaps))
    return [ForwardedMessage(name, "a", n, int(at * 1000)) for n, at in enumerate(times)]


def test_the_published_law_is_recognized() -> None:
    """Attempts after 1, 2, 5 and 10 minutes fit it, also if each is late by a time-out."""
    found = find_repetitions(messages("m", 60, 132, 301, 609) + messages("n", 61))

    assert (found.messages, found.gaps, found.laws) == (2, 5, (PUBLISHED,))
    assert found.seconds == (60.5, 132.0, 301.0, 609.0)
    assert found.last_at == 1_102_000
    assert "published law" in found.sentence


@pytest.mark.parametrize("law", LAWS[1:], ids=lambda law: law.name)
def test_other_laws_are_recognized(law: LawShape) -> None:
    """Each law is found from four intervals in a unit of its own, and no other."""
    gaps = [(n, 7.0 * law.factor(n)) for n in range(5)]

    assert fitting_laws(gaps) == (law.name,)


def test_what_fits_no_law() -> None:
    """Intervals without a rule are shown as they are."""
    found = find_repetitions(messages("m", 5, 500, 20))

    assert found.laws == ()
    assert "none of the laws" in found.sentence


def test_one_interval_proves_little() -> None:
    """One interval may agree with the published law; a law with a free unit needs two."""
    assert fitting_laws([(0, 60.0), (0, 62.0)]) == (PUBLISHED,)
    assert fitting_laws([(0, 30.0)]) == ()
    assert fitting_laws([]) == ()


def test_two_actions_are_no_repetition() -> None:
    """A message that arrives twice at the same time was posted by two actions."""
    assert find_repetitions(messages("m", 0.1, 0.2)) == Repetitions()
    assert "not known" in Repetitions().sentence


def test_an_answer_on_purpose_is_no_part_of_an_interval() -> None:
    """The time for which an answer rule kept a sender waiting is not taken for its law."""
    attempts = [
        ForwardedMessage("1", "a", 1, 0, waited=40_000),
        ForwardedMessage("1", "a", 2, 100_000, waited=30_000),
        ForwardedMessage("1", "a", 3, 250_000),
    ]

    found = find_repetitions(attempts)

    assert found.seconds == (60.0, 120.0)
    assert PUBLISHED in found.laws
