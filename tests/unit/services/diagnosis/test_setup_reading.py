"""Reading the setup of an account, within its budget."""

from ibconsole.api import Forbidden, Platform
from ibconsole.errors import UserError
from ibconsole.services.diagnosis.setup_reading import (
    read_applications,
    reading_problem,
)
from ibconsole.simulator.running import RunningSimulator


async def test_reading_all(platform: Platform) -> None:
    """Every application is read with its actions, and the progress is reported."""
    seen: list[tuple[int, int]] = []
    applications = await platform.applications()
    found = await read_applications(
        platform, applications, on_progress=lambda done, total: seen.append((done, total))
    )

    assert [one.application for one in found] == applications
    assert all(one.configurations is not None for one in found)
    assert any(one.configurations and one.configurations[0].actions for one in found)
    assert seen == [(number + 1, len(found)) for number in range(len(found))]


async def test_a_failure_is_a_fact(platform: Platform, running: RunningSimulator) -> None:
    """An application that cannot be read does not stop the others; one can be read alone."""
    applications = await platform.applications()
    code = applications[0].code
    running.simulator.inject_fault("403", match="configurations")
    found = await read_applications(platform, applications, {code})

    assert found[0].configurations is None
    assert found[0].problem
    assert found[0].problem.status == 403
    assert [one.read_at for one in found[1:]] == [None] * (len(applications) - 1)


def test_reasons() -> None:
    """A refusal has its status and causes; another error has neither."""
    refused = reading_problem(Forbidden(403))

    assert refused.status == 403
    assert refused.causes
    assert reading_problem(UserError("No."), is_local=True).is_local
