"""Reading the setup of an account, within its budget: what cannot be read is a fact, too."""

import asyncio
from collections.abc import Callable, Collection, Sequence

from msgspec.structs import replace

from ibconsole.api import ApiError, Forbidden, Platform, Unauthorized
from ibconsole.archive.leases import StoredLease
from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.model import Action, Application, Configuration
from ibconsole.services.diagnosis.rules import (
    ApplicationFacts,
    ConfigurationFacts,
    ReadingProblem,
)
from ibconsole.services.setup.lease import is_borrowed, leads_to

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


def holds_borrowed(facts: ApplicationFacts) -> bool:
    """Return whether any action of an application looks like that of a borrowed route."""
    return any(
        is_borrowed(action)
        for configuration in facts.configurations or ()
        for action in configuration.actions or ()
    )


def set_apart(facts: ApplicationFacts, leases: Sequence[StoredLease]) -> ApplicationFacts:
    """Return an application with the actions of these leases apart from its own.

    What this program has created for a while is no fault of the setup.
    """
    if not holds_borrowed(facts):
        return facts
    ends: list[int] = []
    configurations = []
    for configuration in facts.configurations or ():
        own: list[Action] = []
        borrowed = list(configuration.borrowed)
        for action in configuration.actions or ():
            found = [one.ends_at for one in leases if leads_to(action.forward_url, one.path)]
            (borrowed if found and is_borrowed(action) else own).append(action)
            ends += found
        changed = replace(configuration, actions=tuple(own), borrowed=tuple(borrowed))
        configurations.append(changed if configuration.actions is not None else configuration)
    until = max(ends) if ends else facts.borrowed_until
    return replace(facts, configurations=tuple(configurations), borrowed_until=until)
