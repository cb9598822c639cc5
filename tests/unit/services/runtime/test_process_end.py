import signal

import pytest

from ibconsole.services.runtime.process_end import on_console_end, stop_signals

HANGUP = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows sends no signals")


# Numbers of signals that stop or continue the process, that are ignored by default, that cannot
# be handled, or that report an error of the program itself.
OTHERS = (
    *("SIGKILL", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGCONT", "SIGCHLD", "SIGURG"),
    *("SIGWINCH", "SIGINFO", "SIGPIPE", "SIGXFSZ", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS"),
    *("SIGFPE", "SIGSEGV", "SIGSYS"),
)


@HANGUP
@pytest.mark.usefixtures("default_signals")
def test_every_signal_that_would_kill_ends_the_program() -> None:
    """Whatever signal ends a process by default ends the program as SIGTERM and SIGINT do."""
    others = {signal.Signals[name] for name in OTHERS if name in signal.Signals.__members__}

    assert set(stop_signals()) == set(signal.valid_signals()) - others


@HANGUP
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1])
def test_nohup_keeps_its_meaning(number: signal.Signals) -> None:
    """A signal that was ignored from the start, as by nohup, stays ignored."""
    before = signal.signal(number, signal.SIG_IGN)
    try:
        assert number not in stop_signals()
    finally:
        signal.signal(number, before)


def test_other_systems_have_no_console_events() -> None:
    """Without a Windows console nothing is called, and the block runs."""
    with on_console_end(lambda: pytest.fail("There is no console.")):
        pass
