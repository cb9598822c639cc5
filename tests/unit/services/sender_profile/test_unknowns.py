"""What the platform does not document, as an archive shows it."""

from pathlib import Path

from ibconsole.archive.archive import Archive
from ibconsole.services.sender_profile.unknowns import learn_unknowns
from tests.unit.archive.deliveries import arrival, batch, pull

BOTH, KEPT, LARGEST, PARALLEL = range(4)


def test_a_missing_archive_has_shown_nothing(tmp_path: Path) -> None:
    """Every question is open, has a hint, and no archive is created."""
    found = learn_unknowns(tmp_path / "archive.db")

    assert [one.observation for one in found] == [""] * len(found)
    assert all(one.hint and not one.n for one in found)
    assert not (tmp_path / "archive.db").exists()


def test_an_archive_shows_some(tmp_path: Path) -> None:
    """Messages that came both ways, waited for the pull, and requests at the same time."""
    path = tmp_path / "archive.db"
    old = {"messageId": "1", "applicationCode": "a", "receivedAt": "1970-01-01T00:00:00.000+0000"}
    with Archive(path) as archive:
        archive.decode(archive.add_forwards([arrival(batch(old), arrived_at=7_200_000)]))
        archive.decode(archive.add_forwards([arrival(batch(old), arrived_at=7_200_000)]))
        pull(archive, batch(old, {"messageId": "2"}))
    found = learn_unknowns(path)

    assert found[BOTH].observation == "1 message came both ways"
    assert found[KEPT].observation.startswith("one was pulled ")
    assert found[LARGEST].observation == "up to 2 came at once"
    assert found[PARALLEL].observation == "2 requests at most"
    assert [one.n for one in found[:4]] == [1, 1, 1, 2]
    assert all(one.last_at for one in found[:4])
