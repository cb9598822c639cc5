"""A team's archive is read with the methods and values of the archive on this disk."""

from ibconsole.archive import DeliveryState, Filter, Flags, Slice, Via
from ibconsole.team_archive import TeamReader
from tests.unit.team_archive.team_rows import AT, ShippedMessage, TeamRows


def test_rows(anna: TeamRows, reader: TeamReader) -> None:
    """A row says who received the message, and its text is cut; missing ones are skipped."""
    first, second = anna.messages_of(
        anna.ship(2_000, ShippedMessage(text="x" * 1_500), ShippedMessage(flags=4))
    )

    rows = reader.rows([second, 999, first])

    assert [(one.id, one.source, one.via, one.flags) for one in rows] == [
        (second, "anna@desk", Via.FORWARD, Flags.ODD),
        (first, "anna@desk", Via.FORWARD, Flags(0)),
    ]
    assert rows[1].text == "x" * 1_000
    assert rows[1].arrived_at == AT + 2_000


def test_one_message(anna: TeamRows, reader: TeamReader) -> None:
    """A message has its JSON as received, and names the first one with its message id."""
    bob = TeamRows(anna.db, label="bob@desk")
    message = ShippedMessage(text="grüße")
    [first] = anna.messages_of(anna.ship(1_000, message))
    [second] = bob.messages_of(bob.ship(2_000, message, via="pull"))

    found, again = reader.message(first), reader.message(second)

    assert found
    assert again
    assert (found.body, found.duplicate_of, found.connection) == (message.element, None, "uuid")
    assert (again.source, again.duplicate_of, again.flags) == ("bob@desk", first, Flags.DUPLICATE)
    assert reader.message(999) is None


def test_pages(anna: TeamRows, reader: TeamReader) -> None:
    """All messages that match are read by the page, oldest first, or those since a mark."""
    anna.ship(2_000, ShippedMessage(text="late", body=b"{}"))
    mark = reader.mark()
    anna.ship(1_000, ShippedMessage(text="early"), ShippedMessage(text="early too"))

    texts = [one.text for one in reader.messages(Filter())]

    assert texts == ["early", "early too", "late"]
    assert [one.text for page in reader.pages(Filter(), after=mark) for one in page] == texts[:2]
    assert list(reader.elements(reader.find(Filter(text="LATE"))).values()) == [b"{}"]


def test_deliveries(anna: TeamRows, reader: TeamReader) -> None:
    """A delivery has the facts of the one that was shipped, and its bytes."""
    message = ShippedMessage()
    pull = anna.ship(1_000, message, via="pull", pending=7, problem="One.", decoding_problem="Two.")
    forward = anna.ship(2_000, body=b"", raw=b"POST / \r\n\r\n[]", body_start=11, body_size=2)

    [found, other] = reader.deliveries([forward, pull])

    assert (found.via, found.state, found.size) == (Via.FORWARD, DeliveryState.DECODED, 2)
    assert (other.pending, other.problem, other.source) == (7, "One. Two.", "anna@desk")
    assert other.origin == f"{anna.archive}:1"
    assert reader.delivery_body(pull) == b"[" + message.element + b"]"
    assert reader.delivery_body(forward) == b"[]"
    assert reader.slice(forward, 1, 5) == Slice(b"]", 1, 2)
    assert reader.slice(forward, 0, 4, raw=True) == Slice(b"POST", 0, 13)
    assert reader.facts([pull])[0].problem == "One. Two."
    assert list(reader.messages_of([forward, pull])) == anna.messages_of(pull)


def test_an_account_at_a_time(anna: TeamRows, reader: TeamReader) -> None:
    """The rows of another account are not read."""
    other = TeamRows(anna.db, account=2)
    delivery = other.ship(1_000, ShippedMessage())

    assert list(reader.find(Filter())) == []
    assert reader.rows(other.messages_of(delivery)) == []
    assert reader.delivery(delivery) is None
