"""A plan says what would be sent, and sends and stores nothing."""

from pathlib import Path
from typing import Any

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import JobCancelled
from ibconsole.archive.history.points import SeenRoute, store_routes
from ibconsole.archive.ledger.exchange import Ledger
from ibconsole.archive.ledger.records import Outcome, RedeliveryForm, RedeliveryKind
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Progress, Via
from ibconsole.clock import TimeSpan
from ibconsole.model.application import read_action
from ibconsole.services.redelivery.planning import create_redelivery, plan_redelivery
from ibconsole.services.redelivery.values import BadRedelivery, RedeliveryPlan, RedeliveryRequest
from ibconsole.services.setup.inbound_route import (
    ConfigurationState,
    InboundRoute,
    route_bytes,
)
from tests.unit.archive.deliveries import batch, pull
from tests.unit.archive.ledger.conftest import build, ended
from tests.unit.services.redelivery.conftest import URL, MakeJob

AS_RECEIVED = RedeliveryForm.AS_RECEIVED


def _plan(path: Path, **chosen: Any) -> RedeliveryPlan:
    return plan_redelivery(path, RedeliveryRequest(**{"url": URL, **chosen}))


def test_a_plan_counts_messages_and_requests(path: Path) -> None:
    """A forward that is sent as received is one request; what was pulled goes in batches."""
    plan = _plan(path, batch_size=3, form=AS_RECEIVED)
    assert (plan.messages, plan.requests, plan.divided) == (7, 4, 0)
    assert (plan.duplicates, plan.acknowledged, plan.unknown, plan.others) == (0, 0, 0, ())
    with Reader(path) as reader:
        assert plan.size == sum(len(one.body) for one in reader.messages(Filter()))
    assert plan.first == 1_000
    assert plan.last
    assert plan.last > 2_000
    assert _plan(path, batch_size=3, form=RedeliveryForm.AS_PLATFORM).requests == 3


def test_a_plan_can_be_ended_between_pages(path: Path) -> None:
    """A dry run of a large archive does not outlive the change that makes another one of it."""
    seen: list[Progress] = []
    plan_redelivery(path, RedeliveryRequest(url=URL), seen.append)

    def stop(_: Progress) -> None:
        raise JobCancelled

    assert [one.done for one in seen] == [7]
    with pytest.raises(JobCancelled):
        plan_redelivery(path, RedeliveryRequest(url=URL), stop)


def test_a_part_of_a_forward_is_sent_by_itself(path: Path) -> None:
    plan = _plan(path, messages=[5, 7], form=AS_RECEIVED)
    assert (plan.messages, plan.requests, plan.divided) == (2, 2, 1)


def test_copies_are_counted(path: Path) -> None:
    """The same message in the same application, pulled and forwarded, is one that repeats."""
    assert _plan(path, messages=[1, 2, 2, 7]).duplicates == 0  # another application
    with Archive(path) as archive:
        pull(archive, batch({"messageId": "a", "applicationCode": "app"}))
    assert _plan(path, messages=[1, 2, 8]).duplicates == 1


def test_what_was_sent_there_before_is_counted(path: Path, make_job: MakeJob) -> None:
    """By any job, also as a copy, and not what was refused."""
    job = make_job([1, 2, 3])
    with Ledger(path, job.id, build, lambda _: None) as ledger:
        first, second, third = ledger.exchange([], 3)
        ends = [(first, Outcome.ACKNOWLEDGED), (second, Outcome.UNKNOWN), (third, Outcome.REFUSED)]
        ledger.exchange([ended(*one) for one in ends], 0)

    plan = _plan(path)
    assert (plan.acknowledged, plan.unknown) == (1, 1)
    assert _plan(path, url="http://elsewhere.example/").acknowledged == 0


def test_the_history_says_who_else_may_have_the_messages(path: Path) -> None:
    """Forward actions of the application at the time, log-ins masked, but not the URL itself."""
    for at, url in enumerate((URL, "https://u:p@a.example/"), start=1):
        action = read_action({"type": "HTTP_FORWARD", "forwardUrl": url})
        configuration = ConfigurationState("k", (action,), {"key": "k"})
        content = route_bytes(InboundRoute((configuration,)))
        store_routes(path, "c", [SeenRoute("app", content, TimeSpan(at, at))])
    [other] = _plan(path).others
    assert other.endswith("@a.example/")
    assert "u:p" not in other


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"url": "ftp://h/"}, "begins with https"),
        ({"url": "http://"}, "host"),
        ({"url": "https://me:secret@h.example/"}, "user name or a password"),
        ({"messages": [99]}, "No stored message"),
        ({"selection": Filter(text="nothing like it")}, "No stored message"),
        ({"batch_size": 0}, "messages in a request"),
        ({"parallelism": 101}, "requests at once"),
        ({"rate": -1}, "requests a second"),
        ({"timeout": 0}, "seconds"),
        ({"edited": b""}, "form"),
        ({"form": RedeliveryForm.EDITED}, "form"),
        ({"form": RedeliveryForm.EDITED, "edited": b"x"}, "Only one"),
        ({"form": RedeliveryForm.EDITED, "edited": bytes(17 << 20), "messages": [1]}, "larger"),
    ],
)
def test_what_cannot_be_sent_is_refused(path: Path, chosen: dict[str, Any], words: str) -> None:
    """Before anything is stored, with what is wrong."""
    request = RedeliveryRequest(**{"url": URL, **chosen})
    for work in (plan_redelivery, create_redelivery):
        with pytest.raises(BadRedelivery, match=words):
            work(path, request)


def test_a_job_has_the_items_of_its_plan(path: Path, make_job: MakeJob) -> None:
    job = make_job(None, selection=Filter(via=Via.FORWARD), kind=RedeliveryKind.GIVE_BACK)
    assert (job.items, job.kind, job.url, job.state) == (3, "give back", URL, "ready")
    edited = make_job([1], form=RedeliveryForm.EDITED, edited=b"x")
    assert edited.items == 1
