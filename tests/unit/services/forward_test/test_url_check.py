"""Remarks on a forward URL as it is being typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.errors import Severity
from ibconsole.services.forward_test.url_check import url_remarks
from ibconsole.services.forward_test.url_remark import UrlContext, UrlFault, UrlRemark


def first_remark(url: str, context: UrlContext | None = None) -> UrlRemark:
    return next(iter(url_remarks(url, context or UrlContext())), UrlRemark())


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/in/9f8a",
        "  https://example.com/in  ",
        "https://hooks.example.com:8443/in?channel=push",
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
        ("https://169.254.1.1/in", "link-local"),
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


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://169.254.169.254/latest", UrlFault.METADATA),
        ("https://metadata.google.internal/in", UrlFault.METADATA),
        ("https://[::ffff:169.254.169.254]/in", UrlFault.METADATA),
        ("https://169.254.1.1/in", UrlFault.LINK_LOCAL),
        ("https://[fe80::1]/in", UrlFault.LINK_LOCAL),
        ("https://100.64.0.9/in", UrlFault.SHARED),
        ("https://192.0.2.1/in", UrlFault.RESERVED),
        ("https://printer.local/in", UrlFault.LOCAL_NAME),
        ("https://93.184.215.14/in", UrlFault.ADDRESS),
        ("https://hooks.kestrel.aero:9443/in", UrlFault.PORT),
        ("https://hooks.kestrel.aero/in?api_key=1", UrlFault.TOKEN),
        ("https://hooks.kestrel.aero/in?access-token=1", UrlFault.TOKEN),
        (f"https://hooks.kestrel.aero/{'a' * 500}", UrlFault.LENGTH),
        ("https://abc.trycloudflare.com/in", UrlFault.TUNNEL),
        ("https://x.m.pipedream.net/in", UrlFault.PUBLIC_BIN),
        ("https://hooks.kestrel.aero/a b", UrlFault.SPACE),
    ],
)
def test_kinds(url: str, fault: UrlFault) -> None:
    """A remark names its kind, so that a finding can refer to it."""
    assert fault in {remark.fault for remark in url_remarks(url)}


@pytest.mark.parametrize("host", ["staging.kestrel.aero", "hooks-test.kestrel.aero", "qa2.a.aero"])
def test_staging(host: str) -> None:
    """A host for tests is remarked on only in an account that is in productive use."""
    url = f"https://{host}/in"

    assert first_remark(url, UrlContext(production=True)).fault is UrlFault.STAGING
    assert url_remarks(url) == ()
    assert url_remarks("https://latest.kestrel.aero/in", UrlContext(production=True)) == ()


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
