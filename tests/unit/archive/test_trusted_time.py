"""The clock is trusted as long as it is in line with what came before."""

from ibconsole.archive.archive import Archive
from ibconsole.archive.deletion import doubted_since, move_trusted_time, set_trusted_time
from ibconsole.archive.records import RetentionPolicy
from tests.unit.archive.deliveries import arrival, batch

DAY = 86_400_000
NOW = 1_780_000_000_000
ALL, WEEK, YEAR = RetentionPolicy(), RetentionPolicy(days=7), RetentionPolicy(days=365)


def test_a_clock_in_use_is_trusted(archive: Archive) -> None:
    """Breaks of some days, and small corrections, are no leap; the trusted time moves on."""
    now = NOW
    for step in (0, DAY, 3 * DAY, -DAY // 48, 4 * DAY):
        now += step
        assert move_trusted_time(archive._db, YEAR, now) is None


def test_a_leap_stays_doubtful(archive: Archive) -> None:
    """A clock far ahead, or behind, is not trusted, however often, until it is right."""
    move_trusted_time(archive._db, YEAR, NOW)
    for wrong in (NOW + 5 * DAY, NOW + 2_000 * DAY, NOW - DAY, 0, -DAY):
        assert [move_trusted_time(archive._db, YEAR, wrong) for _ in range(3)] == [NOW] * 3

    assert move_trusted_time(archive._db, YEAR, NOW + DAY) is None


def test_a_short_policy_bears_shorter_breaks(archive: Archive) -> None:
    """A leap must never be as long as what the policy keeps."""
    set_trusted_time(archive._db, NOW)

    assert doubted_since(archive._db, WEEK, NOW + 3 * DAY) is None
    assert doubted_since(archive._db, RetentionPolicy(days=1), NOW + DAY) == NOW
    assert doubted_since(archive._db, WEEK, NOW + 4 * DAY) == NOW
    assert doubted_since(archive._db, ALL, NOW + 4 * DAY) is None


def test_the_user_decides(archive: Archive) -> None:
    """What the user has confirmed is trusted, in both directions."""
    for now in (NOW, NOW + 900 * DAY, NOW - 900 * DAY):
        set_trusted_time(archive._db, now)
        assert doubted_since(archive._db, YEAR, now) is None


def test_an_archive_without_a_trusted_time(archive: Archive) -> None:
    """The newest delivery stands for it; an empty archive has nothing to lose."""
    assert doubted_since(archive._db, YEAR, NOW) is None
    archive.add_forwards([arrival(batch({"text": "a"}), arrived_at=NOW - 400 * DAY)])

    assert doubted_since(archive._db, YEAR, NOW) == NOW - 400 * DAY


def test_what_arrives_under_a_wrong_clock_proves_nothing(archive: Archive) -> None:
    """A message with the time of a wrong clock does not make that clock right."""
    archive.add_forwards([arrival(batch({"text": "a"}), arrived_at=NOW - 400 * DAY)])
    archive.recover()
    archive.add_forwards([arrival(batch({"text": "b"}), arrived_at=NOW)])

    assert doubted_since(archive._db, YEAR, NOW) == NOW - 400 * DAY
