"""The choice of a proxy for a URL, and the verdicts on the variables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.proxies.choice import choose_proxy

API = "https://xxxxx.api.infobip.example"
GOOD = "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("environ", "url", "variable"),
    [
        ({"HTTPS_PROXY": GOOD}, API, "HTTPS_PROXY"),
        ({"https_proxy": GOOD, "HTTPS_PROXY": "other:1"}, API, "https_proxy"),
        ({"Https_Proxy": GOOD}, API, "Https_Proxy"),
        ({"HTTP_PROXY": GOOD}, API, None),
        ({"HTTP_PROXY": GOOD}, "http://x.example", "HTTP_PROXY"),
        ({"ALL_PROXY": GOOD}, API, "ALL_PROXY"),
        ({"ALL_PROXY": "other:1", "HTTPS_PROXY": GOOD}, API, "HTTPS_PROXY"),
        ({"all_proxy": GOOD, "HTTP_PROXY": "other:1"}, API, "all_proxy"),
        ({"ALL_PROXY": "socks://127.0.0.1:1080/", "HTTPS_PROXY": GOOD}, API, "HTTPS_PROXY"),
        ({"HTTPS_PROXY": "socks5h://127.0.0.1:1080", "ALL_PROXY": GOOD}, API, "ALL_PROXY"),
        ({"https_proxy": "http://[broken", "HTTPS_PROXY": GOOD}, API, "HTTPS_PROXY"),
        ({"HTTP_PROXY": "http://[broken", "HTTPS_PROXY": GOOD}, API, "HTTPS_PROXY"),
        ({"https_proxy": "", "HTTPS_PROXY": GOOD}, API, None),
        ({"HTTPS_PROXY": " ", "ALL_PROXY": GOOD}, API, "ALL_PROXY"),
        (
            {"HTTPS_PROXY": GOOD, "NO_PROXY": "localhost,::1,10.0.0.0/8,fd00::/8"},
            API,
            "HTTPS_PROXY",
        ),
        ({"HTTPS_PROXY": GOOD, "NO_PROXY": "10.0.0.0/99 infobip.example"}, API, None),
        ({"HTTPS_PROXY": GOOD, "NO_PROXY": "*"}, API, None),
        ({"HTTPS_PROXY": GOOD, "no_proxy": "x.test", "NO_PROXY": "*"}, API, "HTTPS_PROXY"),
        ({"HTTPS_PROXY": GOOD, "no_proxy": "", "NO_PROXY": "*"}, API, "HTTPS_PROXY"),
        ({"HTTP_PROXY": GOOD}, "http://127.0.0.1:8484", None),
        ({"HTTP_PROXY": GOOD}, "http://LOCALHOST:8484", None),
        ({"HTTP_PROXY": GOOD}, "http://[::1]:8484", None),
        ({"HTTP_PROXY": GOOD, "NO_PROXY": "<-loopback>"}, "http://[::1]:8484", "HTTP_PROXY"),
        ({"HTTP_PROXY": GOOD, "NO_PROXY": "<-loopback>,::1"}, "http://[::1]:8484", None),
        ({"TRAVIS_APT_PROXY": GOOD}, API, None),
        ({}, API, None),
    ],
)
def test_choice(environ: dict[str, str], url: str, variable: str | None) -> None:
    """The first variable for the URL's scheme that can be used names the proxy."""
    choice = choose_proxy(url, environ)

    assert (choice.proxy and choice.proxy.variable) == variable
    assert choice.problem == ""
    assert choice.reason


def test_nothing_can_be_used() -> None:
    """Where only unusable variables are for a URL, there is no direct connection instead."""
    choice = choose_proxy(API, {"HTTPS_PROXY": "http://user:p#ss@127.0.0.1:8080"})

    assert choice.proxy is None
    assert choice.problem == (
        "the proxy in HTTPS_PROXY cannot be used: the character # in its user name or password"
        " has to be written %23"
    )
    assert not choose_proxy("http://127.0.0.1", {"HTTP_PROXY": "http://[x"}).problem


def verdicts(environ: dict[str, str], url: str = API) -> list[str]:
    return [str(one) for one in choose_proxy(url, environ).verdicts]


def test_verdicts() -> None:
    """Each variable is named with what becomes of it."""
    assert verdicts(
        {
            "HTTPS_PROXY": GOOD,
            "HTTP_PROXY": "plain.example:1",
            "all_proxy": "other.example:2",
            "ALL_PROXY": "socks://127.0.0.1:1080/",
            "https_proxy": "http://user:geh#eim@proxy",
            "NO_PROXY": "localhost x.test",
        }
    ) == [
        "https_proxy is passed over: the character # in its user name or password has to be"
        " written %23.",
        "HTTPS_PROXY names proxy.example:3128, which is used.",
        "HTTP_PROXY names plain.example:1, which is for http:// only.",
        "all_proxy names other.example:2, which is not used: HTTPS_PROXY comes first.",
        "ALL_PROXY is passed over: SOCKS proxies are not supported, only those that begin with"
        " http:// or https://.",
        "NO_PROXY does not cover this URL.",
    ]


def test_verdicts_on_exceptions() -> None:
    """The entry that covers the URL is named, and so is every entry that cannot be read."""
    assert verdicts({"HTTPS_PROXY": GOOD, "NO_PROXY": "a/b,*.Infobip.example,http://u:pw@h"}) == [
        "HTTPS_PROXY names proxy.example:3128, which is not used:"
        " “*.Infobip.example” in NO_PROXY covers it.",
        "NO_PROXY covers this URL, by “*.Infobip.example”.",
        "NO_PROXY has 2 entries that cannot be read and are passed over: “a/b”, “http://••••@h”."
        " An entry is a host, a domain, an address, or a network such as 10.0.0.0/8.",
    ]
    assert verdicts(
        {"https_proxy": "", "HTTPS_PROXY": GOOD, "no_proxy": "x.test", "NO_PROXY": "y"}
    ) == [
        "no_proxy does not cover this URL.",
        "https_proxy is empty.",
        "HTTPS_PROXY is not used: https_proxy comes first.",
        "NO_PROXY is not used: no_proxy comes first.",
    ]


def test_warnings() -> None:
    """A warning is what would have counted for the URL, not a variable that comes later anyway."""

    def warnings(environ: dict[str, str]) -> list[str]:
        return [one.variable for one in choose_proxy(API, environ).warnings]

    assert warnings({"HTTPS_PROXY": GOOD, "ALL_PROXY": "socks://x"}) == []
    assert warnings({"HTTPS_PROXY": "socks://x", "ALL_PROXY": GOOD}) == ["HTTPS_PROXY"]
    assert warnings({"HTTPS_PROXY": GOOD, "NO_PROXY": "a/b"}) == ["NO_PROXY"]
    assert warnings({"NO_PROXY": "a/b"}) == []


def test_the_process_has_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without other variables those of the process count."""
    monkeypatch.setenv("https_proxy", GOOD)

    assert choose_proxy(API).proxy


@given(
    st.sampled_from(["https_proxy", "ALL_PROXY", "NO_PROXY"]),
    st.text() | st.from_regex(r"(http://|socks://)?[a-z:@#/%\[\]]{0,20}(:[0-9]{1,6})?"),
)
def test_no_value_raises(name: str, value: str) -> None:
    """Whatever a variable holds, there is a verdict, and no exception."""
    choice = choose_proxy(API, {"HTTPS_PROXY": GOOD, name: value})

    assert choice.proxy or choice.reason or choice.problem
    assert choice.verdicts
