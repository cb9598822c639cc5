"""The rate budget: requests stay within the account's limit, in order."""

import asyncio

import pytest

from ibconsole.api.budget import Budget, background_requests


class Clock:
    """A clock that advances only while every task sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.sleepers: list[tuple[float, asyncio.Event]] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        event = asyncio.Event()
        self.sleepers.append((self.now + seconds, event))
        await event.wait()

    async def settle(self) -> None:
        for _ in range(50):
            await asyncio.sleep(0)

    async def run(self, until: float) -> None:
        """Advance the time, waking one sleeper after another."""
        await self.settle()
        while due := sorted((at, id(event), event) for at, event in self.sleepers if at <= until):
            self.now, _, event = due[0]
            self.sleepers = [one for one in self.sleepers if one[1] is not event]
            event.set()
            await self.settle()
        self.now = until


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def budget(clock: Clock) -> Budget:
    return Budget(2, 1.0, clock=clock, sleep=clock.sleep)


class Queue:
    """Tasks that acquire a slot, and the time at which each of them got it."""

    def __init__(self, budget: Budget, clock: Clock) -> None:
        self.budget, self.clock = budget, clock
        self.served: list[tuple[str, float]] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def join(self, *names: str, urgent: bool = False) -> None:
        for name in names:
            self.tasks[name] = asyncio.get_running_loop().create_task(self._wait(name, urgent))
            await self.clock.settle()

    async def _wait(self, name: str, urgent: bool) -> None:
        (await self.budget.acquire(urgent=urgent)).mark_answered()
        self.served.append((name, self.clock.now - 1_000))


@pytest.fixture
def queue(budget: Budget, clock: Clock) -> Queue:
    return Queue(budget, clock)


async def test_no_window_has_more_starts_than_allowed(queue: Queue, clock: Clock) -> None:
    """Requests start in order, and never more than the limit in one window."""
    await queue.join(*"abcde")
    await clock.run(1_010)

    assert queue.served == [("a", 0), ("b", 0), ("c", 1), ("d", 1), ("e", 2)]


async def test_the_window_slides(queue: Queue, clock: Clock) -> None:
    """The limit applies to every window, not only to those that begin with a full second."""
    await queue.join("a")
    await clock.run(1_000.75)
    await queue.join("b", "c", "d")
    await clock.run(1_010)

    assert queue.served == [("a", 0), ("b", 0.75), ("c", 1), ("d", 1.75)]


async def test_the_urgent_go_first(queue: Queue, clock: Clock) -> None:
    """A pull starts before all requests that are waiting already."""
    await queue.join(*"abcd")
    await queue.join("pull", urgent=True)
    await clock.run(1_010)

    assert [name for name, _ in queue.served] == ["a", "b", "pull", "c", "d"]
    assert queue.served[2] == ("pull", 1)


@pytest.mark.parametrize("cancelled", ["c", "d"])
async def test_cancelled_waiter(queue: Queue, clock: Clock, cancelled: str) -> None:
    """The place of a cancelled waiter goes to the next one without delay."""
    await queue.join(*"abcde")
    queue.tasks[cancelled].cancel()
    await clock.run(1_010)

    assert [at for _, at in queue.served] == [0, 0, 1, 1]
    assert cancelled not in dict(queue.served)


async def test_a_pause(queue: Queue, budget: Budget, clock: Clock) -> None:
    """During a pause nothing starts; a shorter pause does not shorten a longer one."""
    budget.pause(30)
    budget.pause(5)
    await queue.join("a")
    await queue.join("pull", urgent=True)
    await clock.run(1_100)

    assert queue.served == [("pull", 30), ("a", 30)]


async def test_a_pause_delays_waiters(queue: Queue, budget: Budget, clock: Clock) -> None:
    """A pause also applies to requests that are waiting already."""
    await queue.join(*"abc")
    budget.pause(30)
    await clock.run(1_100)

    assert queue.served == [("a", 0), ("b", 0), ("c", 30)]


async def test_ten_requests_a_second() -> None:
    """Ten requests start at once, the eleventh waits."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(seconds)

    budget = Budget(sleep=sleep)
    for _ in range(10):
        (await budget.acquire()).mark_answered()
    assert not waits

    budget.pause(0.01)
    waiting = asyncio.get_running_loop().create_task(budget.acquire())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    [wait] = waits
    assert 0.9 < wait <= 1.05


async def test_unanswered_request_is_counted_late(budget: Budget, clock: Clock) -> None:
    """An unanswered request counts from half a second after it was sent."""
    for _ in range(2):
        await budget.acquire()
    third = asyncio.get_running_loop().create_task(budget.acquire())

    await clock.run(1_001.4)
    assert not third.done()
    await clock.run(1_001.6)
    assert third.done()


async def test_an_answer_frees_a_slot_early(budget: Budget, clock: Clock) -> None:
    """An answered request counts from its answer on, earlier than an unanswered one."""
    slots = [await budget.acquire(), await budget.acquire()]
    third = asyncio.get_running_loop().create_task(budget.acquire())
    await clock.run(1_000.2)

    for slot in slots:
        slot.mark_answered()
    await clock.run(1_001.1)
    assert not third.done()
    await clock.run(1_001.3)
    assert third.done()


async def test_background_requests_leave_half_of_the_rate_to_others(
    queue: Queue, clock: Clock
) -> None:
    """They start one a window where two are allowed, and a request of the user goes first."""
    with background_requests():
        await queue.join("a", "b", "c")
    await clock.run(1_000.5)
    await queue.join("user")
    await clock.run(1_003.0)

    assert queue.served == [("a", 0.0), ("user", 0.5), ("b", 1.5), ("c", 2.5)]


async def test_a_background_request_that_sleeps_does_not_hold_others(
    queue: Queue, clock: Clock
) -> None:
    """What the user asks for starts at once while a background request waits for its turn."""
    with background_requests():
        await queue.join("a", "b")
    await queue.join("user", "second")
    await clock.run(1_004.0)

    assert queue.served[:2] == [("a", 0.0), ("user", 0.0)]
    assert [name for name, _ in queue.served] == ["a", "user", "second", "b"]
