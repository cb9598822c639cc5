import signal

import pytest

from ibconsole.services.runtime.process_end import on_console_end, stop_signals

HANGUP = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows sends no signals")


@HANGUP
def test_the_end_of_a_terminal_ends_the_program() -> None:
    """SIGHUP ends the program as SIGTERM and SIGINT do."""
    assert stop_signals() == (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@HANGUP
def test_nohup_keeps_its_meaning() -> None:
    """A SIGHUP that was ignored from the start stays ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert signal.SIGHUP not in stop_signals()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_other_systems_have_no_console_events() -> None:
    """Without a Windows console nothing is called, and the block runs."""
    with on_console_end(lambda: pytest.fail("There is no console.")):
        pass
