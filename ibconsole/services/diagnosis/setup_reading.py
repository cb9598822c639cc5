"""Reading the setup of an account, within its budget: what cannot be read is a fact, too."""

import asyncio
from collections.abc import Callable, Collection, Sequence

from ibconsole.api import ApiError, Forbidden, Platform, Unauthorized
from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.model import Application, Configuration
from ibconsole.services.diagnosis.rules import (
    ApplicationFacts,
    ConfigurationFacts,
    ReadingProblem,
)

_AT_ONCE = 6  # applications; the account's budget decides how fast requests start

OnProgress = Callable[[int, int], object]


def reading_problem(error: UserError, *, is_local: bool = False) -> ReadingProblem:
    """Return why something could not be read, as a fact."""
    causes = error.auth_causes if isinstance(error, Unauthorized | Forbidden) else ()
    return ReadingProblem(str(error), getattr(error, "status", None), causes, is_local)


async def read_applications(
    platform: Platform,
    applications: Sequence[Application],
    codes: Collection[str] | None = None,
    on_progress: OnProgress | None = None,
) -> tuple[ApplicationFacts, ...]:
    """Read the configurations and actions of these applications, or of those with these codes.

    The others are returned without their configurations. `on_progress` is called with the number
    of applications that were read, and that of all that will be.
    """
    wanted = [one for one in applications if one.code and (codes is None or one.code in codes)]
    slots, done = asyncio.Semaphore(_AT_ONCE), 0

    async def read(application: Application) -> ApplicationFacts:
        nonlocal done
        async with slots:
            facts = await read_application(platform, application)
        done += 1
        if on_progress:
            on_progress(done, len(wanted))
        return facts

    # One task for each code: two applications with one code have the same setup.
    unique = {one.code: one for one in wanted}
    facts = dict(
        zip(unique, await asyncio.gather(*(read(one) for one in unique.values())), strict=True)
    )
    return tuple(facts.get(one.code) or ApplicationFacts(one) for one in applications)


async def read_application(platform: Platform, application: Application) -> ApplicationFacts:
    """Read the configurations of one application, and the actions of each."""
    try:
        configurations = await platform.configurations(application.code)
    except ApiError as error:
        return ApplicationFacts(application, read_at=now_ms(), problem=reading_problem(error))
    found = [await _read_configuration(platform, application, one) for one in configurations]
    return ApplicationFacts(application, tuple(found), now_ms())


async def _read_configuration(
    platform: Platform, application: Application, configuration: Configuration
) -> ConfigurationFacts:
    key, oddities = configuration.key, configuration.oddities
    try:
        actions = await platform.actions(application.code, key)
    except UserError as error:  # also UnusableKey: the platform lists a configuration without one
        return ConfigurationFacts(key, None, oddities, reading_problem(error))
    return ConfigurationFacts(key, tuple(actions), oddities)
