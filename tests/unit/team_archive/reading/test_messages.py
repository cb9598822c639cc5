"""Messages are found by what they belong to."""

from ibconsole.archive import Filter
from ibconsole.team_archive import TeamReader
from tests.unit.team_archive.team_rows import AT, ShippedMessage, TeamRows


def test_by_identity(anna: TeamRows, reader: TeamReader) -> None:
    """The first message with an id in an application is the one that arrived first."""
    anna.ship(2_000, ShippedMessage(message_id="one"))
    delivery = anna.ship(1_000, ShippedMessage(message_id="one"), ShippedMessage(message_id=""))
    [first, _] = anna.messages_of(delivery)

    assert reader.find_message("one", "app") == first
    assert reader.find_message("one", "other") is None
    assert reader.find_message("", "app") is None
    assert reader.deliveries_matching(Filter(until=AT + 1_500)) == [delivery]


def test_codes(anna: TeamRows, reader: TeamReader) -> None:
    """Each application is listed once."""
    codes = ("b", "a", "b", "", "c")
    anna.ship(1_000, *(ShippedMessage(application_code=code) for code in codes))

    assert reader.application_codes() == ["a", "b", "c"]


def test_size_of_a_page(anna: TeamRows, reader: TeamReader) -> None:
    """A page ends with its bytes, and has one message at least."""
    size = 700_000
    messages = [ShippedMessage(body=b"x" * size) for _ in range(3)]
    anna.ship(1_000, *messages, ShippedMessage())

    assert [len(page) for page in reader.pages(Filter())] == [2, 2]
