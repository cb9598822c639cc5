"""A case that runs: a simulated platform and endpoints that answer as they did for the customer.

Nothing is looked up or contacted beyond this computer, no keyring is asked, and everything is
written to a directory of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from msgspec.structs import replace

from ibconsole.clock import now_ms
from ibconsole.model import Application
from ibconsole.secret import Secret
from ibconsole.services.connections import Account, Environment, account_of
from ibconsole.services.diagnosis import Facts, RecordedFacts
from ibconsole.services.diagnosis.rules import AccountFacts, ApplicationFacts
from ibconsole.services.evidence.case_runs.offline import without_network
from ibconsole.services.evidence.case_runs.population import population_of
from ibconsole.services.evidence.case_runs.recorded_answers import RecordedAnswers
from ibconsole.services.evidence.case_runs.recorded_archive import store_case
from ibconsole.services.evidence.cases import Blob, Case, MessageContent, Recording
from ibconsole.services.messages import iso_time
from ibconsole.services.runtime import Engine
from ibconsole.simulator import SimulatorSettings, simulate
from ibconsole.text import escape_invisible, mask_code

_LONGEST_NAME = 100  # characters


class CaseSource(msgspec.Struct, frozen=True):
    """A case to be run, from wherever it was read.

    `read_blob` returns the bytes of one of its files, None if they were left out, and raises
    CaseError. `problems` are sentences about what is not in it.
    """

    case: Case
    read_blob: Callable[[Blob], bytes | None]
    problems: tuple[str, ...] = ()


class CaseRun(msgspec.Struct, frozen=True):
    """A case that runs; the account is that of its simulated platform.

    `facts` and `endpoints` are what a `Console` takes as recorded. `problems` are sentences about
    what is not as it was.
    """

    case: Case
    account: Account
    facts: RecordedFacts
    endpoints: RecordedAnswers
    problems: tuple[str, ...] = ()


@asynccontextmanager
async def run_case(
    source: CaseSource, archive: Path, recording: Recording | None = None
) -> AsyncIterator[CaseRun]:
    """Run a case on this loop, as of a recording: by default that which has most of the setup.

    What was received is stored in this archive, which must be new. Raises CaseError and
    ArchiveError.
    """
    case = source.case
    recording = recording or main_recording(case)
    facts = recording.facts if recording else _facts_of_messages(case)
    connection = connection_of(case, facts)
    stored = await asyncio.to_thread(
        store_case, archive, case, source.read_blob, {facts.account.connection: connection}
    )
    problems = (*source.problems, *stored.problems)
    if recording is None:
        problems = (*problems, "The case has no recorded setup, only what was received.")
    elif len(case.recordings) > 1:
        problems = (*problems, _among_several(case, recording))
    endpoints = RecordedAnswers(stored.tests, facts.endpoints)
    async with endpoints, simulated_account(case, facts, stored.pulled) as account:
        yield CaseRun(case, account, RecordedFacts(facts), endpoints, problems)


@asynccontextmanager
async def open_case(engine: Engine, source: CaseSource, archive: Path) -> AsyncIterator[CaseRun]:
    """Run a case on the engine's loop; the console that uses it must be closed first.

    In the block the whole process reaches nothing but this computer.
    """
    with without_network():
        context = run_case(source, archive)
        running = await engine.call(context.__aenter__)
        try:
            yield running
        finally:
            await engine.call(context.__aexit__, None, None, None)


@asynccontextmanager
async def simulated_account(
    case: Case, facts: Facts, waiting: Sequence[bytes] = ()
) -> AsyncIterator[Account]:
    """Simulate the platform of an account as these facts have it; `waiting` can be pulled."""
    population = population_of(facts, waiting)
    settings = SimulatorSettings(rate_limited=False)
    async with simulate(settings, population=population) as running:
        account = account_of(
            running.base_url,
            Secret(running.api_key),
            name=_plain(facts.account.name) or "Customer",
            environment=Environment.SANDBOX,
        )
        yield replace(
            account,
            connection=connection_of(case, facts),
            is_simulated=True,
            case=_plain(case.title) or "without a title",
        )


def connection_of(case: Case, facts: Facts) -> str:
    """Return the UUID of the recorded connection, or another one if redaction has left none."""
    recorded = facts.account.connection
    try:
        return str(UUID(recorded))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, f"{case.id}/{recorded}"))


def _plain(name: str) -> str:
    """Return a name of a case, which may come from anywhere, as one short line."""
    return escape_invisible(" ".join(name.split())[:_LONGEST_NAME])


def main_recording(case: Case) -> Recording | None:
    """Return the recording with the most applications, of equal ones the latest; None without any.

    A later one may be about a single application, which was diagnosed by itself.
    """
    return max(case.recordings, key=lambda one: (_applications_read(one), one.at), default=None)


def _applications_read(recording: Recording) -> int:
    return sum(one.read_at is not None for one in recording.facts.applications or ())


def _among_several(case: Case, shown: Recording) -> str:
    try:
        at = f"{iso_time(shown.at)[:19].replace('T', ' ')} UTC"
    except ValueError:  # before the year 1, as no clock has it
        at = f"{shown.at} ms"
    return (
        f"The case has {len(case.recordings)} recordings, and this is that of {at};"
        " `ibconsole case open --findings` reads all of them."
    )


def _facts_of_messages(case: Case) -> Facts:
    """Return what messages alone say: the codes of applications whose setup is not known."""
    messages = [one.content for one in case.items if isinstance(one.content, MessageContent)]
    codes = dict.fromkeys(one.application_code for one in messages if one.application_code)
    connections = [one.connection for one in messages if one.connection]
    names = [one.account_name for one in messages if one.account_name]
    account = AccountFacts(connections[0] if connections else case.id, names[0] if names else "")
    applications = tuple(ApplicationFacts(_application(code)) for code in codes)
    return Facts(case.changed_at or now_ms(), account, applications)


def _application(code: str) -> Application:
    name = f"Application {mask_code(code)}"
    raw = {"applicationCode": code, "applicationId": "", "name": name}
    return Application(
        code=code,
        id="",
        name=name,
        description="",
        registrations=None,
        apns=None,
        gcm=None,
        raw=raw,
    )
