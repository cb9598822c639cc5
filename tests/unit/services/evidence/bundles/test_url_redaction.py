"""Redaction of URLs: equal ones stay equal, different ones different."""

import pytest

from ibconsole.services.evidence.bundles.url_redaction import UrlRedaction, _between
from ibconsole.services.evidence.redaction import KnownSecrets, Pseudonyms, Redaction

PART = "AbCdEfGhIjKlMnOpQr12"
URL = f"https://hooks.acme.example/in/{PART}"


@pytest.fixture
def urls() -> UrlRedaction:
    pseudonyms = Pseudonyms()
    return UrlRedaction(Redaction(KnownSecrets(), pseudonyms=pseudonyms), pseudonyms.salt)


def test_secret_parts_become_tokens(urls: UrlRedaction) -> None:
    """Host, port and what is no secret stay; each secret part has a token of its own."""
    first, second = urls.url(URL, ""), urls.url(URL.replace("12", "13"), "")

    assert first == urls.url(URL, "elsewhere")
    assert first != second
    assert first.startswith("https://hooks.acme.example/in/masked-")
    assert first.isascii()
    assert len(first.rpartition("/")[2]) == 16
    assert urls.url("https://acme.example:8443/a?b=c", "") == "https://acme.example:8443/a?b=c"
    both = urls.url(f"https://ada:{PART}@acme.example/x?token=geheim&app=1", "")
    assert both.count("masked-") == 2
    assert both.endswith("&app=1")
    assert urls.url("/inbound/AbCdEfGhIjKlMnOp", "").startswith("/inbound/masked-")


def test_a_long_part_stays_long(urls: UrlRedaction) -> None:
    """The length of a URL is a fault of its own, so that it stays."""
    long = f"https://acme.example/{'a1' * 300}"

    assert len(urls.url(long, "")) == len(long)


def test_many_parts_and_codes(urls: UrlRedaction) -> None:
    """A URL with many secret parts has none of them; a code in a path is its pseudonym."""
    many = "https://acme.example/?" + "&".join(f"token{at}=secret{at}" for at in range(20))
    coded = f"https://acme.example/applications/code-of-acme-0001/{PART}"

    assert "secret1" not in urls.url(many, "")
    assert urls.url(many, "") == urls.url(many, "")
    assert urls.url(coded, "").startswith("https://acme.example/applications/app-1/masked-")


def test_texts_and_values_have_the_same_urls(urls: UrlRedaction) -> None:
    """A URL in a sentence, or in JSON, is the same as by itself, also in front of a full stop."""
    redacted = urls.url(URL, "")
    marks = "a mark of another: \ue0007\ue001 https://acme.example/x"

    assert urls.text(f"See {URL}. It fails.", "") == f"See {redacted}. It fails."
    assert urls.value({"a": [URL, 7, None], URL: True}, "") == {
        "a": [redacted, 7, None],
        redacted: True,
    }
    assert urls.text(marks, "") == "a mark of another:  https://acme.example/x"


@pytest.mark.parametrize(
    ("parts", "text", "found"),
    [
        (("a/", "?x=", ""), "a/1?x=2", ["1", "2"]),
        (("a", "b"), "xb", None),
        (("a", "-", "b"), "a1b", None),
        (("a", "b"), "a1c", None),
        (("ab", "bc"), "abc", None),
    ],
)
def test_what_is_between(parts: list[str], text: str, found: list[str] | None) -> None:
    """Hidden parts are found between those that stayed, or not at all."""
    assert _between(parts, text) == found
