"""The diagnosis of the current connection, for the window."""

from pathlib import Path

import pytest

from ibconsole.api import Platform
from ibconsole.clock import now_ms
from ibconsole.model import ActionDraft
from ibconsole.services.connections import Mute
from ibconsole.services.connections.account import Account
from ibconsole.services.diagnosis.accounts import to_connection
from ibconsole.services.diagnosis.clock_comparison import ClockComparison
from ibconsole.services.diagnosis.collecting import Surroundings
from ibconsole.services.diagnosis.decision_tree import TreeQuestion, TreeReply
from ibconsole.services.diagnosis.diagnostics import Diagnostics
from ibconsole.services.diagnosis.endpoints import probe
from ibconsole.services.diagnosis.muting import scope_of

MUTES: list[Mute] = []


async def load_mutes() -> list[Mute]:
    return MUTES


@pytest.fixture
def diagnostics(account: Account, platform: Platform, tmp_path: Path) -> Diagnostics:
    return Diagnostics(
        to_connection(account),
        platform,
        Surroundings(tmp_path / "archive.sqlite3", lambda _: None),
        clock=ClockComparison(),
        load_mutes=load_mutes,
        look=probe,
    )


async def test_one_application(
    diagnostics: Diagnostics, platform: Platform, account: Account, unused_tcp_port: int
) -> None:
    """The application is read anew, its endpoint is looked at, and comparisons come from health."""
    url = f"http://127.0.0.1:{unused_tcp_port}/in"
    chosen = [one for one in await platform.applications() if one.name == "Lumen Mobile"]
    other = [one for one in await platform.applications() if one.name == "Bora Bank"]
    for application in (*chosen, *other):
        [configuration] = await platform.configurations(application.code)
        draft = ActionDraft(type="HTTP_FORWARD", forward_url=url)
        await platform.create_action(application.code, configuration.key, draft)
    await diagnostics.health.fill()
    found = await diagnostics.diagnose(chosen[0])

    assert {one.number for one in found.findings.shown} == {1006, 1206}
    answer = next(step for step in found.steps if step.question is TreeQuestion.ANSWER)
    assert answer.reply is TreeReply.NO
    assert [one.number for one in answer.findings] == [1206]
    mute = Mute(scope_of(account.connection, chosen[0].code), 1206, "Known.", now_ms() + 10_000)
    MUTES.append(mute)
    again = await diagnostics.diagnose(chosen[0])
    MUTES.clear()
    assert {one.number for one in again.findings.shown} == {1006}
    assert [one.mute for one in again.findings.muted] == [mute]


async def test_endpoints_of_the_known_setup(diagnostics: Diagnostics, platform: Platform) -> None:
    """Endpoints are looked at by what the health has read, for all or for chosen applications."""
    assert await diagnostics.look_at_endpoints() is None
    await diagnostics.health.fill([])
    code = (await platform.applications())[0].code
    nothing = await diagnostics.look_at_endpoints({code})

    assert nothing is not None
    assert nothing.applications == ()
    await diagnostics.health.fill()
    chosen = await diagnostics.look_at_endpoints({code})
    assert chosen
    assert [one.application.code for one in chosen.applications or ()] == [code]
