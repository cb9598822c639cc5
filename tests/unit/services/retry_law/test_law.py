"""Retry laws as users write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.services.retry_law.law import (
    NO_RETRIES,
    PUBLISHED_LAW,
    InvalidLaw,
    RetryLaw,
    law_json,
    law_of,
    read_law,
)


def test_the_published_law_ends_after_41_hours_and_a_half() -> None:
    """The preset waits 1 min + 1 min × n², 20 times, and says that it is assumed."""  # noqa: RUF002
    assert PUBLISHED_LAW.all_delays[:4] == (60, 120, 300, 600)
    assert (PUBLISHED_LAW.attempts, PUBLISHED_LAW.span) == (21, 41.5 * 3_600)
    assert PUBLISHED_LAW.delay(20) == 60 + 60 * 19**2
    assert (PUBLISHED_LAW.delay(0), PUBLISHED_LAW.delay(21)) == (None, None)
    assert PUBLISHED_LAW.sentence == (
        "1m + 1m * n^2, 20 retries; the last one 1d 17h 30m after the first attempt. Assumed: for"
        " forwards of mobile push no law is documented."
    )


@pytest.mark.parametrize(
    ("text", "delays"),
    [
        ("published", PUBLISHED_LAW.all_delays),
        (" None ", ()),
        ("10", (10,)),
        ("10s, 1m;5 min,1h30m", (10, 60, 300, 5_400)),
        ("1h 30 min,", (5_400,)),
        ("500ms, 0", (0.5, 0)),
        ("1m + 1m * n^2, 3 retries", (60, 120, 300)),
        ("60+60*n², 3", (60, 120, 300)),
        ("60 + 60n**2; 3 times", (60, 120, 300)),
        ("1 min + 1 min × n² × 3", (60, 120, 300)),  # noqa: RUF001
        ("0 + 2s * n, 3 retries", (0, 2, 4)),
        ("5s, 3 retries", (5, 5, 5)),
        ('{"delays": [1, 2.5]}', (1, 2.5)),
        ('\ufeff{"base": 1, "step": 1, "retries": 2}', (1, 2)),
    ],
)
def test_laws_are_lists_or_formulas(text: str, delays: tuple[float, ...]) -> None:
    """A law is read as people write it, with or without units."""
    assert read_law(text).all_delays == delays


@pytest.mark.parametrize(
    "text",
    [
        "", ",", "1,,2", "-1", "one minute", "1m + 1m * n^2", "5x", "31d", "1d + 1d * n^2, 30",
        "1m + 1m * n^2, 2000 retries", "nan", "inf", "1e400", '{"delays": [-1]}', "{", "[1]",
        '{"delays": [1e99]}', '{"delay": [1]}', '{"base": 1e400, "retries": 1}', "1, " * 1_001,
        "1" * 70_000, "1.2.3s, 3 retries", '{"step": 2592000, "power": 6, "retries": 1000}',
    ],
)  # fmt: skip
def test_what_is_no_law_is_refused(text: str) -> None:
    """A text that is no law, or has no end within reason, is refused in one sentence."""
    with pytest.raises(InvalidLaw):
        read_law(text)


@settings(max_examples=20)
@given(st.lists(st.floats(0.001, 86_400).map(lambda one: round(one, 3)), min_size=1, max_size=5))
def test_a_law_comes_back_from_its_texts(delays: list[float]) -> None:
    """A shown law can be typed again, and a stored one is read as it was."""
    law = RetryLaw(name="mine", delays=tuple(delays))

    assert read_law(law.text).all_delays == pytest.approx(delays)
    assert law_of(law_json(law)) == law


@pytest.mark.parametrize("law", [PUBLISHED_LAW, NO_RETRIES, read_law("2s + 3s*n^1.5, 1 retry")])
def test_formulas_come_back_from_their_texts(law: RetryLaw) -> None:
    """A formula is shown as it can be typed."""
    assert read_law(law.text).all_delays == law.all_delays
    assert law_of(law_json(law).encode()) == law
    assert law.sentence.endswith(".")
