"""What is to be pinned, as work."""

from pathlib import Path

from ibconsole.archive import Archive, Reader
from ibconsole.archive.records import Filter, Via
from ibconsole.services.diagnosis import diagnose
from ibconsole.services.evidence.async_cases.pinning_work import (
    deliveries_to_pin,
    findings_to_pin,
    messages_to_pin,
    requests_to_pin,
    setup_to_pin,
    timeline_to_pin,
)
from ibconsole.services.evidence.cases.pinning import Pins
from ibconsole.services.evidence.cases.store import CaseStore
from ibconsole.services.evidence.cases.values import TimelineContent
from ibconsole.services.forward_test import Cause
from ibconsole.services.messages import on_disk
from ibconsole.services.request_log import Entry
from ibconsole.services.setup.history import EventKind, HourCount, Timeline, TimelineEvent
from tests.unit.archive.deliveries import batch, forward, pull
from tests.unit.services.diagnosis.samples import CODE, HOUR, NOW, probed


def test_everything_that_can_be_pinned(tmp_path: Path) -> None:
    """Each place of the window has its work, which pins in the order of what was selected."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive:
        pull(archive, batch({"messageId": "1", "applicationCode": CODE, "text": "one"}))
        forward(archive, {"messageId": "2", "applicationCode": CODE, "text": "two", "from": "F"})
    with Reader(path) as reader:
        ids = list(reader.search(Filter()).ids)
        requests = list(reader.find_deliveries(Via.FORWARD))
    store = CaseStore(tmp_path)
    pins = Pins(store, store.create("A case").id)
    facts, other = probed(Cause.NO_SUCH_NAME), probed()
    [finding, *_] = diagnose(facts)
    entry = Entry(started_at=NOW, method="GET", url="https://x.example/", status=200)
    works = (
        messages_to_pin(on_disk(path), ids, "Acme"),
        deliveries_to_pin(on_disk(path), requests),
        requests_to_pin([entry]),
        findings_to_pin([other, facts], [finding]),
        setup_to_pin(facts, ["", CODE]),
    )
    pinned = [[one.kind for one in work(pins)] for work in works]

    assert pinned == [
        ["message", "message"], ["forward"], ["forward"], ["finding"], ["setup", "setup"]
    ]  # fmt: skip


def test_findings_are_kept_with_facts_that_show_them(tmp_path: Path) -> None:
    """The facts that are kept are those in which the rules find the same numbers again."""
    store = CaseStore(tmp_path)
    case = store.create("A case")
    clean, facts = probed(), probed(Cause.NO_SUCH_NAME)
    findings = [one for one in diagnose(facts) if one.id not in {f.id for f in diagnose(clean)}]
    list(findings_to_pin([clean, facts], findings)(Pins(store, case.id)))

    [recording] = store.read(case.id).recordings
    assert recording.facts == facts


def test_a_visible_part_of_a_timeline(tmp_path: Path) -> None:
    """Of a timeline the visible part is pinned, hours that it cuts included."""
    store = CaseStore(tmp_path)
    pins = Pins(store, store.create("A case").id)
    events = tuple(
        TimelineEvent(identity=str(at), kind=EventKind.CHANGE, at=NOW + at * HOUR, title="x")
        for at in range(4)
    )
    hours = tuple(HourCount(NOW + at * HOUR, 1, 1) for at in range(4))
    whole = Timeline(
        connection="", application=CODE, until=NOW + 4 * HOUR, events=events, hours=hours
    )
    [part] = timeline_to_pin(whole, NOW + HOUR + 1, NOW + 2 * HOUR, "Kestrel")(pins)
    [all_of_it] = timeline_to_pin(whole, None, whole.until)(pins)
    assert isinstance(part.content, TimelineContent)
    assert isinstance(all_of_it.content, TimelineContent)
    assert [one.identity for one in part.content.timeline.events] == ["2"]
    assert [one.at for one in part.content.timeline.hours] == [NOW + HOUR, NOW + 2 * HOUR]
    assert all_of_it.content.timeline == whole
