"""The faults of certificates, each apart."""

import msgspec
import pytest

from ibconsole.services.forward_test.chains import ChainVerdict, PublicRoots, issuer_urls
from ibconsole.services.forward_test.rungs import Cause
from tests.certificates import (
    IssuedCertificate,
    make_authority,
    make_certificate,
    make_intermediate,
    make_self_signed,
)

HOST = "hooks.example"
ROOT = make_authority("Public root")
MIDDLE = make_intermediate(ROOT, "Public R7")
PRIVATE = make_authority("Company CA")
GATEWAY = make_authority("Zscaler Root CA")
AIA = "http://ca.example/r7.der"


def ders(leaf: IssuedCertificate, *, count: int | None = None) -> list[bytes]:
    chain = [leaf.der, *(IssuedCertificate(one, leaf.key).der for one in leaf.chain)]
    return chain[:count]


def verdict_on(leaf: IssuedCertificate, *, count: int | None = None) -> ChainVerdict:
    return ChainVerdict(ders(leaf, count=count), HOST, PublicRoots([ROOT.certificate]))


GOOD = make_certificate(MIDDLE, HOST, days=90, issuer_url=AIA)


class Sent(msgspec.Struct, frozen=True):
    """A chain that was sent, and this computer's verdict on it."""

    leaf: IssuedCertificate
    count: int | None = None
    trusted: bool = False
    proxy: bool = False
    reason: str = ""


@pytest.mark.parametrize(
    ("sent", "causes"),
    [
        (Sent(GOOD, trusted=True), ()),
        (Sent(GOOD, 2, trusted=True), ()),
        (Sent(GOOD, 1), (Cause.CERT_CHAIN,)),
        (Sent(GOOD, 1, trusted=True), (Cause.CERT_CHAIN,)),
        (Sent(make_certificate(MIDDLE, HOST, days=5), trusted=True), (Cause.CERT_EXPIRES_SOON,)),
        (Sent(make_certificate(MIDDLE, HOST, days=-2)), (Cause.CERT_EXPIRED,)),
        (Sent(make_certificate(MIDDLE, HOST, days=9, starts=3)), (Cause.CERT_NOT_YET,)),
        (Sent(make_certificate(MIDDLE, "other.example", days=90)), (Cause.CERT_NAME,)),
        (Sent(make_certificate(PRIVATE, HOST, days=90)), (Cause.CERT_UNKNOWN_CA,)),
        (Sent(make_certificate(PRIVATE, HOST, days=90), 1), (Cause.CERT_UNKNOWN_CA,)),
        (Sent(make_certificate(PRIVATE, HOST, days=90), trusted=True), (Cause.CERT_PRIVATE_CA,)),
        (Sent(make_self_signed(HOST, days=90)), (Cause.CERT_SELF_SIGNED,)),
        (Sent(make_self_signed(HOST, days=90), trusted=True), (Cause.CERT_PRIVATE_CA,)),
        (
            Sent(make_self_signed("www.example", days=90)),
            (Cause.CERT_NAME, Cause.CERT_SELF_SIGNED),
        ),
        (Sent(GOOD, reason="EE certificate key too weak"), (Cause.CERT_WEAK,)),
        (Sent(GOOD, reason="unsuitable purpose"), (Cause.CERT_INVALID,)),
        (
            Sent(make_certificate(GATEWAY, HOST, days=90), trusted=True),
            (Cause.TLS_INTERCEPTED, Cause.CERT_PRIVATE_CA),
        ),
        (
            Sent(make_certificate(PRIVATE, HOST, days=90), proxy=True),
            (Cause.TLS_INTERCEPTED, Cause.CERT_UNKNOWN_CA),
        ),
        (
            Sent(make_certificate(PRIVATE, "other.example", days=-2)),
            (Cause.CERT_EXPIRED, Cause.CERT_NAME, Cause.CERT_UNKNOWN_CA),
        ),
    ],
)
def test_faults(sent: Sent, causes: tuple[Cause, ...]) -> None:
    """Each fault is named, the first cause first, also where this computer sees none."""
    verdict = verdict_on(sent.leaf, count=sent.count)

    found = verdict.causes(trusted=sent.trusted, through_proxy=sent.proxy, reason=sent.reason)

    assert found == causes


@pytest.mark.parametrize(
    ("name", "host", "matches"),
    [
        ("*.example.com", "hooks.example.com", True),
        ("*.example.com", "a.b.example.com", False),
        ("*.example.com", "example.com", False),
        ("EXAMPLE.com", "example.COM.", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("127.0.0.1", "example.com", False),
    ],
)
def test_names(name: str, host: str, matches: bool) -> None:
    """A wildcard covers one label; an address matches only an address."""
    chain = ders(make_certificate(ROOT, name, days=9))

    assert ChainVerdict(chain, host, PublicRoots([])).name_matches is matches


def test_no_certificates() -> None:
    """What cannot be read has no name, and is not trusted."""
    verdict = ChainVerdict([b"no certificate"], HOST, PublicRoots([]))

    assert (verdict.leaf, verdict.name_matches, verdict.anchored) == (None, None, False)
    assert verdict.causes(trusted=False) == (Cause.CERT_INVALID,)


def test_where_the_issuer_is() -> None:
    """The download of a missing intermediate is named."""
    assert issuer_urls(ders(GOOD, count=1)) == (AIA,)
    assert issuer_urls(ders(ROOT)) == issuer_urls([]) == ()


def test_public_authorities() -> None:
    """The authorities that browsers know are known."""
    assert len(PublicRoots().by_name) > 100
    assert "Internet Security Research Group" in PublicRoots().organizations
