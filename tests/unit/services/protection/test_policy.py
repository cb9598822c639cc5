"""A policy is understood as a whole, or not at all; the line that is wrong is named."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.protection.policy import (
    CLOSED,
    DESCRIPTIONS,
    OPEN,
    BrokenPolicy,
    Policy,
    parse_policy,
)

WHOLE = b"""\xef\xbb\xbf# for support
read_only = true
forbid_pulls = false
forbid_raw_exports = true
keep_days = 90
base_urls = ["XYZ.api.infobip.com/", "https://abc.api.infobip.com"]
team_database = "postgres://team.example/inbound"
"""


def test_every_key_is_read_and_base_urls_are_normalized() -> None:
    assert parse_policy(WHOLE) == Policy(
        read_only=True,
        forbid_raw_exports=True,
        keep_days=90,
        base_urls=("https://xyz.api.infobip.com", "https://abc.api.infobip.com"),
        team_database=("postgresql://team.example/inbound",),
    )


def test_an_empty_file_leaves_everything_open() -> None:
    assert parse_policy(b"\n# nothing yet\n") == OPEN


def test_every_key_has_a_description_and_every_flag_is_closed() -> None:
    assert set(DESCRIPTIONS) == set(Policy.__struct_fields__)
    flags = [name for name in DESCRIPTIONS if isinstance(getattr(OPEN, name), bool)]
    assert flags
    assert all(getattr(CLOSED, name) for name in flags)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"read_only = yes", "not TOML"),
        (b"read_only = 1", "line 1: read_only is neither true nor false"),
        (b'\n\nread_only = "true"', "line 3: read_only"),
        (b"readonly = true", "line 1: readonly is not a key"),
        (b"[read_only]\nvalue = true", "line 1: read_only is neither"),
        (b"keep_days = 0", "line 1: keep_days is not a number of days from 1 to 36,500"),
        (b"keep_days = 36501", "keep_days is not a number"),
        (b"keep_days = true", "keep_days is not a number"),
        (b"keep_days = 1.5", "keep_days is not a number"),
        (b"base_urls = []", "base_urls is not a list"),
        (b'base_urls = "https://x.api.infobip.com"', "base_urls is not a list"),
        (b'base_urls = ["ftp://x"]', "base_urls contains something"),
        (b"base_urls = [1]", "base_urls contains something"),
        (b"team_database = 5", "team_database is not an address or a list"),
        (b"team_database = [5]", "team_database contains something"),
        (b'team_database = ["mysql://x"]', "team_database contains something"),
        (b"# first\nread_only = true\n# caf\xe9", "line 3 is not UTF-8"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"read_only = true\nread_only = false", "not TOML"),
    ],
)
def test_what_cannot_be_understood_names_its_place(data: bytes, sentence: str) -> None:
    with pytest.raises(BrokenPolicy, match=sentence):
        parse_policy(data)


def test_a_team_that_may_be_named() -> None:
    """Any without the key, the listed ones with it, none of an empty list or a broken policy."""
    database = "postgresql://anna@team.example/inbound"

    assert OPEN.permits_team(database)
    assert parse_policy(WHOLE).permits_team(database)
    assert not parse_policy(WHOLE).permits_team("postgresql://other.example/inbound")
    assert not parse_policy(b"team_database = []").permits_team(database)
    assert not CLOSED.permits_team(database)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_policy_or_a_sentence(data: bytes) -> None:
    with suppress(BrokenPolicy):
        assert isinstance(parse_policy(data), Policy)
