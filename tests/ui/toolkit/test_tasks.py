"""Coroutines that the window starts."""

import asyncio

from pytestqt.qtbot import QtBot

from ibconsole.ui.toolkit.tasks import UiTasks


async def test_failure_becomes_a_signal(qtbot: QtBot) -> None:
    """A failure reaches the window once, with the name of what failed."""
    tasks = UiTasks()
    seen: list[tuple[str, object]] = []
    tasks.failed.connect(lambda name, error: seen.append((name, error)))
    failure = ValueError("boom")

    async def work() -> None:
        raise failure

    tasks.start("load", work)
    await tasks.settled()

    assert seen == [("load", failure)]


async def test_last_start_wins(tasks: UiTasks) -> None:
    """Whoever clicks twice wants the second thing."""
    done: list[str] = []

    async def work(label: str) -> None:
        await asyncio.sleep(0)
        done.append(label)

    tasks.start("load", work, "first")
    tasks.start("load", work, "second")
    assert tasks.running("load")
    await tasks.settled()

    assert done == ["second"]


async def test_cancel(tasks: UiTasks) -> None:
    """What is cancelled ends, and is no failure."""

    async def work() -> None:
        await asyncio.Event().wait()

    tasks.start("load", work)
    await asyncio.sleep(0)
    tasks.cancel("load")
    await tasks.settled()

    assert not tasks.running("load")
