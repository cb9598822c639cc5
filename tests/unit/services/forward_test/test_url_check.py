"""What is said of a forward URL while it is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.forward_test.url_check import Finding, Surroundings, check


@pytest.mark.parametrize(
    ("url", "kind", "words"),
    [
        ("https://example.com/in/9f8a", "", ""),
        ("  https://example.com/in  ", "", ""),
        ("https://[2600::1]:8443/in", "", ""),
        ("http://example.com/in", "warning", "unencrypted"),
        ("https://user:secret@example.com", "warning", "not documented"),
        ("https://example.com/in#part", "warning", "never sent"),
        ("http://localhost:8484/in", "warning", "its own computer"),
        ("http://127.0.0.1:8484/in", "warning", "its own computer"),
        ("http://[::1]:8484/in", "warning", "its own computer"),
        ("http://0.0.0.0/in", "warning", "its own computer"),
        ("https://192.168.1.4/in", "warning", "private network"),
        ("https://10.0.0.1/in", "warning", "private network"),
        ("https://169.254.1.1/in", "warning", "private network"),
        ("https://[fd00::1]/in", "warning", "private network"),
        ("https://intranet/in", "warning", "private network"),
        ("https://hooks.corp.internal/in", "warning", "private network"),
        ("example.com/in", "danger", "https://"),
        ("https:example.com", "danger", "https://"),
        ("ftp://example.com/in", "danger", "not ftp"),
        ("https://exa mple.com/in", "danger", "%20"),
        ("https://example.com/\tin", "danger", "invisible"),
        ("https://example.com/\u200bin", "danger", "invisible"),
        ("https://", "danger", "host is missing"),
        ("https:///in", "danger", "host is missing"),
        ("https://example.com:99999/in", "danger", "not valid"),
        ("https://example.com:0/in", "danger", "Port 0"),
        ("https://[::1/in", "danger", "not valid"),
    ],
)
def test_findings(url: str, kind: str, words: str) -> None:
    """A mistake is named and stops the user; a doubt is explained and does not."""
    found = check(url)

    assert found.kind == kind
    assert words in found.sentence
    assert found.usable is (kind != "danger")


@pytest.mark.parametrize(
    ("url", "kind"),
    [("http://127.0.0.1:8484/in", "ok"), ("https://example.com/in", "warning")],
)
def test_sandbox(url: str, kind: str) -> None:
    """The sandbox reaches this computer, and nothing else."""
    assert check(url, Surroundings(sandbox=True)).kind == kind


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_yet(text: str) -> None:
    """Who has typed nothing yet has made no mistake, but cannot go on."""
    assert check(text) == Finding(usable=False)


@given(st.text())
def test_whatever_is_typed(text: str) -> None:
    """No text makes the check fail."""
    assert check(text).kind in {"", "info", "warning", "danger"}
    assert check(f"https://{text}").kind in {"", "info", "warning", "danger"}
