"""Classification of hosts by their spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.hosts import (
    Network,
    host_of,
    is_address,
    is_certainly_loopback,
    is_exposed,
    is_loopback,
    is_private,
    network_of,
)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "app.localhost", "127.0.0.1", "127.8.8.8", "::1", "0.0.0.0"],  # noqa: S104
)
def test_this_computer(host: str) -> None:
    """Every spelling of loopback is recognised, and so is the address for all interfaces."""
    assert is_loopback(host)
    assert is_private(host)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.255.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
        ("", False),
        ("::1%lo", False),
    ],
)
def test_certain_loopback(host: str, *, loopback: bool) -> None:
    """Only hosts that certainly mean this computer count as loopback."""
    assert is_certainly_loopback(host) == loopback


@pytest.mark.parametrize("host", ["::ffff:127.0.0.1", "::ffff:10.0.0.1"])
def test_old_address_in_a_new_one(host: str) -> None:
    """An IPv4 address written as IPv6 is still that address."""
    assert is_private(host)
    assert is_loopback(host) is host.endswith("127.0.0.1")


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "192.168.1.4", "169.254.1.1", "fd00::1", "intranet", "nas.Local"]
)
def test_private_network(host: str) -> None:
    """Addresses that the internet does not route, and names without a domain, are private."""
    assert is_private(host)
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["example.com", "8.8.8.8", "2600::1", "local.example.com"])
def test_internet(host: str) -> None:
    """Public addresses and names are not private."""
    assert not is_private(host)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://User@Example.com:8443/in", "example.com"),
        ("https://[::1]/in", "::1"),
        ("https://[", ""),
        ("example.com/in", ""),
    ],
)
def test_host_of_a_url(url: str, host: str) -> None:
    """The host of a URL has no port; that of an invalid URL is empty."""
    assert host_of(url) == host


@given(st.text())
def test_any_text(host: str) -> None:
    """Any text is classified without an error."""
    assert is_loopback(host) in {True, False}
    assert is_private(host) in {True, False}
    assert is_address(host) in {True, False}


@pytest.mark.parametrize(
    ("host", "exposed"),
    [("127.0.0.1", False), ("localhost", False), ("0.0.0.0", True), ("::", True), ("nas", True)],  # noqa: S104
)
def test_exposed(host: str, *, exposed: bool) -> None:
    """A server on loopback alone cannot be reached by other computers."""
    assert is_exposed(host) is exposed


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("hooks.kestrel.aero", Network.PUBLIC),
        ("93.184.215.14", Network.PUBLIC),
        ("127.9.9.9", Network.LOOPBACK),
        ("a.localhost", Network.LOOPBACK),
        ("::ffff:10.0.0.1", Network.PRIVATE),
        ("fd00::1", Network.PRIVATE),
        ("fd00:ec2::254", Network.METADATA),
        ("100.127.255.255", Network.SHARED),
        ("fe80::1", Network.LINK_LOCAL),
        ("203.0.113.9", Network.RESERVED),
        ("224.0.0.1", Network.RESERVED),
        ("printer.local", Network.LOCAL_NAME),
        ("intranet", Network.LOCAL_NAME),
        ("64:ff9b::a00:1", Network.PRIVATE),
        ("2002:5db8:d70e::1", Network.PUBLIC),
    ],
)
def test_networks(host: str, network: Network) -> None:
    """A host's spelling shows in which network it is."""
    assert network_of(host) is network
