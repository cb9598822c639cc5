"""Reading the setup of an account, within its budget: what cannot be read is a fact, too."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Sequence
from email.utils import parsedate_to_datetime
from statistics import median

from ibconsole.api import ApiError, Exchange, Forbidden, Platform, Unauthorized
from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.model import Application, Configuration
from ibconsole.services.diagnosis.rules import (
    ApplicationFacts,
    ConfigurationFacts,
    ReadingProblem,
)

_AT_ONCE = 6  # applications; the account's budget decides how fast requests start
_SAMPLES = 20

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


class ClockComparison:
    """Compares the clock of this computer with the platform's, from the header Date of answers."""

    def __init__(self) -> None:
        self._offsets: deque[float] = deque(maxlen=_SAMPLES)
        self.at: int | None = None

    def observe(self, exchange: Exchange) -> None:
        """Look at one answer; answers without a usable Date are no evidence."""
        names = {name.lower(): value for name, value in exchange.answer_headers}
        try:
            there = parsedate_to_datetime(names["date"]).timestamp()
        except (KeyError, ValueError, TypeError, OverflowError):
            return
        # The Date is cut to whole seconds, and set when the answer begins.
        here = exchange.started_at_ms / 1000 + exchange.duration / 2
        self._offsets.append(here - there - 0.5)
        self.at = exchange.started_at_ms

    @property
    def offset(self) -> float | None:
        """Seconds by which this computer is ahead, the median of the latest; None if not known."""
        return median(self._offsets) if self._offsets else None
