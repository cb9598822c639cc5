"""A case that runs, as the console of a window sees it."""

from pathlib import Path

import msgspec
from msgspec.structs import replace

from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter
from ibconsole.services.console.console import Console
from ibconsole.services.diagnosis.health import HealthState
from ibconsole.services.diagnosis.rules.all_rules import diagnose
from ibconsole.services.diagnosis.rules.facts import (
    ApplicationFacts,
    EndpointFacts,
    Facts,
    ReadingProblem,
    Trouble,
)
from ibconsole.services.evidence.case_runs.case_run import (
    CaseSource,
    connection_of,
    open_case,
    run_case,
)
from ibconsole.services.evidence.cases.store import CaseStore
from ibconsole.services.evidence.cases.values import (
    Blob,
    ForwardTestContent,
    MessageContent,
    Recording,
)
from ibconsole.services.forward_test.payloads import SAMPLE
from ibconsole.services.forward_test.records import ForwardTest, to_record
from ibconsole.services.forward_test.rungs import Cause
from ibconsole.services.forward_test.verdict import Delivered, Verdict
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.paths import Paths
from tests.unit.services.diagnosis.samples import (
    CODE,
    NOW,
    OWN,
    URL,
    account,
    application,
    arrived,
    configured,
    forward,
    pull,
    pulled,
)
from tests.unit.services.evidence.cases.samples import BODY, MESSAGE_ID, case_of, item

PAY = "https://pay.kestrel.aero/in"
ELSEWHERE = "https://elsewhere.kestrel.aero/in"
EXPIRED = Trouble(Cause.CERT_EXPIRED, "The certificate has expired.", "Renew it.")
FACTS: Facts = account(
    configured(forward(), arrivals=arrived(duplicates=30)),
    configured(forward(PAY, "F2"), pull(), code="b", arrivals=arrived(last_at=NOW - 9_999_999_999)),
    ApplicationFacts(application("c"), None, NOW, ReadingProblem("No access.", 403)),
    endpoints={URL: EndpointFacts(url=URL, at=NOW, troubles=(EXPIRED,))},
    pulls=pulled(40, 30, 20, 10),
)


def source(directory: Path, facts: Facts = FACTS) -> CaseSource:
    """Return a case with a pulled message, a forward test and the facts of an account."""
    store = CaseStore(directory)
    case_id = store.create("Nothing arrives").id
    test = ForwardTest(
        at=NOW,
        url=PAY,
        payload=SAMPLE,
        verdict=Verdict(Delivered.NO, "No."),
        status=503,
        headers=(("Retry-After", "30"),),
        answer=b"busy",
    )
    recorded = ForwardTestContent(
        at=NOW,
        url=PAY,
        status=503,
        payload=store.add_blob(case_id, SAMPLE),
        answer=store.add_blob(case_id, b"busy"),
        report=msgspec.json.decode(to_record(test).facts),
    )
    message = MessageContent(
        connection=OWN,
        account_name="Kestrel",
        via="pull",
        application_code=CODE,
        message_id=MESSAGE_ID,
        arrived_at=NOW,
        body=store.add_blob(case_id, BODY),
    )
    case = case_of(item(recorded, "t"), item(message, "m"), facts=facts, id=case_id)
    single = Recording(id="r-2", at=NOW + 1, facts=account())
    case = replace(case, recordings=(*case.recordings, single))
    return CaseSource(case, lambda one: store.read_blob(case_id, one), ("A file is missing.",))


