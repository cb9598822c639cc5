"""Retention: everything is kept, unless a policy was saved."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive.archive import Archive
from ibconsole.archive.records import RetentionPolicy, RetentionPreview
from ibconsole.services.connections.settings import SettingsError
from ibconsole.services.console.console import Console
from ibconsole.services.messages.retention import (
    Retention,
    describe_policy,
    describe_preview,
)
from ibconsole.services.runtime.paths import Paths
from ibconsole.tasks import Tasks
from tests.unit.archive.deliveries import arrival, batch


@pytest.fixture
def filled(paths: Paths) -> Paths:
    with Archive(paths.archive) as archive:
        old = arrival(batch({"text": "old"}), arrived_at=1_000)
        archive.decode(archive.add_forwards([old, replace(old, arrived_at=9_999_999_999_999)]))
    return paths


async def test_default_policy(filled: Paths) -> None:
    """Without a saved policy nothing is deleted."""
    async with Console(filled) as console:
        assert (await console.retention.load_policy()).keeps_everything
        assert await console.retention.apply() == 0


async def test_open_console_applies_the_policy(filled: Paths) -> None:
    """A saved policy survives a restart and is applied in the background."""
    policy = RetentionPolicy(days=30)
    async with Console(filled) as console:
        assert (await console.retention.preview(policy)).messages == 1
        await console.retention.save_policy(policy)
    tasks = Tasks(fail)
    async with Console(filled) as console, asyncio.timeout(10):
        assert await console.retention.load_policy() == policy
        tasks.start("retention", Retention(filled.settings, console.writer, delay=0).run)
        while (await console.retention.preview(policy)).messages:
            await asyncio.sleep(0.01)
        await tasks.close()


class FailingDeleter:
    """An archive that cannot be read; `retried` is set by the second attempt."""

    def __init__(self) -> None:
        self.attempts = 0
        self.retried = asyncio.Event()

    async def preview_retention(self, policy: RetentionPolicy, /) -> RetentionPreview:
        self.attempts += 1
        if self.attempts > 1:
            self.retried.set()
        raise SettingsError("The disk is full.")

    async def delete_below(self, delivery: int, /) -> int:
        raise AssertionError(delivery)


async def test_failure_is_retried(tmp_path: Path) -> None:
    """A failure in the background is logged, and the policy is applied again later."""
    deleter = FailingDeleter()
    retention = Retention(tmp_path / "settings.json", deleter, delay=0, interval=0)
    await retention.save_policy(RetentionPolicy(count=1))
    tasks = Tasks(fail)
    tasks.start("retention", retention.run)
    async with asyncio.timeout(10):
        await deleter.retried.wait()
    await tasks.close()


def fail(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error


def test_descriptions() -> None:
    """Policy and preview are described with their numbers."""
    assert describe_policy(RetentionPolicy()) == "Everything that was received is kept."
    sentence = describe_policy(RetentionPolicy(1, 2_000, 3_000))
    assert "for 1 day, and up to 2,000 messages, and up to 3,000 bytes; what is older" in sentence
    assert "Nothing" in describe_preview(RetentionPreview(0, 0, 0, 0, None, None))
    sentence = describe_preview(RetentionPreview(9, 8, 1, 7_000, 0, 86_400_000))
    assert sentence.startswith(
        "1 message of 8 pulls and forwards would be deleted permanently, 7,000"
    )
    assert "from 1970-01-01 to 1970-01-02" in sentence
