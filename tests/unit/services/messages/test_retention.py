"""How much is kept: everything at first; what was chosen, from then on."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.records import RetentionPolicy, RetentionPreview
from ibconsole.services.connections.settings import SettingsError
from ibconsole.services.console.console import Console
from ibconsole.services.messages import retention as retaining
from ibconsole.services.messages.retention import (
    NotASize,
    Retention,
    describe_policy,
    describe_preview,
    read_size,
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


async def test_everything_is_kept_at_first(filled: Paths) -> None:
    """Nothing is deleted that nobody wanted deleted."""
    async with Console(filled) as console:
        assert (await console.retention.load_policy()).keeps_everything
        assert await console.retention.apply() == 0


async def test_an_open_console_holds_to_it(filled: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was chosen is kept to in the background, and remembered."""
    async with Console(filled) as console:
        keep = RetentionPolicy(days=30)
        assert (await console.retention.preview(keep)).messages == 1
        await console.retention.save_policy(keep)
    monkeypatch.setattr(retaining, "FIRST", 0)
    async with Console(filled) as console, asyncio.timeout(10):
        assert await console.retention.load_policy() == keep
        while (await console.retention.preview(keep)).messages:
            await asyncio.sleep(0.01)


class Failing:
    def __init__(self) -> None:
        self.asked = 0
        self.again = asyncio.Event()

    async def preview_retention(self, policy: RetentionPolicy) -> RetentionPreview:
        self.asked += 1
        if self.asked > 1:
            self.again.set()
        raise SettingsError("The disk is full.")

    async def delete_below(self, delivery: int) -> int:
        raise AssertionError(delivery)


async def test_what_fails_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure in the background is logged, and not the end of it."""
    monkeypatch.setattr(retaining, "FIRST", 0)
    monkeypatch.setattr(retaining, "EVERY", 0)
    failing = Failing()
    retention = Retention(tmp_path / "settings.json", failing)
    await retention.save_policy(RetentionPolicy(count=1))
    tasks = Tasks(fail)
    tasks.start("retention", retention.run)
    async with asyncio.timeout(10):
        await failing.again.wait()
    await tasks.close()


def fail(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("5", 5),
        ("5b", 5),
        ("2 kB", 2_000),
        ("500MB", 5 * 10**8),
        ("3g", 3 * 10**9),
        ("1TB", 10**12),
    ],
)
def test_sizes(text: str, size: int) -> None:
    """By thousands, as disks are sold."""
    assert read_size(text) == size


@pytest.mark.parametrize("text", ["", "much", "-1", "1.5GB", "5 bytes"])
def test_no_sizes(text: str) -> None:
    """What is no size is a sentence that says how one is written."""
    with pytest.raises(NotASize, match="Write 500MB"):
        read_size(text)


def test_words() -> None:
    """What is kept and what goes is said with its numbers."""
    assert describe_policy(RetentionPolicy()) == "Everything that was received is kept."
    said = describe_policy(RetentionPolicy(1, 2_000, 3_000))
    assert "last 1 day, and at most 2,000 messages, and at most 3,000 bytes; what is older" in said
    assert "Nothing" in describe_preview(RetentionPreview(0, 0, 0, 0, None, None))
    said = describe_preview(RetentionPreview(9, 8, 1, 7_000, 0, 86_400_000))
    assert said.startswith("1 message of 8 pulls and forwards would be deleted for good, 7,000")
    assert "from 1970-01-01 to 1970-01-02" in said
