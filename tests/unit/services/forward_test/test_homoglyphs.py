"""Hosts that could be mistaken for others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.forward_test.homoglyphs import (
    alphabets_of,
    decode_host,
    find_lookalike,
    find_mixed_label,
)

KNOWN = ["hooks.example.com", "in1.bank.hr", "api.kestrel.aero"]


@pytest.mark.parametrize(
    ("host", "other"),
    [
        ("hooks.examp1e.com", "hooks.example.com"),
        ("h00ks.example.com", "hooks.example.com"),
        ("hooks.exarnple.com", "hooks.example.com"),
        ("hooks.ex\u0430mple.com", "hooks.example.com"),
        ("hooks.xn--exmple-4nf.com", "hooks.example.com"),
        ("hook.example.com", "hooks.example.com"),
        ("hooks.exmaple.com", "hooks.example.com"),
        ("hooks.example.con", "hooks.example.com"),
        ("api.kestre1.aero", "api.kestrel.aero"),
        ("HOOKS.EXAMPLE.COM", ""),
        ("hooks.example.com.", ""),
        ("in2.bank.hr", ""),
        ("in12.bank.hr", ""),
        ("other.example.com", ""),
        ("", ""),
    ],
)
def test_lookalike(host: str, other: str) -> None:
    """A typing error and a deception are found; other numbers and other names are not."""
    assert find_lookalike(host, KNOWN) == other


@pytest.mark.parametrize(
    ("host", "label"),
    [
        ("ex\u0430mple.com", "ex\u0430mple"),
        ("xn--exmple-4nf.com", "ex\u0430mple"),
        ("\u043f\u0440\u0438\u043c\u0435\u0440.com", ""),
        ("m\u00fcnchen.de", ""),
        ("\u6771\u4eac\u30bf\u30ef\u30fcabc.jp", ""),
        ("example.com", ""),
    ],
)
def test_mixed_alphabets(host: str, label: str) -> None:
    """A label in two alphabets is found; one in a single alphabet, or in Japanese, is not."""
    assert find_mixed_label(host)[0] == label


@pytest.mark.parametrize(
    ("host", "readable"),
    [("xn--mnchen-3ya.de", "m\u00fcnchen.de"), ("xn--\u00fc.de", "xn--\u00fc.de"), ("a.b", "a.b")],
)
def test_decoding(host: str, readable: str) -> None:
    """Punycode is decoded; a label that is not valid punycode is not changed."""
    assert decode_host(host) == readable


def test_alphabets() -> None:
    """The alphabets of a label are named once each, in the order of its letters."""
    assert alphabets_of("ex\u0430mple-1") == ("Latin", "Cyrillic")
    assert alphabets_of("123") == ()


@given(st.text(), st.lists(st.text()))
def test_any_text(host: str, others: list[str]) -> None:
    """No text raises an error, and no host is its own lookalike."""
    assert find_lookalike(host, [host]) == ""
    assert isinstance(find_lookalike(host, others), str)
    assert isinstance(find_mixed_label(host), tuple)
