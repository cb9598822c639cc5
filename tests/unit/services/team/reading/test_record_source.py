"""A record and its ids."""

from ibconsole.services.team.reading.record_source import (
    RecordSource,
    RecordState,
    is_team_id,
    number_of,
    team_id,
)


def test_ids_tell_their_record() -> None:
    """No id of a team's record is one of this disk; users see the number that it has there."""
    assert (is_team_id(7), is_team_id(team_id(7))) == (False, True)
    assert (number_of(7), number_of(team_id(7))) == (7, 7)
    assert team_id(7) < team_id(8)


def test_only_a_team_that_is_there_is_shown() -> None:
    """While a team's archive is connecting or away, this disk's messages are shown."""
    assert [kind for kind in RecordState if RecordSource(kind).is_shared] == [RecordState.TEAM]
