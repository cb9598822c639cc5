"""Giving back what a URL is missing: the plan, and the job."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive.history.points import SeenRoute, store_routes
from ibconsole.archive.ledger.reader import LedgerReader
from ibconsole.archive.ledger.records import ItemState, Outcome, RedeliveryKind
from ibconsole.archive.records import Progress
from ibconsole.clock import TimeSpan
from ibconsole.model.application import read_action
from ibconsole.services.give_back.planning import (
    GiveBackRequest,
    NothingMissing,
    create_give_back,
    default_sending,
    plan_give_back,
    standing_sentence,
)
from ibconsole.services.redelivery.values import BadRedelivery
from ibconsole.services.retry_law.law import PUBLISHED_LAW
from ibconsole.services.setup.inbound_route import (
    ConfigurationState,
    InboundRoute,
    route_bytes,
)
from tests.unit.services.custody.samples import (
    CODE,
    CONNECTION,
    URL,
    give_back,
    message,
    pulled_archive,
)

REQUEST = GiveBackRequest(application=CODE, sending=default_sending(URL))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Three messages of the application, the first of them given back, and one of another."""
    path = tmp_path / "archive.sqlite3"
    first, *_ = pulled_archive(path, message(1), message(2), message(3), message(4, "other"))
    give_back(path, [first], [Outcome.ACKNOWLEDGED])
    return path


def test_the_plan_counts_what_is_missing(path: Path) -> None:
    """Stored minus acknowledged, in requests that take a time by their rate."""
    sending = replace(REQUEST.sending, rate=0.5, batch_size=2)
    stages: list[Progress] = []

    plan = plan_give_back(path, replace(REQUEST, sending=sending), stages.append)

    assert (plan.counts.acknowledged, plan.counts.missing) == (1, 2)
    assert plan.counts.connections == {CONNECTION}
    assert (plan.requests, plan.seconds, plan.others) == (1, 2.0, ())
    assert stages == [Progress("Looking for missing messages", 0, 3)]


def test_the_job_has_the_missing_messages_and_the_published_law(path: Path) -> None:
    """What is stored is what is missing at that time; nothing is sent yet."""
    job = create_give_back(path, REQUEST)

    with LedgerReader(path) as ledger:
        found = ledger.job(job)
        items = ledger.items(job).items
    assert found
    assert (found.kind, found.url, found.items) == (RedeliveryKind.GIVE_BACK, URL, 2)
    assert [(one.message_id, one.state) for one in items] == [
        ("m2", ItemState.WAITING),
        ("m3", ItemState.WAITING),
    ]
    assert REQUEST.sending.law is PUBLISHED_LAW


def test_there_is_no_job_of_nothing(path: Path) -> None:
    """Without a missing message nothing is stored, and the reason is said."""
    create_give_back(path, REQUEST)
    with pytest.raises(NothingMissing, match="1 acknowledged there, 2 in another redelivery"):
        create_give_back(path, REQUEST)
    with LedgerReader(path) as ledger:
        assert len(ledger.jobs().jobs) == 2
    assert standing_sentence(plan_give_back(path, replace(REQUEST, application="x")).counts) == ""


def test_what_cannot_be_sent_is_refused_at_once(path: Path) -> None:
    """A URL that is none is refused before anything is read or stored."""
    request = replace(REQUEST, sending=default_sending("ftp://x"))
    for work in (plan_give_back, create_give_back):
        with pytest.raises(BadRedelivery):
            work(path, request)


def test_the_plan_names_who_else_may_have_delivered(path: Path) -> None:
    """The forward actions of the application, as the history knows them, but not the URL itself."""
    actions = [
        read_action({"type": "HTTP_FORWARD", "forwardUrl": url})
        for url in ("https://shop.example/in", URL)
    ]
    route = InboundRoute((ConfigurationState("k", tuple(actions), {"key": "k"}),))
    seen = SeenRoute(CODE, route_bytes(route), TimeSpan(1, 1))
    store_routes(path, CONNECTION, [seen])

    assert plan_give_back(path, REQUEST).others == ("https://shop.example/in",)
