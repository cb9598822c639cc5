"""The number of messages that only others have: this disk cannot give them back."""

import msgspec
import pytest

from ibconsole.team_archive import TeamRefused
from ibconsole.team_archive.redelivery.received import ReceivedCriteria, count_received_elsewhere
from tests.postgres import TeamDatabase
from tests.unit.team_archive.redelivery.computers import Computer

AT = 1_790_000_000_000
CRITERIA = ReceivedCriteria(application="app", since=AT, until=AT + 10)


def receive(computer: Computer, *message_ids: str, at: int = AT, via: str = "pull") -> None:
    """Ship messages of the application."""
    computer.session.db.execute("SELECT ibconsole.create_partitions(%s, %s)", (AT, AT))
    for message_id in message_ids:
        computer.session.db.execute(
            "INSERT INTO ibconsole.message (account, source, delivery, arrived_at, via, position,"
            " message_id, application_code, sender, keyword, text, searched, flags)"
            " VALUES (%s, %s, 1, %s, %s, 0, %s, 'app', '', '', '', '', 0)",
            (computer.session.account, computer.source, at, via, message_id),
        )


def test_a_message_that_is_stored_here_does_not_count(
    anna: Computer, ben: Computer, team: TeamDatabase
) -> None:
    """Each message once, although two may have it; those without an id where they are."""
    carla = Computer(team, "carla@pc-5")
    receive(ben, "m1", "m2", "m3", "")
    receive(ben, "m9", at=AT - 1)
    receive(ben, "m8", at=AT + 10)
    receive(carla, "m3", "m4")
    receive(anna, "m5")
    carla.session.close()

    found = count_received_elsewhere(anna.session, anna.source, CRITERIA, lambda _: {"m1"})

    assert found == {"ben@pc-4": 3, "carla@pc-5": 1}


def test_the_way_counts_if_it_was_chosen(anna: Computer, ben: Computer) -> None:
    """Without a period or a way everything of the application counts."""
    receive(ben, "m1")
    receive(ben, "m2", via="forward")
    forwards = msgspec.structs.replace(CRITERIA, via="forward")
    everything = ReceivedCriteria(application="app")

    for criteria, number in ((forwards, 1), (everything, 2)):
        found = count_received_elsewhere(anna.session, anna.source, criteria, lambda _: ())
        assert found.total() == number


def test_who_reads_no_message_does_not_know(anna: Computer, ben: Computer) -> None:
    """A collector has no right to read messages."""
    with pytest.raises(TeamRefused):
        count_received_elsewhere(ben.session, anna.source, CRITERIA, lambda _: ())
