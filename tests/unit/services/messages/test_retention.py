"""Retention: everything is kept, unless a policy was saved."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.api.gate import NotPermitted
from ibconsole.archive.archive import Archive
from ibconsole.archive.records import RetentionPolicy, RetentionPreview
from ibconsole.clock import LeapDetector, now_ms
from ibconsole.services.connections.settings import SettingsError
from ibconsole.services.console.console import Console
from ibconsole.services.messages.retention import (
    Retention,
    describe_policy,
    describe_preview,
)
from ibconsole.services.protection.policy import CLOSED, Policy
from ibconsole.services.protection.policy_source import PolicyInForce
from ibconsole.services.protection.protection import Protection
from ibconsole.services.runtime.paths import Paths
from ibconsole.tasks import Tasks
from tests.unit.archive.deliveries import arrival, batch


@pytest.fixture
def filled(paths: Paths) -> Paths:
    with Archive(paths.archive) as archive:
        old = arrival(batch({"text": "old"}), arrived_at=1_000)
        archive.decode(archive.add_forwards([old, replace(old, arrived_at=now_ms())]))
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
        tasks.start("retention", Retention(filled.settings, console.writer, pauses=(0, 3600)).run)
        while (await console.retention.preview(policy)).messages:
            await asyncio.sleep(0.01)
        await tasks.close()


async def test_the_administrator_fixes_how_long_messages_are_kept(filled: Paths) -> None:
    """Neither other days nor a limit by number can be set; what the user chose before stays."""
    chosen = RetentionPolicy(count=0)
    found = [PolicyInForce()]
    async with Console(filled, protection=Protection(policy=lambda: found[0])) as console:
        await console.retention.save_policy(chosen)
        assert await console.retention.why_fixed() == ""

        found[0] = PolicyInForce(Policy(keep_days=30), "/etc/policy.toml")
        fixed = await console.retention.load_policy()
        assert fixed == RetentionPolicy(days=30)
        assert "set by your administrator" in await console.retention.why_fixed()
        for other in (RetentionPolicy(), RetentionPolicy(days=29), RetentionPolicy(30, count=0)):
            with pytest.raises(NotPermitted, match="Nothing was changed"):
                await console.retention.save_policy(other)
        await console.retention.save_policy(fixed)
        assert await console.retention.apply() == 1

        found[0] = PolicyInForce()
        assert await console.retention.load_policy() == chosen


async def test_a_policy_that_cannot_be_understood_deletes_nothing(filled: Paths) -> None:
    """It may want everything kept; what the user chose could delete that."""
    found = [PolicyInForce()]
    async with Console(filled, protection=Protection(policy=lambda: found[0])) as console:
        await console.retention.save_policy(RetentionPolicy(count=0))
        found[0] = PolicyInForce(CLOSED, "/etc/policy.toml", "line 1: keep_days is not a number")

        assert await console.retention.apply() == 0
        assert "line 1: keep_days" in await console.retention.why_fixed()
        with pytest.raises(NotPermitted):
            await console.retention.save_policy(RetentionPolicy(days=30))


MONTH = RetentionPolicy(days=30)
YEAR_MS = 365 * 86_400_000


@pytest.fixture
def unused(paths: Paths) -> Paths:
    """An archive that received its only message a year ago, by the clock of now."""
    with Archive(paths.archive) as archive:
        forward = arrival(batch({"text": "old"}), arrived_at=now_ms() - YEAR_MS)
        archive.decode(archive.add_forwards([forward]))
    return paths


async def test_clock_far_ahead(unused: Paths) -> None:
    """If now is far ahead of the newest message, age deletes nothing before the user has seen it.

    Neither a restart nor a new message changes that.
    """
    async with Console(unused) as console:
        await console.retention.save_policy(MONTH)
        assert await console.retention.apply() == 0
        assert "No message is deleted by age" in console.status.clock_doubt
        preview = await console.retention.preview(MONTH)
        assert "either it is wrong now, or ibconsole was not used" in describe_preview(preview)
        forward = arrival(batch({"text": "new"}), arrived_at=now_ms())
        await console.writer.run(lambda archive: archive.add_forwards([forward]))
    async with Console(unused) as console:
        assert await console.retention.apply() == 0

        assert await console.retention.apply(seen=True) == 1

        assert console.status.clock_doubt == ""
        assert (await console.retention.preview(MONTH)).doubted_since is None
    async with Console(unused) as console:
        assert await console.retention.apply() == 0
        assert console.status.clock_doubt == ""


async def test_other_limits_need_no_clock(unused: Paths) -> None:
    """A limit of number or size is applied while the clock is doubtful."""
    async with Console(unused) as console:
        await console.retention.save_policy(RetentionPolicy(days=30, count=0))

        assert await console.retention.apply() == 1


@pytest.mark.parametrize("leap", [40 * 86_400_000, -40 * 86_400_000])
async def test_clock_set_while_running(filled: Paths, leap: int) -> None:
    """A clock that is set while the program runs deletes nothing by age, until it is set back."""
    offset = 0
    leaps = LeapDetector(lambda: now_ms() + offset)
    async with Console(filled) as console:
        retention = Retention(filled.settings, console.writer, leaps=leaps)
        await retention.save_policy(MONTH)
        offset = leap
        assert (await retention.preview(MONTH)).doubted_since is not None
        assert await retention.apply() == 0
        offset = 0

        assert await retention.apply() == 1


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

    async def check_clock(self, policy: RetentionPolicy, /, *, leapt: bool) -> int | None:
        return None

    async def trust_clock(self) -> None:
        raise AssertionError


async def test_failure_is_retried(tmp_path: Path) -> None:
    """A failure in the background is logged, and the policy is applied again later."""
    deleter = FailingDeleter()
    retention = Retention(tmp_path / "settings.json", deleter, pauses=(0, 0))
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
    needed = describe_preview(RetentionPreview(9, 0, 0, 0, None, None, None, 2))
    assert "2 pulls and forwards stay, because a redelivery still needs messages" in needed
    waiting = describe_preview(RetentionPreview(9, 0, 0, 0, None, None, None, 0, 1))
    assert "1 pull or forward stays, because the archive of a team does not have" in waiting
