"""What the archive has about a connection that is watched."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive import Archive
from ibconsole.model import Arrival
from ibconsole.services.runtime import PullState
from ibconsole.services.watch.facts import StoredArrivals, WatchFacts, WatchPlan
from ibconsole.services.watch.stored_arrivals import ArrivalReader, archive_problem
from tests.unit.archive.deliveries import arrival, batch, pull
from tests.unit.services.watch.samples import DAY, HOUR, MINUTE, NOW

PLAN = WatchPlan("c", name="Kestrel")
FACTS = WatchFacts(NOW, 0)
LUMEN, OTHER = "code-of-lumen-0001", "code-of-other-0001"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "archive.sqlite3"


def forward(code: str, at: int, *, connection: str | None = "c", status: int = 200) -> Arrival:
    body = batch({"messageId": f"{code}{at}", "applicationCode": code})
    return replace(arrival(body, arrived_at=at, status=status), connection=connection)


def store(path: Path, arrivals: Sequence[Arrival]) -> None:
    """Store forwards as a listener does, in the order of their times."""
    with Archive(path) as archive:
        archive.decode(archive.add_forwards(sorted(arrivals, key=lambda one: one.arrived_at)))


def read(path: Path, *plans: WatchPlan, now: int = NOW) -> StoredArrivals:
    reader = ArrivalReader(path, "c")
    return reader.read(plans or (PLAN,), {LUMEN: "Lumen"}, replace(FACTS, now=now))


def test_no_archive(path: Path) -> None:
    """A missing archive has no facts, and is not created."""
    assert read(path) == StoredArrivals()
    assert not path.exists()


def test_histories(path: Path) -> None:
    """The connection comes first, then each of its applications, by its name or masked code."""
    store(path, [forward(LUMEN, NOW - HOUR), forward(OTHER, NOW - 1, connection="d")])
    whole, lumen, other = read(path).histories

    assert (whole.application, whole.times, whole.first_at) == ("", (NOW - HOUR,), NOW - HOUR)
    assert (lumen.application, lumen.name, lumen.times) == (LUMEN, "Lumen", (NOW - HOUR,))
    assert other.times == ()  # it arrived under another connection
    assert OTHER not in other.name
    [only] = read(path, replace(PLAN, application=LUMEN)).histories
    assert only == lumen


def test_only_what_is_new_is_read(path: Path) -> None:
    """A later look adds to the one before, and deleted messages are no trouble."""
    reader = ArrivalReader(path, "c")
    store(path, [forward(LUMEN, NOW - HOUR)])
    reader.read((PLAN,), {}, FACTS)
    store(path, [forward(LUMEN, NOW)])
    later = reader.read((PLAN,), {}, FACTS)

    assert later.histories[1].times == (NOW - HOUR, NOW)
    with Archive(path) as archive:
        archive.delete_batch_below(3)
    assert len(reader.read((PLAN,), {}, FACTS).histories) == 1


@pytest.mark.parametrize("application", ["", LUMEN])
def test_counts(path: Path, application: str) -> None:
    """A long silence is compared with the same time of earlier days; a short one is not."""
    last = NOW - HOUR
    nights = [last - day * DAY - n * 5 * MINUTE for day in range(3) for n in range(100)]
    store(path, [forward(LUMEN, at) for at in nights])
    plan = replace(PLAN, application=application)
    found = next(one for one in read(path, plan).histories if one.application == application)
    soon = next(
        one
        for one in read(path, plan, now=last + 60_000).histories
        if one.application == application
    )

    # An hour after the last message of each day there was nothing; the third day is the first.
    assert found.counts == (None, 0, 0, *[None] * 5)
    assert soon.counts is None
    busy = [forward(LUMEN, last - DAY + n * 5 * MINUTE) for n in range(1, 13)]
    store(path, busy)
    again = next(one for one in read(path, plan).histories if one.application == application)
    assert again.counts
    assert again.counts[1] == 11


def test_answers(path: Path) -> None:
    """Errors count for forwards of this connection and for posts on unknown paths."""
    scan = arrival(b"", arrived_at=NOW - 4, status=404, method="GET")
    wrong = arrival(b"{}", arrived_at=NOW - 3, status=404)
    other = forward(LUMEN, NOW - 2, connection="d", status=500)
    store(path, [scan, wrong, other, forward(LUMEN, NOW - 1)])

    assert [(one.at, one.status) for one in read(path).answers] == [(NOW - 1, 200), (NOW - 3, 404)]


def test_pulls(path: Path) -> None:
    """The last pull, the figures of those that succeeded, and the times of all are read."""
    with Archive(path) as archive:
        pull(archive, batch({}, pending=7))
        pull(archive, b"no", status=500, complete=False)
    found = read(path)

    assert [one.pending for one in found.figures] == [7]
    assert len(found.pulls) == 2
    assert found.pull
    assert found.pull.state is PullState.FAILED


def test_an_archive_that_can_be_written(path: Path) -> None:
    """Rights and free space are looked at; before the first message there is no trouble."""
    assert archive_problem(path) == ""
    store(path, [])
    assert archive_problem(path) == ""
    assert (
        archive_problem(path, smallest_space=1 << 80) == f"The disk of the archive is full: {path}."
    )


def test_many_applications(path: Path) -> None:
    """Of very many applications some are read at each look, or all at once if there is one look."""
    store(path, [forward(f"code-{n:04}", NOW - n) for n in range(70)])
    reader, whole = ArrivalReader(path, "c"), ArrivalReader(path, "c", at_once=True)
    looks = [len(reader.read((PLAN,), {}, FACTS).histories) for _ in range(2)]

    assert looks == [51, 71]
    assert len(whole.read((PLAN,), {}, FACTS).histories) == 71
