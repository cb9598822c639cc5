"""A thread as the window awaits it."""

from pathlib import Path

from ibconsole.archive.archive import Archive
from ibconsole.services.messages.message_reader import on_disk
from ibconsole.services.team.reading import is_team_id, team_id
from ibconsole.services.threads.opened_thread import ThreadSource
from ibconsole.services.threads.subjects import ThreadKind, ThreadSubject
from ibconsole.team_archive import TeamReader
from tests.postgres import TeamDatabase
from tests.unit.archive.deliveries import forward
from tests.unit.services.threads.records import fill, message
from tests.unit.team_archive.team_rows import ShippedMessage, TeamRows

SUBJECT = ThreadSubject(kind=ThreadKind.INSTALLATION, value="device")


async def test_a_thread_grows_until_it_is_closed(tmp_path: Path) -> None:
    """Parts come as they are found; later ones join; once closed nothing is read any more."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive:
        fill(archive)
        opened = ThreadSource(on_disk(path), path).open(SUBJECT, 1)
        assert await opened.newer() is None
        parts = [part async for part in opened.parts()]
        forward(archive, message("9"))
        newer = await opened.newer()
        await opened.close()

        assert (len(parts[-1].entries), parts[-1].is_complete) == (4, True)
        assert newer is not None
        assert [one.message.message_id for one in newer.entries].count("9") == 1
        assert await opened.newer() is None
        await opened.close()


async def test_ids_of_a_team_are_those_of_the_window(tmp_path: Path) -> None:
    """A row of a team's thread is opened by the id that the window uses for it."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive:
        for minute in (*range(8), 900):
            time = f"2026-01-01T{minute // 60:02}:{minute % 60:02}:00.000+0000"
            forward(archive, message(str(minute), receivedAt=time))
    opened = ThreadSource(on_disk(path), path).open(SUBJECT, team_id(1))

    *_, thread = [part async for part in opened.parts()]
    await opened.close()

    assert [one.id for one in thread.entries] == [team_id(number) for number in range(1, 10)]
    assert [one.before for one in thread.silences] == [team_id(9), None]


async def test_a_thread_of_a_team_is_left_without_waiting_for_it(
    tmp_path: Path, team: TeamDatabase
) -> None:
    """Its connection is broken off: what waits for the database would hold the window's end."""
    path = tmp_path / "archive.sqlite3"
    Archive(path).close()
    TeamRows(team.db()).ship(1, ShippedMessage(message_id="1", sender="device"))

    def opener() -> TeamReader:
        return TeamReader(team.address("reader"), connection="uuid")

    opened = ThreadSource(lambda criteria: (opener, criteria), path).open(SUBJECT, team_id(1))
    *_, thread = [part async for part in opened.parts()]
    await opened.close()

    assert [is_team_id(one.id) for one in thread.entries] == [True]
    assert thread.is_complete
