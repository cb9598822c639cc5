"""Reading certificates that a server sent."""

import time

from ibconsole.services.forward_test.certificates import Certificate, read_certificates
from tests.certificates import make_authority, make_certificate


def test_chain() -> None:
    """Subject, issuer, days and names of each certificate are read, in the order sent."""
    authority = make_authority("Test CA")
    leaf = make_certificate(authority, "hooks.example.com", days=30)

    own, issuer = read_certificates([leaf.der, authority.der])

    assert own.subject == "CN=hooks.example.com"
    assert own.issuer == issuer.subject == "CN=Test CA"
    assert own.days_left in {29, 30}
    assert own.names == ("hooks.example.com",)
    assert (own.is_self_signed, issuer.is_self_signed) == (False, True)


def test_expired() -> None:
    """An expired certificate has a negative number of days left."""
    expired = make_certificate(make_authority("Test CA"), "x.example.com", days=-3)

    [read] = read_certificates([expired.der])

    assert read.days_left < 0
    assert read.valid_until < time.time()


def test_unreadable_certificates() -> None:
    """An unreadable certificate is left out; the others are read."""
    good = make_authority("Test CA")

    assert [one.subject for one in read_certificates([b"rubbish", good.der, b""])] == ["CN=Test CA"]


def test_days_left() -> None:
    """Days left are whole days, by the clock."""
    assert Certificate("a", "a", 0, time.time() + 86_400 * 2 + 60).days_left == 2
