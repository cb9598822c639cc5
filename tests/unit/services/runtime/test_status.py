"""The state of the program as frozen values."""

import pytest

from ibconsole.services.runtime.status import (
    ConnectionStatus,
    PullLoopState,
    PullLoopStatus,
    PullState,
    PullStatus,
    Status,
    latest_pull,
)


def test_nothing_runs_at_the_start() -> None:
    """A new program has pulled nothing and runs nothing, and says so in sentences."""
    status = Status()

    assert not status.pull.running
    assert not status.pull_loop.running
    assert status.pull.sentence == "Nothing was pulled from this account yet."
    assert status.listener.sentence == "The listener is stopped; nothing can arrive."


@pytest.mark.parametrize("state", PullState)
def test_a_pull_that_waits_for_the_disk_is_running(state: PullState) -> None:
    """A pull is in progress from its request until its answer is stored."""
    running = state in {PullState.PULLING, PullState.HELD}

    assert PullStatus(state).running is running


@pytest.mark.parametrize("state", PullLoopState)
def test_a_pull_loop_that_waits_is_running(state: PullLoopState) -> None:
    """A pull loop runs until it has stopped, also while it waits or backs off."""
    assert PullLoopStatus(state=state).running is (state != "stopped")


@pytest.mark.parametrize(
    ("own", "stored", "latest"),
    [
        (PullStatus(), None, "own"),
        (PullStatus(), PullStatus(PullState.IDLE, 5), "stored"),
        (PullStatus(PullState.PULLING), PullStatus(PullState.ELSEWHERE, 5), "own"),
        (PullStatus(PullState.IDLE, 6), PullStatus(PullState.IDLE, 5), "own"),
        (PullStatus(PullState.FAILED, 4), PullStatus(PullState.IDLE, 5), "stored"),
    ],
)
def test_the_latest_pull_of_any_process(
    own: PullStatus, stored: PullStatus | None, latest: str
) -> None:
    """What the archive holds counts as much as what this process remembers."""
    assert latest_pull(own, stored) is (own if latest == "own" else stored)


def test_an_account_without_a_name_is_shown_once() -> None:
    """An unsaved account is called by its URL, which is not repeated."""
    url = "https://x.api.infobip.com"
    assert ConnectionStatus("Acme", url).account == f"Acme · {url}"
    assert ConnectionStatus(url, url).account == url
    assert ConnectionStatus().account == ""
