from pytestqt.qtbot import QtBot

from ibconsole.ui.shell.failure_log import MAX_FAILURES, FailureLog


def test_the_newest_failures_come_first(qtbot: QtBot) -> None:
    """Each failure is kept with its task, time and details until the log is cleared."""
    log = FailureLog()
    log.add("load", "The disk is full.", "ENOSPC")
    with qtbot.waitSignal(log.changed):
        second = log.add("pull", "The connection timed out.")

    assert [one.sentence for one in log.failures] == [
        "The connection timed out.",
        "The disk is full.",
    ]
    assert log.failures[0] is second
    assert (log.failures[1].task, log.failures[1].details) == ("load", "ENOSPC")
    with qtbot.waitSignal(log.changed):
        log.clear()
    assert log.failures == []


def test_the_number_of_failures_is_limited() -> None:
    """A failure that repeats for ever does not fill the memory: the oldest are dropped."""
    log = FailureLog()
    for number in range(MAX_FAILURES + 5):
        log.add("x", f"{number}")

    assert len(log.failures) == MAX_FAILURES
    assert log.failures[0].sentence == f"{MAX_FAILURES + 4}"
