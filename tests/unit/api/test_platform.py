"""The endpoints, against the simulator and against answers of other formats."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ibconsole.api.authorization import ApiKey
from ibconsole.api.budget import Budget
from ibconsole.api.client import ApiClient
from ibconsole.api.errors import (
    ConfigurationExists,
    Forbidden,
    NotFound,
    PlatformBroken,
    Refused,
    Unauthorized,
    UnusableKey,
)
from ibconsole.api.gate import admit_all
from ibconsole.api.platform import Platform
from ibconsole.model.application import ActionDraft, ActionType, read_action
from ibconsole.model.message import read_envelope
from ibconsole.secret import Secret
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings
from tests.unit.api.loopback import Loopback, Then, answer, loopback

FORWARD = ActionDraft(
    type=ActionType.HTTP_FORWARD, forward_url="http://127.0.0.1:9/in", callback_data="back"
)


@pytest.fixture
async def simulator() -> AsyncIterator[RunningSimulator]:
    async with simulate(SimulatorSettings(messages=7, rate_limited=False)) as running:
        yield running


@pytest.fixture
async def platform(simulator: RunningSimulator) -> AsyncIterator[Platform]:
    key = ApiKey(Secret(simulator.api_key))
    async with ApiClient(simulator.base_url, key, budget=Budget(1_000), gate=admit_all) as client:
        yield Platform(client)


@pytest.fixture
async def bare(platform: Platform) -> str:
    """Return the code of an application without a configuration."""
    for application in await platform.applications():
        if not await platform.configurations(application.code):
            return application.code
    raise AssertionError


async def test_applications(platform: Platform) -> None:
    """All applications are listed, each equal to the one read alone."""
    applications = await platform.applications()

    assert len(applications) == 6
    assert all(application.code and application.name for application in applications)
    assert not any(application.oddities for application in applications)
    assert await platform.application(applications[2].code) == applications[2]


async def test_application_by_its_id(platform: Platform) -> None:
    """An application can be read by its id."""
    application = (await platform.applications())[0]

    assert await platform.application(application.id, by_id=True) == application
    with pytest.raises(NotFound, match="does not exist"):
        await platform.application(application.id)


async def test_life_cycle_of_a_configuration(platform: Platform, bare: str) -> None:
    """A configuration is created, read, refused a second time, and deleted."""
    created = await platform.create_configuration(bare)

    assert await platform.configurations(bare) == [created]
    assert await platform.configuration(bare, created.key) == created
    with pytest.raises(ConfigurationExists, match=created.key) as caught:
        await platform.create_configuration(bare)
    assert caught.value.existing == [created]

    await platform.delete_configuration(bare, created.key)
    assert await platform.configurations(bare) == []
    with pytest.raises(NotFound):
        await platform.configuration(bare, created.key)
    with pytest.raises(NotFound):
        await platform.delete_configuration(bare, created.key)


async def test_life_cycle_of_an_action(platform: Platform, bare: str) -> None:
    """Actions are created, listed and deleted one by one."""
    configuration = (await platform.create_configuration(bare)).key
    forward = await platform.create_action(bare, configuration, FORWARD)
    waiting = await platform.create_action(bare, configuration, ActionDraft(type=ActionType.PULL))

    assert forward.key
    assert (forward.type, forward.forward_url, forward.callback_data) == (
        "HTTP_FORWARD",
        "http://127.0.0.1:9/in",
        "back",
    )
    assert await platform.actions(bare, configuration) == [forward, waiting]
    await platform.delete_action(bare, configuration, forward.key)
    assert await platform.actions(bare, configuration) == [waiting]
    with pytest.raises(NotFound):
        await platform.delete_action(bare, configuration, forward.key)


async def test_invalid_action(platform: Platform, bare: str) -> None:
    """The platform's reasons against an action are available by field."""
    configuration = (await platform.create_configuration(bare)).key
    with pytest.raises(Refused) as caught:
        await platform.create_action(bare, configuration, ActionDraft(type=ActionType.HTTP_FORWARD))

    assert caught.value.status == 400
    assert "forwardUrl" in caught.value.validation_errors


