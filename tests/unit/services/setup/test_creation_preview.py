"""The preview of a request."""

import pytest

from ibconsole.api.authorization import ApiKey
from ibconsole.api.client import ApiClient
from ibconsole.api.errors import UnusableKey
from ibconsole.api.gate import admit_all
from ibconsole.api.platform import Platform
from ibconsole.http1.message import Request, Response
from ibconsole.http1.server import Server
from ibconsole.model.application import ActionDraft
from ibconsole.secret import Secret
from ibconsole.services.setup.creation import preview_new_action

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a/256d"
DRAFT = ActionDraft(type="HTTP_FORWARD", forward_url="https://example.com/ü", callback_data="{}")


async def test_preview_equals_the_request() -> None:
    """Method, path, body and headers of the preview are those that are sent."""
    received: list[Request] = []

    async def answer(request: Request) -> Response:
        received.append(request)
        return Response(200, (), b'{"key":"a","type":"HTTP_FORWARD"}')

    async with Server(answer) as server:
        async with ApiClient(
            server.url, ApiKey(Secret("0123456789abcdef")), gate=admit_all
        ) as client:
            await Platform(client).create_action(CODE, "AB/3F", DRAFT)
        head, body = preview_new_action(server.url, CODE, "AB/3F", DRAFT, shown_code="2336…256d")

    [request] = received
    line, *headers = head.split("\n")
    assert body.encode() == request.body
    assert line == f"{request.method} {request.path} HTTP/1.1".replace(
        CODE.replace("/", "%2F"), "2336…256d"
    )
    for header in headers:
        name, value = header.split(": ")
        assert name == "Authorization" or request.header(name.lower()) == value


def test_preview_has_no_secrets() -> None:
    """Neither the account's credential nor the application's code is in the preview."""
    head, body = preview_new_action("https://h", CODE, "K", DRAFT, shown_code="2336…256d")

    assert "8bj4el4a" not in head + body
    assert "Authorization: ••••" in head


def test_unsendable_request() -> None:
    """A request that cannot be sent has no preview."""
    with pytest.raises(UnusableKey):
        preview_new_action("https://h", "", "K", DRAFT, shown_code="")
