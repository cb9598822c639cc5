"""Judgments on names, addresses, connections and certificates."""

from collections.abc import Sequence

import pytest

from ibconsole.hosts import Network
from ibconsole.services.forward_test.certificates import Certificate
from ibconsole.services.forward_test.network_rungs import (
    addresses_rung,
    connections_rung,
    goes_on,
    names_rung,
    tls_rung,
)
from ibconsole.services.forward_test.rungs import (
    AddressProbe,
    Cause,
    HostNames,
    RungState,
    TlsProbe,
)

PUBLIC, LOCAL, PRIVATE = Network.PUBLIC, Network.LOOPBACK, Network.PRIVATE


def test_names() -> None:
    """Aliases are named; a lookup that fails here says nothing about what a proxy finds."""
    unknown = HostNames("x.example", problem="It is not known.", cause=Cause.NO_SUCH_NAME)
    alias = HostNames("x.example", ("192.0.2.1",), ("y.example",))

    assert names_rung(unknown, proxy="").cause is Cause.NO_SUCH_NAME
    assert names_rung(unknown, proxy="p:80").state is RungState.NOT_KNOWN
    assert names_rung(alias, proxy="").details == ("x.example is an alias of y.example.",)
    assert names_rung(HostNames("x", ("::1", "::2")), proxy="").cause is Cause.IPV6_ONLY


@pytest.mark.parametrize(
    ("kinds", "sandbox", "state", "cause"),
    [
        ([PUBLIC], False, RungState.PASSED, Cause.NONE),
        ([PUBLIC, PRIVATE], False, RungState.WARNING, Cause.SOME_ADDRESSES_PRIVATE),
        ([PRIVATE], False, RungState.FAILED, Cause.PRIVATE_ADDRESSES),
        ([Network.METADATA], False, RungState.FAILED, Cause.PRIVATE_ADDRESSES),
        ([LOCAL], False, RungState.WARNING, Cause.PRIVATE_ADDRESSES),
        ([LOCAL, PRIVATE], False, RungState.FAILED, Cause.PRIVATE_ADDRESSES),
        ([LOCAL], True, RungState.PASSED, Cause.NONE),
        ([PUBLIC], True, RungState.FAILED, Cause.PRIVATE_ADDRESSES),
        ([LOCAL, PRIVATE], True, RungState.WARNING, Cause.SOME_ADDRESSES_PRIVATE),
    ],
)
def test_addresses(kinds: Sequence[Network], sandbox: bool, state: RungState, cause: Cause) -> None:
    """The platform reaches public addresses, the sandbox only this computer."""
    rung = addresses_rung([(str(n), kind) for n, kind in enumerate(kinds)], sandbox=sandbox)

    assert (rung.state, rung.cause) == (state, cause)


@pytest.mark.parametrize("address", ["0.0." + "0.0", "::", "0:0:0:0:0:0:0:0", "::0.0.0.0"])
@pytest.mark.parametrize("sandbox", [False, True])
def test_the_address_of_no_server(address: str, sandbox: bool) -> None:
    """The address that programs listen on, and filters answer, leads nowhere from anywhere."""
    kinds = [(address, LOCAL)]
    some = addresses_rung([*kinds, ("192.0.2.1", PUBLIC)], sandbox=sandbox)

    rung = addresses_rung(kinds, sandbox=sandbox)

    assert (rung.state, rung.cause) == (RungState.FAILED, Cause.PRIVATE_ADDRESSES)
    assert "no server" in rung.sentence
    assert not goes_on(kinds)
    assert goes_on([*kinds, ("192.0.2.1", PUBLIC)])
    assert goes_on([("::1", LOCAL)])
    assert some.cause is Cause.SOME_ADDRESSES_PRIVATE


def test_no_request_to_metadata() -> None:
    """Addresses that never are an endpoint get no connection."""
    assert not goes_on([("169.254.169.254", Network.METADATA)])
    assert goes_on([("10.0.0.1", PRIVATE)])


def probe(family: str, cause: Cause, kind: Network = PUBLIC) -> AddressProbe:
    return AddressProbe(family, family, kind, problem="No." if cause else "", cause=cause)


def test_connections() -> None:
    """Dead addresses are distinguished from a computer without IPv6."""
    up4, down4 = probe("IPv4", Cause.NONE), probe("IPv4", Cause.CONNECT_TIMEOUT)
    down6, none6 = probe("IPv6", Cause.REFUSED), probe("IPv6", Cause.UNREACHABLE)

    assert connections_rung([up4]).cause is Cause.NONE
    assert connections_rung([up4, down4]).cause is Cause.SOME_ADDRESSES_DEAD
    assert connections_rung([up4, down6]).cause is Cause.IPV6_DEAD
    assert connections_rung([up4, none6]).cause is Cause.NONE
    assert connections_rung([none6]).state is RungState.NOT_KNOWN
    assert connections_rung([down4, down4]).cause is Cause.CONNECT_TIMEOUT
    assert connections_rung([probe("IPv6", Cause.UNREACHABLE, LOCAL)]).state is RungState.FAILED


def with_tls(cause: Cause, address: str = "192.0.2.1") -> AddressProbe:
    leaf = Certificate("CN=x", "CN=Some R7", 0.0, 4e9, ("a.example", "b.example"))
    tls = TlsProbe("TLSv1.3", "X", (leaf,), cause=cause, causes=(cause,) if cause else ())
    return AddressProbe(address, "IPv4", tls=tls)


def test_certificates() -> None:
    """A wrong name lists the names; a fault behind some addresses is an intermittent one."""
    named = tls_rung([with_tls(Cause.CERT_NAME)])
    some = tls_rung([with_tls(Cause.NONE), with_tls(Cause.CERT_EXPIRED, "192.0.2.2")])

    assert "a.example, b.example" in named.sentence
    assert (named.state, named.cause) == (RungState.FAILED, Cause.CERT_NAME)
    assert (some.state, some.cause) == (RungState.WARNING, Cause.SOME_ADDRESSES_TLS)
    assert "192.0.2.2" in some.sentence
    assert tls_rung([with_tls(Cause.NONE)]).state is RungState.PASSED
    assert tls_rung([probe("IPv4", Cause.REFUSED)]).state is RungState.SKIPPED
    assert tls_rung([with_tls(Cause.NONE), with_tls(Cause.CERT_EXPIRES_SOON)]).cause is (
        Cause.CERT_EXPIRES_SOON
    )


@pytest.mark.parametrize("cause", [one for one in Cause if one.name.startswith(("CERT_", "TLS_"))])
def test_every_fault_of_tls_has_its_sentence(cause: Cause) -> None:
    """No fault of a handshake is without words."""
    assert tls_rung([with_tls(cause)]).sentence.endswith(".")
