"""Headers that tunnels add."""

import pytest

from ibconsole.services.sender_profile.tunnels import is_tunnel_header, name_tunnel, source_of


@pytest.mark.parametrize(
    "name",
    [
        "X-Forwarded-For",
        "x-forwarded-proto",
        "CF-Ray",
        "Ngrok-Trace",
        "Via",
        "FORWARDED",
        "Cdn-Loop",
    ],
)
def test_headers_of_tunnels(name: str) -> None:
    """What is added on the way is no part of the sender's request, in any case of letters."""
    assert is_tunnel_header(name)


@pytest.mark.parametrize("name", ["Host", "Accept", "X-Request-Id", "Cfg", "Viable", "X-Forward"])
def test_headers_of_senders(name: str) -> None:
    """A similar name is the sender's own."""
    assert not is_tunnel_header(name)


def test_the_name_of_a_tunnel() -> None:
    """A header of one product names it; those that many add do not."""
    assert name_tunnel(["Host", "X-Forwarded-For", "Cf-Ray"]) == "Cloudflare"
    assert name_tunnel(["X-Forwarded-For", "ngrok-x"]) == "ngrok"
    assert name_tunnel(["via"]) == "a proxy"
    assert name_tunnel(["Host"]) == ""


def test_the_source_behind_a_tunnel() -> None:
    """The first address that is one counts; a tunnel may also hide it."""
    headers = [("X-Forwarded-For", "193.105.74.4, 10.0.0.1"), ("X-Real-IP", "unknown")]

    assert source_of(headers) == "193.105.74.4"
    assert source_of([("Cf-Connecting-IP", "[2001:db8::1]"), *headers]) == "2001:db8::1"
    assert source_of([("Via", "1.1 x")]) == ""
