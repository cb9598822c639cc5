"""A redelivery's options come back from what is stored of them."""

import pytest

from ibconsole.archive.ledger.records import RedeliveryOptions
from ibconsole.services.forward_test.senders import CURL, PLATFORM
from ibconsole.services.redelivery.values import RedeliveryRequest, retry_law_of, sender_of
from ibconsole.services.retry_law.law import NO_RETRIES, PUBLISHED_LAW


def test_sender_and_law_come_back() -> None:
    options = RedeliveryRequest(url="http://h/", sender=CURL, law=PUBLISHED_LAW, rate=2.5).options
    assert (sender_of(options), retry_law_of(options)) == (CURL, PUBLISHED_LAW)
    assert options.rate == 2.5


def test_without_options_there_are_defaults() -> None:
    assert sender_of(RedeliveryOptions()) == PLATFORM
    assert retry_law_of(RedeliveryOptions()) == NO_RETRIES


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (" HTTPS://Shop.Example:443/In?Q=1#top ", "https://shop.example/In?Q=1"),
        ("http://shop.example:80", "http://shop.example/"),
        ("http://shop.example:8080/a", "http://shop.example:8080/a"),
        ("https://[::1]:443/a", "https://[::1]/a"),
        ("https://zürich.example/ü", "https://xn--zrich-kva.example/%C3%BC"),
        ("no url", "no url"),
    ],
)
def test_a_url_has_one_spelling(url: str, expected: str) -> None:
    """What an endpoint has acknowledged is found by its URL, however that was typed."""
    assert RedeliveryRequest(url=url).target_url == expected
