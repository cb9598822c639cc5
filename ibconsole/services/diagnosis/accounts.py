"""The diagnosis of one account after another, as the terminal and a nightly run want it."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from contextlib import AsyncExitStack

import msgspec

from ibconsole.api import Exchange, Gate, Platform
from ibconsole.errors import UserError
from ibconsole.model import Application
from ibconsole.services.connections import Account, Mute, client_of
from ibconsole.services.diagnosis.clock_comparison import ClockComparison
from ibconsole.services.diagnosis.collecting import Collector, Surroundings
from ibconsole.services.diagnosis.endpoints import Look
from ibconsole.services.diagnosis.muting import sort_out
from ibconsole.services.diagnosis.outputs import AccountDiagnosis
from ibconsole.services.diagnosis.rules import Facts, diagnose
from ibconsole.services.diagnosis.setup_reading import (
    OnProgress,
    reading_problem,
)
from ibconsole.services.request_log import request_purpose
from ibconsole.services.runtime import ConnectionStatus
from ibconsole.text import mask_code

_AT_ONCE = 4  # accounts


class NoSuchApplication(UserError):
    """The account has no application with this code or name, or several with this name."""


class AccountToDiagnose(msgspec.Struct, frozen=True):
    """An account to be diagnosed, or the reason why its credential cannot be used."""

    connection: ConnectionStatus
    account: Account | None = None
    problem: UserError | None = None


class DiagnosisOptions(msgspec.Struct, frozen=True):
    """The choices of the user: one application by its code or name, and how to look at endpoints.

    `gate_of` returns the gate of an account's client. `posts` says that `look` posts a test to
    each URL; see `Collector`.
    """

    gate_of: Callable[[Account], Gate]
    application: str = ""
    look: Look | None = None
    posts: bool = False
    mutes: Sequence[Mute] = ()
    on_progress: OnProgress | None = None


class Diagnosed(msgspec.Struct, frozen=True):
    """The diagnosis of an account and the facts behind it; `code` is the application asked for."""

    diagnosis: AccountDiagnosis
    facts: Facts
    code: str = ""


def to_connection(account: Account) -> ConnectionStatus:
    """Return an account as the connection that is shown."""
    return ConnectionStatus(
        name=account.name,
        base_url=account.base_url,
        environment=account.environment,
        id=account.connection,
    )


async def diagnose_accounts(
    targets: Sequence[AccountToDiagnose], surroundings: Surroundings, options: DiagnosisOptions
) -> list[Diagnosed]:
    """Diagnose accounts, some at the same time; return them in their order.

    An account that cannot be read has a finding about that, and does not stop the others. Two of
    the same base URL are read one after the other, because they may share a budget.
    """
    slots, locks = asyncio.Semaphore(_AT_ONCE), defaultdict[str, asyncio.Lock](asyncio.Lock)

    async def run(target: AccountToDiagnose) -> Diagnosed:
        async with locks[target.connection.base_url], slots:
            return await diagnose_account(target, surroundings, options)

    return list(await asyncio.gather(*map(run, targets)))


async def diagnose_account(
    target: AccountToDiagnose, surroundings: Surroundings, options: DiagnosisOptions
) -> Diagnosed:
    """Diagnose one account. Raises NoSuchApplication.

    Any other failure becomes a finding.
    """
    clock = ClockComparison()
    collector = Collector(
        target.connection, surroundings, clock=clock, look=options.look, posts=options.posts
    )
    if not target.account:
        problem = target.problem or UserError("There is no credential.")
        facts = await collector.without_setup(reading_problem(problem, is_local=True))
        return _diagnosed(target, facts, options)
    with request_purpose("Diagnosis"):
        async with AsyncExitStack() as stack:
            try:
                gate = options.gate_of(target.account)
                platform = await _open(stack, target.account, gate, clock.observe)
            except UserError as error:
                facts = await collector.without_setup(reading_problem(error, is_local=True))
                return _diagnosed(target, facts, options)
            return await _read(target, platform, collector, options)


async def _open(
    stack: AsyncExitStack, account: Account, gate: Gate, observe: Callable[[Exchange], None]
) -> Platform:
    return Platform(await stack.enter_async_context(client_of(account, gate, observe)))


async def _read(
    target: AccountToDiagnose,
    platform: Platform,
    collector: Collector,
    options: DiagnosisOptions,
) -> Diagnosed:
    codes: list[str] = []

    def choose(applications: Sequence[Application]) -> Collection[str] | None:
        if not options.application:
            return None
        codes.append(find_application(applications, options.application).code)
        return codes

    facts = await collector.collect(platform, choose, options.on_progress)
    return _diagnosed(target, facts, options, codes[0] if codes else "")


def _diagnosed(
    target: AccountToDiagnose, facts: Facts, options: DiagnosisOptions, code: str = ""
) -> Diagnosed:
    findings = diagnose(facts)
    if code:
        findings = tuple(one for one in findings if one.subject.application in {code, ""})
    examined = None
    if facts.applications is not None:
        examined = sum(one.read_at is not None for one in facts.applications)
    diagnosis = AccountDiagnosis(
        name=target.connection.name,
        environment=target.connection.environment,
        at=facts.now,
        findings=sort_out(findings, options.mutes, facts.now),
        applications=examined,
    )
    return Diagnosed(diagnosis, facts, code)


async def look_up_application(account: Account, wanted: str, gate: Gate) -> Application:
    """Read the list of applications and return the one with this code, ID or name.

    Raises NoSuchApplication, or an ApiError if the list cannot be read.
    """
    async with AsyncExitStack() as stack:
        platform = await _open(stack, account, gate, lambda _: None)
        return find_application(await platform.applications(), wanted)


def match_applications(applications: Sequence[Application], wanted: str) -> list[Application]:
    """Return those with this code or ID, else those with this name."""
    exact = [one for one in applications if wanted in {one.code, one.id}]
    named = [one for one in applications if one.name.casefold() == wanted.strip().casefold()]
    return exact or named


def find_application(applications: Sequence[Application], wanted: str) -> Application:
    """Return the application with this code, ID or name. Raises NoSuchApplication."""
    found = match_applications(applications, wanted)
    if len({one.code for one in found}) > 1:
        codes = ", ".join(mask_code(one.code) for one in found)
        raise NoSuchApplication(
            f"Several applications are called {wanted}: name one by its code ({codes}) or ID."
        )
    if not found:
        raise NoSuchApplication(
            f"The account has no application with the code, ID or name {wanted};"
            " `ibconsole apps list` shows them."
        )
    return found[0]
