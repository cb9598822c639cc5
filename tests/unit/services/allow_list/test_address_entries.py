"""Addresses, networks and ranges in every spelling."""

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.allow_list.address_entries import (
    Interval,
    find_intervals,
    partial_interval,
)


def spans(line: str) -> list[str]:
    return [
        f"{IPv4Address(one.first)}-{IPv4Address(one.last)}" if isinstance(one, Interval) else one
        for one in find_intervals(line)
    ]


@pytest.mark.parametrize(
    "entry",
    [
        "193.105.74.0/24",
        "193.105.74.77/24",
        "193.105.74.0/255.255.255.0",
        "193.105.74.0/0.0.0.255",
        "193.105.74.0 255.255.255.0",
        "193.105.74.0 netmask 255.255.255.0",
        "193.105.74.0 0.0.0.255",
        "193.105.74.0-193.105.74.255",
        "193.105.74.0 - 193.105.74.255",
        "193.105.74.0\u2013193.105.74.255",
        "193.105.74.0..193.105.74.255",
        "193.105.74.0 through 193.105.74.255",
        "193.105.74.0-255",
        "193.105.74.*",
        "193.105.74/24",
        r"^193\.105\.74\.",
        "193[.]105[.]74[.]0/24",
        "::ffff:193.105.74.0/120",
        '"193.105.74.0/24",',
        "{193.105.74.0/24}",
    ],
)
def test_every_spelling_of_a_network_is_the_same(entry: str) -> None:
    assert spans(entry) == ["193.105.74.0-193.105.74.255"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1.2.3.4", ["1.2.3.4-1.2.3.4"]),
        ("1.2.3.4:443", ["1.2.3.4-1.2.3.4"]),
        ("1.2.3.4 5.6.7.8", ["1.2.3.4-1.2.3.4", "5.6.7.8-5.6.7.8"]),
        ("0.0.0.0 0.0.0.0", ["0.0.0.0-255.255.255.255"]),
        ("0.0.0.0 255.255.255.255", ["0.0.0.0-255.255.255.255"]),
        ("1.2.3.4 0.0.0.0", ["1.2.3.4-1.2.3.4"]),
        ("10.*.*.*", ["10.0.0.0-10.255.255.255"]),
        ("10/8", ["10.0.0.0-10.255.255.255"]),
        ("193.105.74.0/33", ["193.105.74.0/33"]),
        ("193.105.074.0/24", ["193.105.074.0/24"]),
        ("999.1.1.1", ["999.1.1.1"]),
        ("1.2.3.4.5", ["1.2.3.4.5"]),
        ("1.2.3.9-1.2.3.1", ["1.2.3.9-1.2.3.1"]),
        ("release v1.2.3.4, https://5.6.7.8/x, 2a00:1::/32, 12:30, 3.14", []),
    ],
)
def test_entries_are_told_apart(line: str, expected: list[str]) -> None:
    assert spans(line) == expected


def test_first_octets_stand_for_all_that_begin_with_them() -> None:
    assert partial_interval("10.1") == Interval(0x0A010000, 0x0A01FFFF, "10.1")
    assert partial_interval("10.256") is None


@given(st.text(alphabet="0123456789./-*, :abtox\\[]", max_size=60))
def test_nothing_raises_and_intervals_are_ordered(line: str) -> None:
    for one in find_intervals(line):
        assert isinstance(one, str) or 0 <= one.first <= one.last < 1 << 32
