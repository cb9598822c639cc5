"""Remarks on a forward URL as it is being typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.errors import Severity
from ibconsole.services.forward_test.url_check import UrlContext, UrlRemark, url_remarks


def first_remark(url: str, context: UrlContext | None = None) -> UrlRemark:
    return next(iter(url_remarks(url, context or UrlContext())), UrlRemark())


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/in/9f8a",
        "  https://example.com/in  ",
        "https://[2600::1]:8443/in",
    ],
)
def test_good_url(url: str) -> None:
    """A public https URL has no remarks."""
    assert url_remarks(url) == ()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://example.com/in", "unencrypted"),
        ("https://user:secret@example.com", "not documented"),
        ("https://example.com/in#part", "never sent"),
        ("http://localhost:8484/in", "its own computer"),
        ("http://127.0.0.1:8484/in", "its own computer"),
        ("http://[::1]:8484/in", "its own computer"),
        ("http://0.0.0.0/in", "its own computer"),
        ("https://192.168.1.4/in", "private network"),
        ("https://10.0.0.1/in", "private network"),
        ("https://169.254.1.1/in", "private network"),
        ("https://[fd00::1]/in", "private network"),
        ("https://intranet/in", "private network"),
        ("https://hooks.corp.internal/in", "private network"),
        ("https://hooks.example/in", "reserved"),
        ("https://ex\u0430mple.com/in", "Latin, Cyrillic"),
        ("https://xn--mnchen-3ya.de/in", "m\u00fcnchen.de"),
        ("https://webhook.site/in", "public page"),
        ("http://example.com:443/in", "https"),
        ("https://example.com:80/in", "Port 80"),
        ("https://a_b.example.com/in", "underscore"),
    ],
)
def test_doubtful_url(url: str, words: str) -> None:
    """A doubtful URL is explained and can be used."""
    remark = first_remark(url)

    assert (remark.severity, remark.usable) == (Severity.WARNING, True)
    assert words in remark.sentence


@pytest.mark.parametrize(
    ("url", "words", "correction"),
    [
        ("example.com/in", "https://", "https://example.com/in"),
        ("https:example.com", "https://", "https://example.com"),
        ("https:\\\\example.com", "https://", "https://example.com"),
        ("word", "https://", ""),
        ("<https://example.com>", "wrapped", "https://example.com"),
        ("https://https://example.com", "twice", "https://example.com"),
        ("ftp://example.com/in", "not ftp", ""),
        ("https://exa mple.com/in", "%20", "https://exa%20mple.com/in"),
        ("https://example.com/\tin", "invisible", "https://example.com/in"),
        ("https://example.com/\u200bin", "invisible", "https://example.com/in"),
        ("https://", "host is missing", ""),
        ("https:///in", "host is missing", ""),
        ("https://example.com:99999/in", "not valid", ""),
        ("https://example.com:0/in", "Port 0", ""),
        ("https://[::1/in", "not valid", ""),
        ("https://example..com/in", "two dots", ""),
        ("https://{host}/in", "placeholder", ""),
    ],
)
def test_mistake(url: str, words: str, correction: str) -> None:
    """A mistake makes the URL unusable, and is corrected if the correction is obvious."""
    [remark] = url_remarks(url)

    assert (remark.severity, remark.usable) == (Severity.DANGER, False)
    assert words in remark.sentence
    assert remark.correction == correction


@pytest.mark.parametrize(
    ("url", "correction"),
    [
        ("https://example.com/in.", "https://example.com/in"),
        ("https://example.com/in\u201d", "https://example.com/in"),
        ("https://example.com/a\\in", "https://example.com/a/in"),
        ("https://example.com./in", "https://example.com/in"),
        ("http://example.com/in", "https://example.com/in"),
    ],
)
def test_correction(url: str, correction: str) -> None:
    """A doubtful URL has a correction if that is obvious."""
    assert correction in {remark.correction for remark in url_remarks(url)}


@pytest.mark.parametrize(
    ("url", "severity"),
    [
        ("http://127.0.0.1:8484/in", Severity.OK),
        ("https://example.com/in", Severity.WARNING),
    ],
)
def test_sandbox(url: str, severity: Severity) -> None:
    """The sandbox reaches this computer and no other."""
    assert first_remark(url, UrlContext(sandbox=True)).severity is severity


def test_other_actions() -> None:
    """A duplicate of the configuration's forward and a lookalike of another one are found."""
    context = UrlContext(
        same_configuration=["https://hooks.example.com/in"],
        other_configurations=["https://api.kestrel.aero/in"],
    )

    assert "already" in first_remark("https://hooks.example.com/in", context).sentence
    assert "not api.kestrel.aero" in first_remark("https://api.kestre1.aero/in", context).sentence


def test_order() -> None:
    """Warnings come before advice."""
    severities = [remark.severity for remark in url_remarks("http://x.ngrok.io")]

    assert severities == [Severity.WARNING, Severity.INFO, Severity.INFO]


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_typed(text: str) -> None:
    """An empty text is not a mistake, but cannot be used."""
    assert url_remarks(text) == (UrlRemark(usable=False),)


@given(st.text())
def test_any_text(text: str) -> None:
    """No text raises an error, and only mistakes are unusable."""
    for typed in (text, f"https://{text}"):
        for remark in url_remarks(typed):
            assert remark.usable is (remark.severity not in {None, Severity.DANGER})
