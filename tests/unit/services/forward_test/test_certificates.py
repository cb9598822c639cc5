"""What certificates say of themselves."""

import time

from ibconsole.services.forward_test.certificates import Certificate, read_certificates
from tests.certificates import make_authority, make_certificate


def test_a_chain() -> None:
    """Subject, issuer, days and names of each, in the order they were sent."""
    authority = make_authority("Test CA")
    leaf = make_certificate(authority, "hooks.example.com", days=30)

    own, above = read_certificates([leaf.der, authority.der])

    assert own.subject == "CN=hooks.example.com"
    assert own.issuer == above.subject == "CN=Test CA"
    assert own.days_left in {29, 30}
    assert own.names == ("hooks.example.com",)
    assert (own.is_self_signed, above.is_self_signed) == (False, True)


def test_one_that_has_ended() -> None:
    """Its days are negative."""
    ended = make_certificate(make_authority("Test CA"), "x.example.com", days=-3)

    [read] = read_certificates([ended.der])

    assert read.days_left < 0
    assert read.valid_until < time.time()


def test_rubbish_is_left_out() -> None:
    """What cannot be read costs the others nothing."""
    good = make_authority("Test CA")

    assert [one.subject for one in read_certificates([b"rubbish", good.der, b""])] == ["CN=Test CA"]


def test_days() -> None:
    """Whole days, by the clock."""
    assert Certificate("a", "a", 0, time.time() + 86_400 * 2 + 60).days_left == 2
