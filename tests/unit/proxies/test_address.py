"""Addresses of proxies: every common spelling is read, and what cannot be read is named."""

import base64

import pytest

from ibconsole.proxies.address import UnusableProxy, parse_proxy


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://proxy.example:3128", "proxy.example:3128"),
        ("proxy.example:3128", "proxy.example:3128"),
        ("//proxy.example:3128", "proxy.example:3128"),
        ("HTTP://PROXY.Example:3128/", "proxy.example:3128"),
        ("  http://proxy.example:3128/ \t\r\n", "proxy.example:3128"),
        ('"http://proxy.example:3128"', "proxy.example:3128"),
        ("http://proxy.example:3128/path?a=b#c", "proxy.example:3128"),
        ("proxy", "proxy:80"),
        ("http:3128", "http:3128"),
        ("http", "http:80"),
        ("http://proxy:", "proxy:80"),
        ("https://proxy.example", "https://proxy.example:443"),
        ("http://127.0.0.1:8080", "127.0.0.1:8080"),
        ("http://[::1]:8080", "[::1]:8080"),
        ("[fd00::0:1]:8080", "[fd00::1]:8080"),
        ("http://[fe80::1%25eth0]:8080", "[fe80::1%eth0]:8080"),
        ("http://bücher.example:1", "xn--bcher-kva.example:1"),
        ("http://my_proxy:1", "my_proxy:1"),
    ],
)
def test_spellings(text: str, address: str) -> None:
    """Scheme, port and final slash may be missing; blanks and quotes around it do not matter."""
    proxy = parse_proxy("HTTPS_PROXY", text)

    assert (proxy.address, proxy.credential) == (address, None)
    assert str(proxy) == f"{address} (HTTPS_PROXY)"


@pytest.mark.parametrize(
    ("user_info", "plain"),
    [
        ("user:password", "user:password"),
        ("user", "user:"),
        ("user:p%23s%40s%2Fs", "user:p#s@s/s"),
        ("user:p@ss", "user:p@ss"),
        ("user:a:b", "user:a:b"),
        ("user:a,b;c", "user:a,b;c"),
        ("DOMAIN\\user:50%off", "DOMAIN\\user:50%off"),
        ("jürgen:größe", "jürgen:größe"),
        ("us%20er:%C3%A9", "us er:é"),
    ],
)
@pytest.mark.parametrize("scheme", ["", "http://", "https://"])
def test_log_in(scheme: str, user_info: str, plain: str) -> None:
    """User name and password are decoded, and never shown."""
    proxy = parse_proxy("HTTPS_PROXY", f"{scheme}{user_info}@proxy.example:3128")

    assert proxy.credential
    sent = proxy.credential.reveal().removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == plain
    assert plain.partition(":")[2] in {one.reveal() for one in proxy.secrets} | {""}
    assert "••••" in repr(proxy)
    assert sent not in repr(proxy)


def test_bytes_that_are_not_text() -> None:
    """A password that is not UTF-8 is sent as the bytes that the variable has."""
    proxy = parse_proxy("HTTPS_PROXY", "http://user:caf\udce9@proxy.example")

    assert proxy.credential
    assert base64.b64decode(proxy.credential.reveal()[6:]) == b"user:caf\xe9"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("http://user:geh#eim@127.0.0.1:8080", "character # in its user name or password .* %23"),
        ("http://user:geh/eim@127.0.0.1:8080", "character / in its user name or password .* %2F"),
        ("http://user:geh?eim@127.0.0.1:8080", "character . in its user name or password .* %3F"),
        ("user:geh/eim@127.0.0.1:8080", "%2F"),
        ("socks://127.0.0.1:1080/", "SOCKS proxies are not supported"),
        ("SOCKS5h://user:geheim@127.0.0.1:1080/", "SOCKS proxies are not supported"),
        ("geheim://proxy", "has to begin with http:// or https://"),
        ("http:/proxy:1", "has to begin with http:// or https://"),
        ("http//proxy:1", "has to begin with http:// or https://"),
        ("https:proxy", "has to begin with http:// or https://"),
        ("http:/user:geheim@proxy", "has to begin with http:// or https://"),
        ("http://user:geheim\ud83d@proxy", "half of a character"),
        ("http://", "names no host"),
        ("http://:3128", "names no host"),
        ("http://proxy:geheim", "port after the colon"),
        ("http://proxy:0", "port after the colon"),
        ("http://proxy:65536", "port after the colon"),
        ("fd00::1", "has to be in brackets"),
        ("http://[fd00::1", "in brackets"),
        ("http://[geheim]:1", "no IPv6 address"),
        ("http://pro|xy:1", r"character \|"),
        ("http://pro xy:1", "blank"),
        ("http://pro\x07xy:1", r"character U\+0007"),
        ("http://a..b:1", "no valid host name"),
        ("http://one:1,http://user:geheim@two:2", "more than one address"),
        ("http://one:1; two:2", "more than one address"),
        (f"http://{'x' * 64}.example:1", "no valid host name"),
        (f"http://{'ü' * 64}.example:1", "no valid host name"),
    ],
)
def test_unusable_addresses(text: str, words: str) -> None:
    """The reason names what is wrong, and contains no part of a password."""
    with pytest.raises(UnusableProxy, match=words) as caught:
        parse_proxy("HTTPS_PROXY", text)

    assert "geh" not in str(caught.value)
    assert "eim" not in str(caught.value)
