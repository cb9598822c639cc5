"""Base URLs: every pasted form is normalized or refused with an explanation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.api.address import is_shared_base_url, normalize_base_url
from ibconsole.api.errors import BadBaseUrl

EXAMPLE = "https://xxxxx.api.infobip.com"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://xxxxx.api.infobip.com", EXAMPLE),
        ("xxxxx.api.infobip.com", EXAMPLE),
        ("Base URL: https://xxxxx.api.infobip.com", EXAMPLE),
        ("  https://XXXXX.api.Infobip.com/ \n", EXAMPLE),
        ('"https://xxxxx.api.infobip.com"', EXAMPLE),
        ("<https://xxxxx.api.infobip.com>", EXAMPLE),
        ("\ufeffhttps://xxxxx.api.infobip.com\u200b", EXAMPLE),
        ("“xxxxx.api.infobip.com”", EXAMPLE),
        ("//xxxxx.api.infobip.com", EXAMPLE),
        ("HTTPS://xxxxx.api.infobip.com/push/1/applications?limit=1#top", EXAMPLE),
        ("https://xxxxx.api.infobip.com:443", EXAMPLE),
        ("https://xxxxx.api.infobip.com.", EXAMPLE),
        ("xxxxx.api.infobip.com:8443/x", f"{EXAMPLE}:8443"),
        ("https://api.infobip.com", "https://api.infobip.com"),
        ("https://gateway.example.org:9000", "https://gateway.example.org:9000"),
        ("https://192.0.2.7", "https://192.0.2.7"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://127.8.9.1", "http://127.8.9.1"),
        ("http://LOCALHOST:80", "http://localhost"),
        ("http://[::1]:5000", "http://[::1]:5000"),
        ("http://[0:0:0:0:0:0:0:1]:5000", "http://[::1]:5000"),
        ("localhost:5000", "https://localhost:5000"),
        ("https://xn--nxasmq6b.example", "https://xn--nxasmq6b.example"),
    ],
)
def test_normal_form(text: str, url: str) -> None:
    """Every form of a base URL has one normal form, which is stable."""
    assert normalize_base_url(text) == url
    assert normalize_base_url(url) == url


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Enter the base URL"),
        (' "" ', "Enter the base URL"),
        ("https://", "no host"),
        ("https:///path", "no host"),
        ("https://portal.infobip.com/homepage", "web site for people"),
        ("portal-eu.infobip.com", "web site for people"),
        ("www.infobip.com", "web site for people"),
        ("https://infobip.com", "web site for people"),
        ("http://xxxxx.api.infobip.com", "use https"),
        ("http://192.0.2.7", "use https"),
        ("http://localhost.example.org", "use https"),
        ("http://127.0.0.1.example.org", "use https"),
        ("http://[::2]", "use https"),
        ("ftp://xxxxx.api.infobip.com", "begins with https://"),
        ("https://user:geheim@xxxxx.api.infobip.com", "no user name"),
        ("geheim@xxxxx.api.infobip.com", "no user name"),
        ("https://xxxxx.api.infobip.com\\@geheim.example", "backslashes"),
        ("https://xxx\txx.api.infobip.com", "no spaces"),
        ("https://xxxxx.api.inf\u0000obip.com", "no spaces"),
        ("https://\u0445\u0445\u0445.api.infobip.com", "letters that no base URL"),
        ("https://infob\u0131p.com", "letters that no base URL"),
        ("https://a_b.example.org", "no valid host name"),
        ("https://-a.example.org", "no valid host name"),
        ("https://a..example.org", "no valid host name"),
        ("https://%65xample.org", "no valid host name"),
        ("https://127.1", "no valid host name"),
        ("https://a.example:99999", "from 1 to 65535"),
        ("https://a.example:0", "from 1 to 65535"),
        ("https://a.example:x", "from 1 to 65535"),
        ("https://[::1", "not a URL"),
        ("https://[fe80::1%eth0]", "no valid host name"),
        ("0123456789abcdef-geheim", "no dot"),
        (f"{'a.' * 130}com", "no valid host name"),
    ],
)
def test_refused(text: str, words: str) -> None:
    """A URL that no credential may be sent to is refused with a reason, and not repeated."""
    with pytest.raises(BadBaseUrl, match=words) as caught:
        normalize_base_url(text)

    assert "geheim" not in str(caught.value)


@given(st.text() | st.text(alphabet="htps:/@.[]1:%x\\?# \n"))
def test_any_text(text: str) -> None:
    """Any text is either normalized to a stable form or refused."""
    try:
        url = normalize_base_url(text)
    except BadBaseUrl:
        return

    assert normalize_base_url(url) == url
    assert url.startswith(("https://", "http://"))


def test_the_base_url_of_many_accounts() -> None:
    """Only the platform's old base URL is shared by accounts (platform.md §2)."""
    urls = ("https://api.infobip.com", "https://x1.api.infobip.com", "http://127.0.0.1:1", "")

    assert [is_shared_base_url(url) for url in urls] == [True, False, False, False]
