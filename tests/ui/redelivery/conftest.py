"""The Redelivery tab over a real archive, whose jobs are written as the runner writes them."""

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.archive.archive import Archive
from ibconsole.archive.ledger.anchors import ItemSource
from ibconsole.archive.ledger.exchange import BuiltRequest, EndedRequest, Ledger
from ibconsole.archive.ledger.jobs import JobWriter, NewItem, NewRedelivery
from ibconsole.archive.ledger.records import (
    Outcome,
    RedeliveryAnswer,
    RedeliveryForm,
    RedeliveryKind,
    RedeliveryOptions,
)
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter
from ibconsole.services.redelivery.async_ledger import AsyncLedger
from ibconsole.ui.redelivery.pane import RedeliveryPane
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.redelivery.rows import URL
from tests.unit.archive.deliveries import batch, pull

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a"


class JobBook:
    """Writes jobs, attempts and answers into an archive."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with Reader(path) as reader:
            self.items = [
                NewItem(one.id, one.delivery, one.message_id, one.application_code)
                for one in reader.messages(Filter())
            ]

    def make(self, count: int, kind: RedeliveryKind = RedeliveryKind.GIVE_BACK) -> int:
        """Store a job that gives back this many messages."""
        new = NewRedelivery(
            kind=kind,
            connection="c",
            url=URL,
            form=RedeliveryForm.AS_PLATFORM,
            options=RedeliveryOptions(),
        )
        with JobWriter(self.path) as writer:
            return writer.create(new, self.items[:count])

    def send(self, job: int, *outcomes: Outcome) -> None:
        """Send the next messages of a job, with these outcomes, without repetitions."""
        ledger = Ledger(self.path, job, _build, lambda _: None)
        try:
            requests = ledger.exchange((), len(outcomes))
            pairs = zip(requests, outcomes, strict=True)
            ledger.exchange([_ended(*pair) for pair in pairs], 0)
            ledger.finish_if_done(job)
        finally:
            ledger.close()


def _build(sources: Sequence[ItemSource]) -> Sequence[BuiltRequest]:
    return [
        BuiltRequest(
            id=f"request {one.item.id}",
            items=(one.item.id,),
            data=one.body,
            sha256="request",
            body_sha256="body",
            sender="us",
        )
        for one in sources
    ]


def _ended(request: BuiltRequest, outcome: Outcome) -> EndedRequest:
    is_answered = outcome in {Outcome.ACKNOWLEDGED, Outcome.REFUSED}
    status = 200 if outcome is Outcome.ACKNOWLEDGED else 500
    body = b'{"applicationCode": "%b", "item": "%b"}' % (CODE.encode(), request.id.encode())
    answer = RedeliveryAnswer(
        job=1,
        at=5,
        status=status,
        reason="OK" if status == 200 else "Internal Server Error",
        headers=(("Content-Type", "application/json"), ("Set-Cookie", "id=secret")),
        body=body,
        size=len(body),
        sha256="answer",
        complete=True,
        problem="",
        seconds=0.25,
    )
    return EndedRequest(
        id=request.id,
        items=request.items,
        outcome=outcome,
        status=status if is_answered else None,
        problem="" if is_answered else "The connection was reset.",
        seconds=0.25,
        answer=answer if is_answered else None,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An archive with five messages that were pulled."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive:
        messages = [
            {"messageId": f"m{n}", "text": f"text {n}", "applicationCode": CODE} for n in range(5)
        ]
        pull(archive, batch(*messages))
    return path


@pytest.fixture
def book(path: Path) -> JobBook:
    return JobBook(path)


@pytest.fixture
async def ledger(path: Path) -> AsyncIterator[AsyncLedger]:
    ledger = AsyncLedger(path)
    yield ledger
    await ledger.close()


@pytest.fixture
def names() -> ApplicationNames:
    return ApplicationNames()


@pytest.fixture
def pane(names: ApplicationNames, theme: Theme, qtbot: QtBot) -> Iterator[RedeliveryPane]:
    pane = RedeliveryPane(names, theme)
    qtbot.addWidget(pane)
    pane.resize(1200, 400)
    pane.show()
    yield pane
    pane.hide()