async def test_pull(platform: Platform) -> None:
    """A pull returns the bytes of a batch, and each message once."""
    batches = []
    for limit in (5, None, 5):
        body = bytearray()

        async def receive(data: bytes, body: bytearray = body) -> None:
            body.extend(data)

        answered = await platform.pull(limit, receive=receive)
        assert (answered.status, answered.complete, answered.problem) == (200, True, "")
        batches.append(read_envelope(bytes(body).partition(b"\r\n\r\n")[2]))

    assert [(batch.count, batch.pending) for batch in batches] == [(5, 2), (2, 0), (0, 0)]


async def test_wrong_key(simulator: RunningSimulator) -> None:
    """A wrong key is refused."""
    async with ApiClient(simulator.base_url, ApiKey(Secret("wrong")), gate=admit_all) as client:
        with pytest.raises(Unauthorized, match="Invalid login details"):
            await Platform(client).applications()


@pytest.mark.parametrize("fault", ["rubbish", "not-json", "empty"])
async def test_unreadable_answer(
    simulator: RunningSimulator, platform: Platform, fault: str
) -> None:
    """An unreadable answer is an error, not an empty list."""
    simulator.simulator.inject_fault(fault)
    with pytest.raises(PlatformBroken, match="cannot be read"):
        await platform.applications()


async def test_forbidden(simulator: RunningSimulator, platform: Platform) -> None:
    """The error for a key without the scope names the scope."""
    simulator.simulator.inject_fault("403")
    with pytest.raises(Forbidden, match="mobile-app-messaging:manage"):
        await platform.applications()


@asynccontextmanager
async def answering(*answers: bytes | Then) -> AsyncIterator[tuple[Platform, Loopback]]:
    async with (
        loopback(*answers) as server,
        ApiClient(server.url, ApiKey(Secret("k")), gate=admit_all) as one,
    ):
        yield Platform(one), server


APPLICATION = b'{"applicationCode":"a","applicationId":"A","later":[1]}'


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (b'{"applications":[%b,%b]}' % (APPLICATION, APPLICATION), ["a", "a"]),
        (b"[%b]" % APPLICATION, ["a"]),
        (APPLICATION, ["a"]),
        (b'{"applications":[]}', []),
        (b"\xef\xbb\xbf[]", []),
    ],
)
async def test_formats_of_a_list(body: bytes, codes: list[str]) -> None:
    """An envelope, a bare array and a single object are all read as a list."""
    async with answering(answer(200, body)) as (platform, _):
        applications = await platform.applications()

    assert [application.code for application in applications] == codes


async def test_list_without_content() -> None:
    """A 204 is an empty list."""
    async with answering(answer(204)) as (platform, _):
        assert await platform.configurations("a") == []


@pytest.mark.parametrize(
    "body",
    [
        APPLICATION,
        b'{"applications":[%b]}' % APPLICATION,
        b"[%b]" % APPLICATION,
        b'{"applicationId":"A"}',
    ],
)
async def test_formats_of_one_application(body: bytes) -> None:
    """One application may come in an envelope, or without its code."""
    async with answering(answer(200, body)) as (platform, _):
        assert (await platform.application("a")).id == "A"


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'"x"', b"[%b,%b]" % (APPLICATION, APPLICATION)]
)
async def test_not_one_application(body: bytes) -> None:
    """No application, or two, is an error if one was requested."""
    async with answering(answer(200, body)) as (platform, _):
        with pytest.raises(PlatformBroken, match="cannot be read"):
            await platform.application("a")


@pytest.mark.parametrize(
    ("answers", "key", "requests"),
    [
        ([answer(201, b'{"key":"c1"}')], "c1", 1),
        ([answer(200, b'{"configurations":[{"key":"c1"}]}')], "c1", 1),
        ([answer(201), answer(200, b'{"configurations":[{"key":"c2"}]}')], "c2", 2),
        ([answer(204), answer(200, b'[{"key":"c2"}]')], "c2", 2),
        ([answer(200, b"{}"), answer(200, b'{"key":"c2"}')], "c2", 2),
    ],
)
async def test_formats_of_a_new_configuration(
    answers: list[bytes], key: str, requests: int
) -> None:
    """Any 2xx means that it was created; a key missing from the answer is looked up."""
    async with answering(*answers) as (platform, server):
        assert (await platform.create_configuration("a")).key == key

    assert len(server.requests) == requests
    assert server.lines[0] == "POST /push/1/applications/a/configurations"
    assert server.requests[0].endswith(b"\r\n\r\n")


