import asyncio

from pytestqt.qtbot import QtBot

from ibconsole.ui.toolkit.tasks import UiTasks


async def test_failure_becomes_a_signal(qtbot: QtBot) -> None:
    """A failure is signalled once, with the name of its task."""
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
    """Starting a task cancels the running one of the same name."""
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
    """A cancelled task ends, and is no failure."""

    async def work() -> None:
        await asyncio.Event().wait()

    tasks.start("load", work)
    await asyncio.sleep(0)
    tasks.cancel("load")
    await tasks.settled()

    assert not tasks.running("load")


async def test_close(tasks: UiTasks) -> None:
    """Closing waits until the clean-up of each task has finished."""
    cleaned: list[str] = []

    async def work(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append(name)

    for name in ("first", "second"):
        tasks.start(name, work, name)
    await asyncio.sleep(0)
    await tasks.close()

    assert sorted(cleaned) == ["first", "second"]
