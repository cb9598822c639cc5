"""A redelivery's options come back from what is stored of them."""

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
