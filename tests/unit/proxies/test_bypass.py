"""Entries of NO_PROXY, in every spelling that other programs take."""

import pytest

from ibconsole.proxies.bypass import normalize_host, parse_bypass, read_origin

API = "https://api.corp.example/path"


@pytest.mark.parametrize(
    ("entries", "url", "covered"),
    [
        ("corp.example", API, True),
        (".corp.example", API, True),
        ("*.corp.example", API, True),
        ("CORP.Example.", API, True),
        ("corp.example", "https://CORP.example./", True),
        (".corp.example", "https://corp.example/", True),
        ("*.corp.example", "https://corp.example/", True),
        ("orp.example", API, False),
        ("api.corp.example", "https://corp.example", False),
        ("api.corp.example:443", API, True),
        ("api.corp.example:443", "https://api.corp.example:8443", False),
        ("api.corp.example:80", "http://api.corp.example", True),
        (".corp.example:443", API, True),
        ("corp.example:*", API, True),
        ("https://api.corp.example/", API, True),
        ("http://api.corp.example", API, False),
        ("localhost corp.example", API, True),
        ("localhost\t corp.example ", API, True),
        ("localhost , corp.example", API, True),
        ("localhost;corp.example", API, True),
        ('"corp.example"', API, True),
        ("*", API, True),
        ("localhost,*", API, True),
        ("*corp.example", API, True),
        ("api.*.example", API, True),
        ("api.*.example", "https://api.other.test", False),
        ("10.*", "https://10.1.2.3", True),
        ("10.0.0.0/8", "https://10.1.2.3", True),
        ("10.1.2.3/8", "https://10.9.9.9", True),
        ("10.0.0.0/255.0.0.0", "https://10.1.2.3", True),
        ("10.0.0.0/8", "https://11.1.2.3", False),
        ("10.0.0.0/8", API, False),
        ("10.0.0.0/8", "https://[fd00::1]", False),
        ("10.0.0.0/8", "https://[::ffff:10.0.0.1]", True),
        ("::ffff:10.0.0.0/104", "https://10.1.2.3", True),
        ("::ffff:10.0.0.0/104", "https://11.1.2.3", False),
        ("10.0.0.1", "https://10.0.0.1:8443", True),
        ("10.0.0.1:443", "https://10.0.0.1:8443", False),
        ("fd00::/8", "https://[fd12::1]", True),
        ("[fd00::]/8", "https://[fd12::1]", True),
        ("FD00::/8", "https://[fe80::1%25eth0]", False),
        ("fd00:0:0::1", "https://[fd00::1]", True),
        ("[fd00::1]", "https://[fd00::1]", True),
        ("[fd00::1]:443", "https://[fd00::1]", True),
        ("[fd00::1]:444", "https://[fd00::1]", False),
        ("bücher.example", "https://xn--bcher-kva.example", True),
        ("xn--bcher-kva.example", "https://www.bücher.example", True),
        ("<local>", "https://intranet", True),
        ("<local>", API, False),
        ("<-loopback>", API, False),
        ("", API, False),
        (" , ,", API, False),
    ],
)
def test_entries(entries: str, url: str, *, covered: bool) -> None:
    """An entry covers a host by its name, domain, address or network, with an optional port."""
    to = read_origin(url)
    parsed = list(parse_bypass(entries))

    assert all(entry.covers for entry in parsed)
    assert any(entry.covers(to) for entry in parsed if entry.covers) is covered


@pytest.mark.parametrize(
    "entry",
    [
        "10.0.0.0/99",
        "192.168.",
        "a:b",
        "[xyz]",
        "http://u:p@h",
        "a/b",
        "fd00::/200",
        "..corp.example",
        "-corp.example",
        "corp.example:99999",
        "corp.example:0",
        "ü|ö/x",
    ],
)
def test_unreadable_entries(entry: str) -> None:
    """Only the entries that cannot be read are passed over."""
    bad = [
        one.text for one in parse_bypass(f"first.example,{entry},last.example") if not one.covers
    ]

    assert len(bad) == 1
    assert bad[0] in entry


@pytest.mark.parametrize("url", ["ftp://x.example", "x.example", "https://", "https://[::1"])
def test_other_urls(url: str) -> None:
    """Only http and https URLs have an origin."""
    with pytest.raises(ValueError, match=r"."):
        read_origin(url)


def test_names_that_are_no_names() -> None:
    """A host that IDNA refuses is compared as it is."""
    assert normalize_host("Ü" * 70) == "ü" * 70
