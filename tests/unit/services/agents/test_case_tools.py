"""Tools about cases."""

import json

import pytest

from ibconsole.services.agents.tools import ToolFailed
from ibconsole.services.connections.store import Connections
from ibconsole.services.diagnosis.catalogue import (
    Basis,
    Confidence,
    Evidence,
    Finding,
    Level,
    Subject,
)
from ibconsole.services.evidence.cases.store import CaseStore
from ibconsole.services.evidence.cases.values import (
    AnyContent,
    CaseItem,
    FindingContent,
    ForwardContent,
    ForwardTestContent,
    MessageContent,
    NoteContent,
    PictureContent,
    PullContent,
    SetupContent,
    TimelineContent,
)
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.setup.history.timeline_events import EventKind, Timeline, TimelineEvent
from ibconsole.simulator.running import RunningSimulator
from tests.unit.services.agents.conftest import SessionMaker

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53"
SENDER = "69827EDB-A806-4AF6-A7F6-98298EAA4F14"


async def test_cases(
    saved: Connections, running: RunningSimulator, paths: Paths, make_session: SessionMaker
) -> None:
    """Every kind of item is shown in its order, without secrets, codes and texts."""
    key = running.api_key
    store = CaseStore(paths.data)
    case = store.create(f"Ticket of {CODE}")
    blob = store.add_blob(case.id, b"{}", "application/json")
    forward = ForwardContent(
        target=f"/in?token={key}", began_at=1, request_headers=(("Authorization", f"App {key}"),)
    )
    event = TimelineEvent(identity="e", kind=EventKind.GAP, at=5, title="A gap")
    subject = Subject(connection="c", application=CODE, url=f"https://a.example/{key}")
    seen = (Evidence(f"key {key}"),)
    finding = Finding(1002, Level.ERROR, subject, f"About {CODE}", Confidence(Basis.OBSERVED), seen)
    contents: list[AnyContent] = [
        MessageContent(
            application_code=CODE, sender=SENDER, text="a secret text", arrived_at=2, body=blob,
            exchange=forward,
        ),
        MessageContent(arrived_at=2, body=blob, exchange=PullContent(began_at=1, messages=3)),
        forward,
        ForwardTestContent(at=3, url=f"https://x.example/?key={key}", payload=blob),
        FindingContent(finding=finding),
        SetupContent(application_code=CODE, recording=""),
        TimelineContent(
            timeline=Timeline(connection="c", application=CODE, until=9, events=(event,))
        ),
        NoteContent(text=f"The key is {key}"),
        PictureContent(picture=blob, pane="Health"),
    ]  # fmt: skip
    items = [
        CaseItem(id=str(at), added_at=at, title=f"Item {at}", comment=SENDER, content=one)
        for at, one in enumerate(contents)
    ]
    store.change(case.id, lambda one: one.with_items(*items))
    session = make_session(saved)
    listed = await session.ask("list_cases")
    shown = await session.ask("show_case", case=case.id[:8])

    assert [one["items"] for one in listed["items"]] == [len(items)]
    assert [one["kind"] for one in shown["items"]] == [one.kind for one in items]
    assert [one["title"] for one in shown["items"]] == [f"Item {at}" for at in range(len(items))]
    assert shown["title"] == "Ticket of app-1"
    written = json.dumps([listed, shown])
    assert not [one for one in (key, CODE, SENDER, "a secret text") if one in written]
    assert shown["items"][4]["application"] == "app-1"
    with pytest.raises(ToolFailed, match="no case with"):
        await session.ask("show_case", case="nothing")
    one = make_session(saved, only=(await saved.find("Acme")).id)
    with pytest.raises(ToolFailed, match="no such tool"):
        await one.ask("list_cases")
