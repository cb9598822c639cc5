"""Masking of the secrets in a forward URL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.forward_test.url_remark import cut_url, secret_names, shown_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://hooks.kestrel.aero/in?page=1", "https://hooks.kestrel.aero/in?page=1"),
        ("https://anna:pw@hooks.kestrel.aero/in", "https://••••@hooks.kestrel.aero/in"),
        ("https://a.aero/in?x=1&api_key=abc&y", "https://a.aero/in?x=1&api_key=••••&y"),
        ("https://a.aero/in?Token=abc#part", "https://a.aero/in?Token=••••#part"),
        ("https://[::1", "https://[::1"),
        ("", ""),
    ],
)
def test_secrets_are_masked(url: str, shown: str) -> None:
    """A log-in and secrets of the query are not shown; everything else is as it was."""
    assert shown_url(url).replace("•" * 4, "••••") == shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://hooks.kestrel.aero/inbound/AbC123?x=1", "https://hooks.kestrel.aero/inbound/…"),
        ("https://hooks.kestrel.aero/AbC123", "https://hooks.kestrel.aero/…"),
        ("https://hooks.kestrel.aero/", "https://hooks.kestrel.aero/"),
        ("https://hooks.kestrel.aero?x=1", "https://hooks.kestrel.aero/…"),
    ],
)
def test_paths_are_cut(url: str, shown: str) -> None:
    """A report that leaves the computer does not have the path that keeps others out."""
    assert cut_url(url) == shown


@given(st.text())
def test_any_text(text: str) -> None:
    """No text raises an error."""
    for url in (text, f"https://{text}", f"https://h.aero/?{text}"):
        shown_url(url)
        cut_url(url)


def test_names() -> None:
    """A parameter without a value is no secret."""
    assert secret_names("token=&key=1&monkey=2&access-token=3") == ["key", "access-token"]
