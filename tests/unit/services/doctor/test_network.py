"""Checks of the way to the platform: the proxy environment, and tries of base URLs."""

import pytest

from ibconsole.http1.message import Request, Response
from ibconsole.http1.server import Server
from ibconsole.services.doctor.network import check_proxies, try_base_urls
from tests.proxies import SmallProxy, clear_proxies, running

URL = "https://xxxxx.api.infobip.example"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    clear_proxies(monkeypatch)
    monkeypatch.delenv("REQUEST_METHOD", raising=False)


def test_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each variable is named with its verdict, and no password is shown."""
    none = check_proxies()
    monkeypatch.setenv("https_proxy", "http://me:geheim@proxy.example:3128")
    monkeypatch.setenv("ALL_PROXY", "socks://127.0.0.1:1080/")
    monkeypatch.setenv("no_proxy", "intranet 10.0.0.0/99")
    result = check_proxies([URL, "http://127.0.0.1:8080"])

    assert (none.good, none.sentence) == (
        True,
        "no variable names one; requests go straight to the platform.",
    )
    assert result.good
    assert f"For {URL}: https_proxy names proxy.example:3128, which is used." in result.sentence
    assert "ALL_PROXY is passed over: SOCKS" in result.sentence
    assert (
        "no_proxy has 1 entry that cannot be read and is passed over: “10.0.0.0/99”"
        in result.sentence
    )
    assert "geheim" not in result.sentence


def test_nothing_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check fails if requests do."""
    monkeypatch.setenv("HTTPS_PROXY", "http://user:geh#eim@127.0.0.1:8080")

    result = check_proxies()

    assert not result.good
    assert "HTTPS_PROXY is passed over: the character #" in result.sentence
    assert "nothing is sent" in result.sentence


async def test_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A base URL is tried as requests do it, without a credential; any answer is good."""
    requests: list[Request] = []

    async def refuse(request: Request) -> Response:
        requests.append(request)
        return Response(401)

    async with Server(refuse) as server:
        [result] = await try_base_urls({"One": server.url, "Two": server.url})

    assert result.good
    assert str(result).startswith(f"ok      Platform (One, Two): {server.url} answers (401,")
    assert "reached directly: it is on this computer" in result.sentence
    assert requests[0].header("authorization") is None


ENVIRONMENTS: list[tuple[dict[str, str], bool, bool]] = [
    ({"http_proxy": "PROXY"}, True, True),
    ({"HTTP_PROXY": "http://user:p@ss@PROXY/path"}, True, True),
    ({"HTTP_PROXY": "PROXY", "REQUEST_METHOD": "GET"}, False, True),
    ({"http_proxy": "PROXY", "REQUEST_METHOD": "GET"}, True, True),
    ({"ALL_PROXY": "PROXY", "HTTP_PROXY": "socks4a://x:1"}, True, True),
    ({"Http_Proxy": "PROXY", "all_proxy": "quic://x:1"}, True, True),
    ({"HTTP_PROXY": "socks5h://x:1"}, False, False),
    ({"HTTP_PROXY": "http:/PROXY"}, False, False),
    ({"HTTP_PROXY": "http://user:p#ss@PROXY"}, False, False),
    ({"http_proxy": "", "HTTP_PROXY": "PROXY"}, False, True),
    ({"HTTP_PROXY": " ", "ALL_PROXY": "PROXY"}, True, True),
    ({"HTTP_PROXY": "PROXY", "NO_PROXY": "x,127.0.0.0/8"}, False, True),
    ({"HTTP_PROXY": "PROXY", "No_Proxy": "::ffff:127.0.0.0/104"}, False, True),
    ({"HTTP_PROXY": "PROXY", "NO_PROXY": "127.0.0.1:1 [::1%lo] 127.0.0.0/33"}, True, True),
]


@pytest.mark.parametrize(("environ", "used", "good"), ENVIRONMENTS)
async def test_verdicts_are_what_requests_do(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], *, used: bool, good: bool
) -> None:
    """A proxy that is said to be used gets the request, and no other does."""

    async def answer(_: Request) -> Response:
        return Response(401)

    async with Server(answer) as server, running(SmallProxy()) as proxy:
        proxy.ports["127.0.0.1"] = server.port
        for name, value in environ.items():
            monkeypatch.setenv(name, value.replace("PROXY", proxy.address))
        exceptions = "NO_PROXY" if "No_Proxy" not in environ else "No_Proxy"
        monkeypatch.setenv(exceptions, f"{environ.get(exceptions, '')} <-loopback>")
        verdicts = check_proxies([server.url])
        [result] = await try_base_urls({"One": server.url})

    assert bool(proxy.heads) == ("which is used" in verdicts.sentence) == used
    assert verdicts.good == result.good == good


async def test_tries_that_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence is that of a request: it names the proxy, or what is wrong with the URL."""
    async with running(SmallProxy(answer=b"HTTP/1.1 403 No\r\n\r\n")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        refused, invalid = await try_base_urls({"One": URL, "Two": "what"})

    assert not refused.good
    assert f"proxy 127.0.0.1:{proxy.port} (HTTPS_PROXY) refuses connections" in refused.sentence
    assert not invalid.good
    assert invalid.sentence


async def test_a_try_that_hangs() -> None:
    """A try ends after its time, with a line that says so."""
    async with running(SmallProxy(answer=None)) as silent:
        [result] = await try_base_urls({"One": silent.url}, timeout=0.2)

    assert not result.good
    assert "answer" in result.sentence
