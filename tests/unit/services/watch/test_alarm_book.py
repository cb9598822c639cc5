"""The book of alarms."""

from msgspec.structs import replace

from ibconsole.services.runtime import Alarm, AlarmKind
from ibconsole.services.watch.alarm_book import AlarmBook, AlarmEvent, AlarmState

ALARM = Alarm(AlarmKind.SILENCE, "c", "Silent.", 5, 1601)


def test_each_trouble_is_announced_once() -> None:
    """An alarm is raised once and cleared once, after two judgements without it."""
    book = AlarmBook()

    assert book.update([ALARM], 10) == [AlarmEvent(ALARM, AlarmState.RAISED, 10)]
    assert book.update([ALARM], 20) == []
    assert book.update([], 30) == []
    assert book.update([ALARM], 40) == []  # it came and went
    assert book.update([], 50) == []
    assert book.update([], 60) == [AlarmEvent(ALARM, AlarmState.CLEARED, 60)]
    assert book.update([], 70) == []
    assert not book.active


def test_two_plans_find_one_trouble() -> None:
    """A trouble that two plans find is one alarm; the user is notified if one plan wants it."""
    book = AlarmBook(misses=1)
    events = [*book.update([ALARM, replace(ALARM, notify=True), ALARM], 1), *book.update([], 2)]

    assert [(one.state, one.alarm.notify) for one in events] == [
        ("raised", True),
        ("cleared", True),
    ]


def test_a_new_silence() -> None:
    """A message between two silences ends the first one."""
    book, later = AlarmBook(), replace(ALARM, since=50)
    book.update([ALARM], 10)
    events = book.update([later], 60)

    assert [(one.alarm, one.state) for one in events] == [(ALARM, "cleared"), (later, "raised")]
