import pytest

from ibconsole.simulator.forwarding import forwardable, is_loopback, stays_here


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
def test_what_can_be_forwarded_to(url: str, possible: bool) -> None:
    """An http or https URL with a host, without blanks."""
    assert forwardable(url) is possible


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
def test_what_is_this_machine(host: str, here: bool) -> None:
    """Only plain spellings of loopback count: the sandbox must not reach anybody else."""
    assert is_loopback(host) is here
    if ":" not in host:
        assert stays_here(f"http://{host}/in") is here
