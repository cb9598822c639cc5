"""Reading certificates that a server sent."""

import time

import pytest

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


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-3, "expired 3 days ago"),
        (-1, "expired 1 day ago"),
        (0, "less than a day left"),
        (1, "1 day left"),
        (90, "90 days left"),
    ],
)
def test_the_remaining_time_in_words(days: int, words: str) -> None:
    """A certificate never has minus three days, nor 1 days, left."""
    assert Certificate("a", "b", 0, time.time() + days * 86_400 + 60).remaining == words


def test_unreadable_certificates() -> None:
    """An unreadable certificate is left out; the others are read."""
    good = make_authority("Test CA")

    assert [one.subject for one in read_certificates([b"rubbish", good.der, b""])] == ["CN=Test CA"]


def test_days_left() -> None:
    """Days left are whole days, by the clock."""
    assert Certificate("a", "a", 0, time.time() + 86_400 * 2 + 60).days_left == 2
