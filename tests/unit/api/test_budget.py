"""Requests keep within the account's allowance, in a fair order."""

import asyncio

import pytest

from ibconsole.api.budget import Budget


class Clock:
    """A clock that goes on only when everybody sleeps."""

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
        """Let the time pass that it takes, sleeper by sleeper."""
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


class Line:
    """Everybody who wants a turn, and who had it when."""

    def __init__(self, budget: Budget, clock: Clock) -> None:
        self.budget, self.clock = budget, clock
        self.served: list[tuple[str, float]] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def join(self, *names: str, urgent: bool = False) -> None:
        for name in names:
            self.tasks[name] = asyncio.get_running_loop().create_task(self._wait(name, urgent))
            await self.clock.settle()

    async def _wait(self, name: str, urgent: bool) -> None:
        (await self.budget.turn(urgent=urgent)).answer()
        self.served.append((name, self.clock.now - 1_000))


@pytest.fixture
def line(budget: Budget, clock: Clock) -> Line:
    return Line(budget, clock)


async def test_no_window_has_more_starts_than_allowed(line: Line, clock: Clock) -> None:
    """First come, first served, and never more than the allowance in one window."""
    await line.join(*"abcde")
    await clock.run(1_010)

    assert line.served == [("a", 0), ("b", 0), ("c", 1), ("d", 1), ("e", 2)]


async def test_the_window_slides(line: Line, clock: Clock) -> None:
    """What counts is any window, not the one that begins with a full second."""
    await line.join("a")
    await clock.run(1_000.75)
    await line.join("b", "c", "d")
    await clock.run(1_010)

    assert line.served == [("a", 0), ("b", 0.75), ("c", 1), ("d", 1.75)]


async def test_the_urgent_go_first(line: Line, clock: Clock) -> None:
    """A pull goes before everything that waits already."""
    await line.join(*"abcd")
    await line.join("pull", urgent=True)
    await clock.run(1_010)

    assert [name for name, _ in line.served] == ["a", "b", "pull", "c", "d"]
    assert line.served[2] == ("pull", 1)


@pytest.mark.parametrize("leaving", ["c", "d"])
async def test_who_gives_up_costs_nobody_a_turn(line: Line, clock: Clock, leaving: str) -> None:
    """The place of who leaves the line goes to the next, without delay."""
    await line.join(*"abcde")
    line.tasks[leaving].cancel()
    await clock.run(1_010)

    assert [at for _, at in line.served] == [0, 0, 1, 1]
    assert leaving not in dict(line.served)


async def test_a_pause(line: Line, budget: Budget, clock: Clock) -> None:
    """While the platform wants to be left alone nothing starts; a shorter wish shortens nothing."""
    budget.pause(30)
    budget.pause(5)
    await line.join("a")
    await line.join("pull", urgent=True)
    await clock.run(1_100)

    assert line.served == [("pull", 30), ("a", 30)]


async def test_a_pause_reaches_who_waits_already(line: Line, budget: Budget, clock: Clock) -> None:
    """A pause holds for those in line, too."""
    await line.join(*"abc")
    budget.pause(30)
    await clock.run(1_100)

    assert line.served == [("a", 0), ("b", 0), ("c", 30)]


async def test_the_account_has_ten_a_second() -> None:
    """Ten requests go out at once, the eleventh waits for real."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(seconds)

    budget = Budget(sleep=sleep)
    for _ in range(10):
        (await budget.turn()).answer()
    assert not waits

    budget.pause(0.01)
    waiting = asyncio.get_running_loop().create_task(budget.turn())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    [wait] = waits
    assert 0.9 < wait <= 1.05


async def test_a_request_under_way_may_be_counted_late(budget: Budget, clock: Clock) -> None:
    """Until it is answered, nobody knows when the platform counts it: half a second later?"""
    for _ in range(2):
        await budget.turn()
    third = asyncio.get_running_loop().create_task(budget.turn())

    await clock.run(1_001.4)
    assert not third.done()
    await clock.run(1_001.6)
    assert third.done()


async def test_an_answer_makes_room_early(budget: Budget, clock: Clock) -> None:
    """A second after the answers there is room again, although they came late."""
    turns = [await budget.turn(), await budget.turn()]
    third = asyncio.get_running_loop().create_task(budget.turn())
    await clock.run(1_000.2)

    for turn in turns:
        turn.answer()
    await clock.run(1_001.1)
    assert not third.done()
    await clock.run(1_001.3)
    assert third.done()
