import pytest

from ibconsole.ui.first_frame.last_seen import (
    MAX_AGE_MS,
    MAX_APPLICATIONS,
    Area,
    LastSeen,
    read_last_seen,
    write_last_seen,
)

SETTINGS = '{"connections": [{"id": "1f-2e"}]}'
SEEN = LastSeen(
    (1280, 800),
    1_000,
    (Area(("Applications",), 0, 66, 400, 350, 159),),
    "1f-2e",
    "Acme",
    "production",
    "teal",
    ("Bora Bank", "東京"),
)


def test_what_was_shown_is_read_again() -> None:
    """Places and names are as they were when the window was closed."""
    assert read_last_seen(write_last_seen(SEEN), now_ms=2_000, settings=SETTINGS) == SEEN


@pytest.mark.parametrize(
    ("now_ms", "settings"),
    [(2_000, "{}"), (2_000, ""), (1_001 + MAX_AGE_MS, SETTINGS), (999, SETTINGS)],
    ids=["connection removed", "no settings", "old", "from the future"],
)
def test_names_are_not_shown_for_ever(now_ms: int, settings: str) -> None:
    """Names of a removed connection, or that are old or of a wrong clock, are not shown."""
    seen = read_last_seen(write_last_seen(SEEN), now_ms=now_ms, settings=settings)

    assert seen == LastSeen(SEEN.size, SEEN.at, SEEN.areas)


@pytest.mark.parametrize(
    "text", ["", "[", "{}", '{"size": ["wide", 1]}', '{"size": [1, 2], "at": ""}']
)
def test_a_damaged_record_counts_as_missing(text: str) -> None:
    """A record that cannot be read shows nothing, and is no error."""
    assert read_last_seen(text, now_ms=0, settings="") is None


def test_long_lists_are_cut() -> None:
    """The record stays small for an account with many applications and long names."""
    many = LastSeen(SEEN.size, 1, (), "1f-2e", "A" * 5_000, "", "", ("B" * 5_000,) * 50_000)

    text = write_last_seen(many)

    seen = read_last_seen(text, now_ms=2, settings=SETTINGS)
    assert seen is not None
    assert len(seen.applications) == MAX_APPLICATIONS
    assert len(text) < 10_000
