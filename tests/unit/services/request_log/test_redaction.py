"""Redaction of headers, URLs, bodies and application codes."""

import pytest

from ibconsole.secret import MASK
from ibconsole.services.request_log.redaction import (
    find_codes,
    is_secret_header,
    mask_codes,
    redact_body,
    redact_headers,
    redact_url,
)

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a"
JSON = (("Content-Type", "application/json"),)
FORM = (("content-type", "application/x-www-form-urlencoded; charset=utf-8"),)


def ends(code: str) -> str:
    return f"{code[:2]}…"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "App 0123456789abcdef", f"App {MASK}"),
        ("authorization", "Bearer eyJ", f"Bearer {MASK}"),
        ("Authorization", f"IBSSO {MASK}", f"IBSSO {MASK}"),
        ("Authorization", "0123456789", MASK),
        ("Proxy-Authorization", "Basic dTpw", f"Basic {MASK}"),
        ("Cookie", "session=1", MASK),
        ("Set-Cookie", "session=1; Path=/", MASK),
        ("X-Api-Key", "0123", MASK),
        ("X-Auth-Token", "0123", MASK),
        ("Authorization", "", ""),
        ("Content-Type", "text/plain", "text/plain"),
        ("X-Request-Id", "0123", "0123"),
    ],
)
def test_headers(name: str, value: str, shown: str) -> None:
    """Credentials and cookies are masked; the scheme of a credential stays."""
    assert redact_headers([(name, value)]) == ((name, shown),)


def test_secret_headers() -> None:
    """A header with a secret is recognized by its name."""
    assert is_secret_header("AUTHORIZATION")
    assert not is_secret_header("Accept")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://x.io/a?limit=5", "https://x.io/a?limit=5"),
        ("https://x.io/a?apiKey=abc&limit=5", f"https://x.io/a?apiKey={MASK}&limit=5"),
        ("https://x.io/a?limit=5&key=abc#end", f"https://x.io/a?limit=5&key={MASK}#end"),
        ("https://x.io/a?access_token=abc", f"https://x.io/a?access_token={MASK}"),
        ("https://x.io/a?keyword=abc", "https://x.io/a?keyword=abc"),
        ("https://user:pa55@x.io/a", f"https://{MASK}@x.io/a"),
        ("https://x.io/a@b", "https://x.io/a@b"),
    ],
)
def test_urls(url: str, shown: str) -> None:
    """A password and parameters with names like those of keys are masked in a URL."""
    assert redact_url(url) == shown


@pytest.mark.parametrize(
    ("body", "headers", "shown"),
    [
        (b'{"access_token": "a\\"b", "expires_in": 1}', JSON, '{"access_token": "•", "expires'),
        (b'{"text":"password"}', JSON, '{"text":"password"}'),
        (b"client_id=1&client_secret=2&grant_type=x", FORM, "client_id=1&client_secret=•&grant"),
        (b"client_secret=2", JSON, "client_secret=2"),
        (b"\xff\x00", JSON, "\ufffd\x00"),
    ],
)
def test_bodies(body: bytes, headers: tuple[tuple[str, str], ...], shown: str) -> None:
    """Tokens and passwords are masked by their names in JSON and in forms."""
    masked = redact_body(body, headers).decode(errors="replace")

    assert masked.startswith(shown.replace("•", MASK))


def test_find_codes() -> None:
    """Application codes are found in paths, and in bodies by their name."""
    url = f"https://x.io/push/1/applications/{CODE}/configurations"
    body = f'{{"applicationCode" : "other-code", "to": "{CODE}"}}'

    assert find_codes(url, body) == (CODE, "other-code")
    assert find_codes("https://x.io/applications/a%20b") == ("a%20b", "a b")
    assert find_codes("https://x.io/push/1/applications") == ()


def test_mask_codes() -> None:
    """A code found in one place is masked everywhere in the text."""
    body = f'{{"applicationCode":"{CODE}","to":"{CODE}","text":"code"}}'

    shown = mask_codes(body, find_codes(body), ends)

    assert shown == '{"applicationCode":"23…","to":"23…","text":"code"}'


def test_short_codes() -> None:
    """A short code is masked only where a code is expected."""
    url = "https://x.io/push/1/applications/push/configurations"

    assert mask_codes(url, find_codes(url), ends) == (
        "https://x.io/push/1/applications/pu…/configurations"
    )