@pytest.mark.parametrize("listed", [answer(200, b"[]"), answer(403)])
async def test_new_configuration_that_is_not_listed(listed: bytes) -> None:
    """A new configuration that is not listed is an error with the advice to look again."""
    async with answering(answer(201), listed) as (platform, _):
        with pytest.raises(PlatformBroken, match="accepted the new configuration"):
            await platform.create_configuration("a")


async def test_new_configuration_answered_with_html() -> None:
    """An answer that is not JSON is an error: it may not come from the platform."""
    async with answering(answer(200, b"<html>sign in</html>")) as (platform, server):
        with pytest.raises(PlatformBroken, match="cannot be read"):
            await platform.create_configuration("a")

    assert len(server.requests) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"errorCode":"E409","description":"exists"}'])
@pytest.mark.parametrize(
    ("listed", "keys"), [(answer(200, b'[{"key":"old"}]'), ["old"]), (answer(403), [])]
)
async def test_conflicts(body: bytes, listed: bytes, keys: list[str]) -> None:
    """A 409 alone means that there is a configuration; the error contains it."""
    async with answering(answer(409, body), listed) as (platform, _):
        with pytest.raises(ConfigurationExists) as caught:
            await platform.create_configuration("a")

    assert [configuration.key for configuration in caught.value.existing] == keys


OTHERS = (
    b'{"actions":[{"key":"1","type":"PULL"},{"key":"2","type":"HTTP_FORWARD",'
    b'"forwardUrl":"http://127.0.0.1:9/in","callbackData":"back"},{"key":"3","type":"PULL"}]}'
)


@pytest.mark.parametrize(
    ("answers", "key"),
    [
        ([answer(201, b'{"key":"n","type":"HTTP_FORWARD"}')], "n"),
        ([answer(201, b'{"actions":[{"key":"n"}]}')], "n"),
        ([answer(201), answer(200, OTHERS)], "2"),
        ([answer(200, b'{"type":"HTTP_FORWARD"}'), answer(200, OTHERS)], "2"),
        ([answer(201), answer(200, b"[]")], ""),
        ([answer(201), answer(403)], ""),
    ],
)
async def test_formats_of_a_new_action(answers: list[bytes], key: str) -> None:
    """Any 2xx means that it was created; a key missing from the answer is looked up."""
    async with answering(*answers) as (platform, server):
        created = await platform.create_action("a", "c", FORWARD)

    assert created.key == key
    assert key or created == read_action(FORWARD.raw)
    assert server.requests[0].endswith(
        b'{"type":"HTTP_FORWARD","forwardUrl":"http://127.0.0.1:9/in","callbackData":"back"}'
    )


@pytest.mark.parametrize("status", [200, 202, 204])
async def test_deleting(status: int) -> None:
    """Any 2xx means that it was deleted, whatever the body."""
    async with answering(answer(status, b"" if status == 204 else b"gone")) as (platform, server):
        await platform.delete_action("a", "c", "k")
        await platform.delete_configuration("a", "c")

    assert server.lines == [
        "DELETE /push/1/applications/a/configurations/c/actions/k",
        "DELETE /push/1/applications/a/configurations/c",
    ]


async def test_codes_and_keys_are_quoted() -> None:
    """A code or key of any characters is one segment of the path."""
    async with answering(answer(204)) as (platform, server):
        await platform.delete_action("a/b?c#d", "..%2F é", "%41 ;=&+~")

    assert server.lines == [
        "DELETE /push/1/applications/a%2Fb%3Fc%23d/configurations/..%252F%20%C3%A9"
        "/actions/%2541%20%3B%3D%26%2B~"
    ]


@pytest.mark.parametrize("name", ["", ".", "..", "\ud800"])
async def test_unusable_codes_and_keys(name: str) -> None:
    """A DELETE without a key must never become the DELETE of its parent."""
    async with answering(answer(204)) as (platform, server):
        with pytest.raises(UnusableKey):
            await platform.delete_action("a", "c", name)
        with pytest.raises(UnusableKey):
            await platform.delete_configuration("a", name)
        with pytest.raises(UnusableKey):
            await platform.application(name)

    assert not server.requests
