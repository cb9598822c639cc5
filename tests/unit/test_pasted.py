"""Pasted keys and URLs: what came with them is taken off, and nothing of theirs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.pasted import clean_key, clean_pasted, clean_value

KEY = "003026bbc133714df1834b8638bb496e-8f4b3d9a-e931-478d-a994-28a725159ab9"


@pytest.mark.parametrize(
    "pasted",
    [
        '"{}"', "'{}'", "`{}`", "“{}”", "„{}“", "\u201a{}\u2018", "«{}»", "\u2039{}\u203a",
        "\uff02{}\uff02", " {}\r\n", "\u00a0{}\u3000", "\ufeff{}", "\u200b{}\u200d",
        "<{}>", "\u202a{}\u202c",
        "' \"{}\" '", "\t{}\u2028", "\"{}\n",
    ],
)  # fmt: skip
def test_wrapping(pasted: str) -> None:
    """Blanks, line ends, quotes and invisible characters around a text are taken off."""
    url = "https://example.org/a(b)?c={d}[e],"
    assert clean_pasted(pasted.format("\u200b".join([url[:9], url[9:]]))) == url
    assert clean_value(pasted.format(KEY)) == clean_key(pasted.format(KEY), "App") == KEY


@pytest.mark.parametrize(
    "pasted",
    [
        "App {}", "app\u00a0{}", "APP App {}", '"App {}"', 'App "{}"', "Authorization: App {}",
        "authorization:App {}\r\n", '"Authorization": "App {}",', "Authorization=App {}",
        "-H 'Authorization: App {}'", '--header "Authorization: App {}" \\', "API key: {}",
        "IBCONSOLE_API_KEY={}", "export IBCONSOLE_API_KEY='{}'", '"apiKey": "{}",', "x-api-key: {}",
        "$env:INFOBIP_API_KEY = \"{}\";",
    ],
)  # fmt: skip
def test_headers_and_captions(pasted: str) -> None:
    """The line of a header, a settings file or a command around a key is taken off."""
    assert clean_key(pasted.format(KEY), "App") == KEY


@pytest.mark.parametrize("key", ["Application-1", "App", "apple pie", "monkey-token==", "a=b:c"])
def test_keys_stay(key: str) -> None:
    """Nothing that may be part of a key is taken off."""
    assert clean_key(key, "App") == key


@given(st.text())
def test_cleaning_is_stable(text: str) -> None:
    """A clean text stays as it is."""
    for cleaned in (clean_pasted(text), clean_value(text)):
        assert clean_pasted(cleaned) == cleaned
    assert clean_key(clean_key(text, "App"), "App") is not None
