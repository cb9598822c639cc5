"""A customer's server, whose answers a test chooses, and an archive with pulled messages."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ibconsole.http1.message import Request, Response
from ibconsole.http1.server import Server
from ibconsole.services.runtime.engine import Engine
from tests.unit.services.custody.samples import message, pulled_archive


class Customer:
    """Answers with the next of `answers`, and with 200 after them; notes the ids that arrived."""

    def __init__(self) -> None:
        self.answers: list[Response] = []
        self.arrived: list[str] = []
        self.url = ""
        self.on_first: Callable[[], object] = bool

    async def __call__(self, request: Request) -> Response:
        if not self.arrived:
            self.on_first()
        found = json.loads(request.body)["results"]
        self.arrived += [one["messageId"] for one in found]
        return self.answers.pop(0) if self.answers else Response(200, body=b"{}")


@pytest.fixture
def customer() -> Iterator[Customer]:
    engine, customer = Engine(), Customer()
    engine.start()
    server = Server(customer)
    asyncio.run(engine.call(server.__aenter__))
    customer.url = f"{server.url}/in"
    yield customer
    asyncio.run(engine.call(lambda: server.__aexit__(None, None, None)))
    engine.stop()


@pytest.fixture
def pulled(tmp_path: Path) -> Path:
    """An archive with three messages of an application."""
    path = tmp_path / "data" / "archive.sqlite3"
    pulled_archive(path, message(1), message(2), message(3))
    return path