async def test_the_account_is_that_of_the_customer(tmp_path: Path, contacts: list[object]) -> None:
    """Setup, findings, messages and endpoints are as recorded; only this computer is contacted."""
    case, paths = source(tmp_path / "cases"), Paths(tmp_path / "run")
    async with (
        run_case(case, paths.archive) as running,
        Console(paths, recorded=running) as console,
    ):
        await console.connect(running.account)
        status = console.status.connection
        listed = await console.platform.applications()
        diagnostics = await console.diagnostics()
        report = await diagnostics.health.fill()
        depth = await diagnostics.diagnose(listed[0])
        looked = await diagnostics.look_at_endpoints()
        expired, busy, unknown = [
            await console.forward_tests.climb(one, SAMPLE) for one in (URL, PAY, ELSEWHERE)
        ]
        result = await console.pulls.pull(limit=10)

    assert (status.name, status.case, status.id) == ("Kestrel", "Nothing arrives", OWN)
    assert [one.code for one in listed] == [CODE, "b", "c"]
    assert report.state is HealthState.DONE
    assert report.findings.shown == diagnose(FACTS)
    assert report.facts == looked == FACTS
    assert 1305 in {one.number for one in depth.findings.shown}
    assert (expired.status, expired.cause) == (None, Cause.CERT_EXPIRED)
    assert (busy.status, busy.answer, busy.headers[0]) == (503, b"busy", ("Retry-After", "30"))
    assert unknown.verdict.sentence == (
        "Not known: This endpoint is not in the case, so how it answers is not known. Nothing was"
        " sent."
    )
    assert result.messages == 1
    with Reader(paths.archive) as reader:
        found = [(one.message_id, one.via) for one in reader.messages(Filter())]
    assert found == [(MESSAGE_ID, "pull")] * 2
    assert running.problems == (
        "A file is missing.",
        "The case has 2 recordings, and this is that of 2027-01-15 08:00:00 UTC;"
        " `ibconsole case open --findings` reads all of them.",
    )
    assert set(contacts) == {"127.0.0.1"}


async def test_a_repaired_setup_has_other_findings(tmp_path: Path) -> None:
    """What is changed in the simulated account is judged as it is now, all else as recorded."""
    paths = Paths(tmp_path / "run")
    async with (
        run_case(source(tmp_path / "cases"), paths.archive) as running,
        Console(paths, recorded=running) as console,
    ):
        await console.connect(running.account)
        await console.platform.delete_action("b", "C-b", "P1")
        diagnostics = await console.diagnostics()
        report = await diagnostics.health.fill()
        assert report.facts
        differences = running.facts.differences(report.facts)

    before = {(one.number, one.subject.application) for one in diagnose(FACTS)}
    after = {(one.number, one.subject.application) for one in report.findings.shown}
    assert before - after == {(1004, "b")}
    assert after < before
    assert differences == ["The setup of Name of b is not as it was recorded."]


async def test_messages_alone_make_an_account(tmp_path: Path) -> None:
    """A case without a recorded setup lists what it knows, and says what is missing."""
    engine, paths = Engine(), Paths(tmp_path / "run")
    whole = source(tmp_path / "cases")
    bare = replace(whole, case=replace(whole.case, recordings=()), problems=())
    engine.start()
    try:
        async with open_case(engine, bare, paths.archive) as running:
            console = Console(paths, recorded=running)
            await engine.call(console.__aenter__)
            try:
                await engine.call(console.connect, running.account)
                [listed] = await engine.call(console.platform.applications)
                error = await engine.call(_configurations_error, console)
            finally:
                await engine.call(console.__aexit__)
    finally:
        engine.stop()

    assert (listed.code, running.account.name) == (CODE, "Kestrel")
    assert error == 404
    assert running.problems == ("The case has no recorded setup, only what was received.",)


async def _configurations_error(console: Console) -> int | None:
    diagnostics = await console.diagnostics()
    [facts] = (await diagnostics.health.fill()).facts.applications or ()  # type: ignore[union-attr]
    return 404 if facts.configurations is None and not facts.problem else None


async def test_times_that_no_clock_has(tmp_path: Path) -> None:
    """A case with times before the year 1 opens as any other."""
    paths, long_ago = Paths(tmp_path / "run"), -200_000_000_000_000
    whole = source(tmp_path / "cases", replace(FACTS, now=long_ago))
    [first, *others] = whole.case.recordings
    case = replace(whole.case, recordings=(replace(first, at=long_ago), *others))
    message = MessageContent(
        arrived_at=long_ago,
        received_at=long_ago,
        message_id="old",
        body=Blob(sha256="", size=1),
    )
    case = case.with_items(item(message, "old"))
    read = whole.read_blob

    async with run_case(
        CaseSource(case, lambda one: read(one) if one.sha256 else None), paths.archive
    ) as running:
        [problem] = running.problems
    with Reader(paths.archive) as reader:
        found = [one.message_id for one in reader.messages(Filter())]

    assert "that of -200000000000000 ms" in problem
    assert "old" in found


def test_the_connection_has_a_uuid(tmp_path: Path) -> None:
    """A pseudonym in place of the UUID of a connection stands for always the same UUID."""
    case = source(tmp_path).case
    named = replace(FACTS, account=replace(FACTS.account, connection="connection-1"))

    assert connection_of(case, FACTS) == OWN
    assert connection_of(case, named) == connection_of(case, named) != OWN
