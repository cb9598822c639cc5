import pytest

from ibconsole.simulator.forwarding import is_forwardable, is_loopback, targets_loopback


@pytest.mark.parametrize(
    ("url", "possible"),
    [
        ("https://example.com/in", True),
        ("http://127.0.0.1:8484/in?x=1", True),
        ("ftp://example.com", False),
        ("example.com/in", False),
        ("http://", False),
        ("http://a b", False),
        ("http://a:99999", False),
        ("http://a\\b", False),
        ("http://[::1", False),
    ],
)
def test_urls_that_messages_can_be_forwarded_to(url: str, possible: bool) -> None:
    """A forward URL is an http or https URL with a host, without blanks."""
    assert is_forwardable(url) is possible


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("LOCALHOST", True),
        ("127.0.0.1:80", True),
        ("[::1]:80", True),
        ("127.0.0.1.example.com", False),
        ("192.168.0.1", False),
        ("2130706433", False),
        ("169.254.0.1", False),
        ("", False),
    ],
)
def test_hosts_that_are_loopback(host: str, here: bool) -> None:
    """Only plain spellings of loopback count: the sandbox must not reach another host."""
    assert is_loopback(host) is here
    if ":" not in host:
        assert targets_loopback(f"http://{host}/in") is here
