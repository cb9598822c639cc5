"""A job runs to its end, at its pace; what is stopped goes on, and nothing is sent twice."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from ibconsole.api.gate import NotPermitted
from ibconsole.archive.ledger.jobs import JobWriter
from ibconsole.archive.ledger.records import Decision, ItemState, Redelivery
from ibconsole.http1.trace import Phase, RequestFailure, RequestTrace
from ibconsole.services.redelivery.runner import Pace, RedeliveryControl, RedeliveryRunner
from ibconsole.services.redelivery.values import RedeliveryProgress
from ibconsole.services.retry_law.law import RetryLaw
from tests.unit.services.redelivery.conftest import MakeJob, answered, outcomes, states

LOST = RequestTrace(phase=Phase.FIRST_BYTE, failure=RequestFailure.RESET, problem="Reset.")
FOREVER = 60.0


class Endpoint:
    """Answers each request by the plan for its message; the last answer stays."""

    def __init__(self, **plans: list[RequestTrace | float]) -> None:
        self.plans = plans
        self.seen: Counter[str] = Counter()
        self.at_once = self.most = 0

    async def __call__(self, request: bytes) -> RequestTrace:
        name = request.partition(b'"messageId":"')[2][:1].decode()
        plan = self.plans.get(name, [answered(200)])
        answer = plan[min(self.seen[name], len(plan) - 1)]
        self.seen[name] += 1
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await asyncio.sleep(answer if isinstance(answer, float) else 0)
        finally:
            self.at_once -= 1
        return answered(200) if isinstance(answer, float) else answer


async def _run(path: Path, job: Redelivery, endpoint: Endpoint, **other: object) -> Redelivery:
    return await RedeliveryRunner(path, endpoint, **other).run(job)  # type: ignore[arg-type]


async def test_a_job_is_delivered(path: Path, make_job: MakeJob) -> None:
    """Every message once, at most as many at once as the user permits."""
    endpoint = Endpoint()
    progress: list[RedeliveryProgress] = []
    logged: list[object] = []
    runner = RedeliveryRunner(path, endpoint, log_request=logged.append)

    ended = await runner.run(make_job(parallelism=3), progress.append)

    assert (ended.state, ended.problem, ended.ended_at is None) == ("finished", "", False)
    assert states(path) == "aaaaaaa"
    assert sum(endpoint.seen.values()) == 6  # of seven messages two came in one forward
    assert endpoint.most == 3
    assert (progress[-1].counts.acknowledged, progress[-1].under_way) == (7, 0)
    assert len(logged) == 6


async def test_the_law_repeats_what_failed_for_certain(path: Path, make_job: MakeJob) -> None:
    """A refusal is repeated, and lost answers are not; what is left is undelivered."""
    endpoint = Endpoint(
        a=[answered(500), answered(503), answered(200)], b=[answered(404)], c=[LOST, answered(200)]
    )
    law = RetryLaw(delays=(0.01, 0.01))
    ended = await _run(path, make_job([1, 2, 3, 4], law=law, parallelism=2), endpoint)

    assert ended.state == "finished"
    assert states(path) == "auka"
    assert endpoint.seen == {"a": 3, "b": 3, "c": 1, "d": 1}
    assert outcomes(path, 1) == ["refused", "refused", "acknowledged"]


async def test_it_stops_on_the_first_failure(path: Path, make_job: MakeJob) -> None:
    """What was not begun waits, and goes on when the job is run again."""
    endpoint = Endpoint(b=[LOST])
    job = make_job([1, 2, 3, 4], stop_on_failure=True)
    stopped = await _run(path, job, endpoint)
    assert (stopped.state, states(path)) == ("paused", "akww")
    assert stopped.problem == "It stopped at the first failure: Reset."

    ended = await _run(path, stopped, endpoint)
    assert (ended.state, ended.problem, states(path)) == ("finished", "", "akaa")
    assert endpoint.seen["b"] == 1


@pytest.mark.parametrize(
    ("wish", "state", "left"), [("pause", "paused", "w"), ("cancel", "cancelled", "s")]
)
async def test_a_user_stops_it(
    path: Path, make_job: MakeJob, wish: str, state: str, left: str
) -> None:
    """Requests under way end first; what waits stays, or is skipped for good."""
    control = RedeliveryControl()

    class Stopping(Endpoint):
        async def __call__(self, request: bytes) -> RequestTrace:
            if b'"a"' in request:
                getattr(control, wish)()
            return await super().__call__(request)

    runner = RedeliveryRunner(path, Stopping())
    ended = await runner.run(make_job([1, 2, 3, 4]), control=control)
    assert (ended.state, states(path)) == (state, f"a{3 * left}")


async def test_a_pause_can_become_a_cancellation(path: Path, make_job: MakeJob) -> None:
    control = RedeliveryControl()
    control.pause()
    control.cancel()
    control.pause("too late")
    ended = await RedeliveryRunner(path, Endpoint()).run(make_job([1, 2]), control=control)
    assert (ended.state, states(path)) == ("cancelled", "ss")


async def test_a_program_that_ends_pauses_its_jobs(path: Path, make_job: MakeJob) -> None:
    """What does not answer in a few seconds is given up, and unknown."""
    control = RedeliveryControl()
    endpoint = Endpoint(b=[FOREVER])
    runner = RedeliveryRunner(path, endpoint)
    job = make_job([1, 2, 3], parallelism=2)
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        running = group.create_task(runner.run(job, control=control))
        while endpoint.seen["b"] == 0 or endpoint.seen["c"] == 0:
            await asyncio.sleep(0.01)
        control.hurry()
        control.deadline = 0.0
        ended = await running
    assert (ended.state, states(path)) == ("paused", "aka")
    assert outcomes(path, 2) == ["unknown"]


async def test_a_cancelled_caller_loses_nothing(path: Path, make_job: MakeJob) -> None:
    """The answers of requests under way are recorded before the cancellation goes on."""
    endpoint = Endpoint(a=[0.2])
    runner = RedeliveryRunner(path, endpoint)
    job = make_job([1, 2])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.15):
            await runner.run(job)
    assert states(path) == "aw"
    with JobWriter(path) as writer:
        assert writer.job(1).state == "paused"


async def test_what_a_crash_left_is_unknown_until_it_is_decided(
    path: Path, make_job: MakeJob
) -> None:
    job = make_job([1, 2])
    with JobWriter(path) as writer:
        writer._db.execute("UPDATE redelivery_item SET state = 'sending' WHERE id = 1")
        endpoint = Endpoint()
        await _run(path, job, endpoint)
        assert (states(path), endpoint.seen) == ("ka", {"b": 1})

        assert writer.decide_all(1, Decision.RESEND, ItemState.UNKNOWN, by="anna") == 1
        assert writer.job(1).state == "paused"
        ended = await _run(path, writer.job(1), endpoint)
    assert (ended.state, states(path)) == ("finished", "aa")


async def test_a_permission_that_ends_pauses_the_job(path: Path, make_job: MakeJob) -> None:
    def refuse() -> None:
        raise NotPermitted("It is locked.")

    ended = await _run(path, make_job([1]), Endpoint(), permit=refuse)
    assert (ended.state, ended.problem, states(path)) == ("paused", "It is locked.", "w")


async def test_a_fault_of_the_program_is_raised(path: Path, make_job: MakeJob) -> None:
    """The request stays marked as sent, so the next run lists it as unknown."""

    class Broken(Endpoint):
        async def __call__(self, request: bytes) -> RequestTrace:
            raise LookupError

    with pytest.raises(LookupError):
        await _run(path, make_job([1, 2]), Broken())
    with JobWriter(path) as writer:
        assert writer.job(1).state == "paused"
        await _run(path, writer.job(1), Endpoint())
    assert states(path) == "ka"


async def test_the_rate_is_kept(path: Path, make_job: MakeJob) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await _run(path, make_job([1, 2, 3, 4], rate=20.0, parallelism=4), Endpoint())
    assert loop.time() - began >= 3 / 20


def test_a_pace_is_a_number_of_requests_a_second() -> None:
    """A pause does not add up to a burst of more than a tenth of a second."""
    now = [0.0]
    pace = Pace(50.0, lambda: now[0])
    assert pace.permitted(9) == 1
    pace.spend(1)
    assert (pace.permitted(9), round(pace.wait, 3)) == (0, 0.02)
    now[0] = 60.0
    assert (pace.permitted(9), pace.permitted(2)) == (5, 2)
    free = Pace(0)
    free.spend(5)
    assert (free.permitted(9), free.wait) == (9, 0.0)


async def test_a_fault_of_the_window_loses_no_answer(path: Path, make_job: MakeJob) -> None:
    """What was under way is recorded before the fault is raised, and the job can go on."""

    def broken(progress: RedeliveryProgress) -> None:
        if progress.under_way:
            raise LookupError

    runner = RedeliveryRunner(path, Endpoint(a=[0.1]))
    with pytest.raises(LookupError):
        await runner.run(make_job([1, 2, 3]), broken)
    assert states(path) == "aww"
    with JobWriter(path) as writer:
        assert writer.job(1).state == "interrupted"
