"""Cases for the tests: one item of each kind, and how they are put into a store."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ibconsole.services.diagnosis import Facts, diagnose
from ibconsole.services.evidence.cases.store import CaseStore
from ibconsole.services.evidence.cases.values import (
    FORMAT,
    AnyContent,
    Blob,
    Case,
    CaseItem,
    FindingContent,
    ForwardContent,
    ForwardTestContent,
    MessageContent,
    NoteContent,
    PictureContent,
    PullContent,
    Recording,
    SetupContent,
    TimelineContent,
)
from ibconsole.services.forward_test import Cause
from ibconsole.services.setup.history import EventKind, HourCount, Timeline, TimelineEvent
from tests.unit.services.diagnosis.samples import CODE, HOUR, NOW, OWN, URL, probed

MESSAGE_ID = "m-5d3a0c1e-0001"
SENDER = "installation-of-eagle-77"
BODY = (
    f'{{"messageId":"{MESSAGE_ID}","from":"{SENDER}","to":"{CODE}","text":"Where is my parcel?",'
    '"keyword":"WHERE","customPayload":{"order":"A-17"}}'
).encode()
ENVELOPE = b'{"results":[' + BODY + b'],"messageCount":1,"pendingMessageCount":0}'
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))


def item(content: AnyContent, item_id: str = "i-1", **fields: Any) -> CaseItem:
    """Return an item with a title of its kind."""
    made = CaseItem(id=item_id, added_at=NOW, title="", content=content)
    return CaseItem(
        id=item_id, added_at=NOW, content=content, **{"title": f"A {made.kind}", **fields}
    )


def case_of(*items: CaseItem, facts: Facts | None = None, **fields: Any) -> Case:
    """Return a case with these items, and the recording `r-1` of these facts."""
    recordings = (Recording(id="r-1", at=NOW, facts=facts),) if facts else ()
    values: Mapping[str, Any] = {
        "format": FORMAT,
        "id": "3d938015-bdcb-4ce9-9835-962f13b569a8",
        "title": "Nothing arrives",
        "created_at": NOW,
        "changed_at": NOW,
        "items": items,
        "recordings": recordings,
    }
    return Case(**{**values, **fields})


def every_kind(store: CaseStore, case_id: str, facts: Facts | None = None) -> Case:
    """Put one item of each kind into a case; return it."""
    facts = facts or probed(Cause.NO_SUCH_NAME)
    recording = Recording(id="r-1", at=NOW, facts=facts)

    def blob(data: bytes, media_type: str = "application/json") -> Blob:
        return store.add_blob(case_id, data, media_type)

    forward = ForwardContent(
        connection=OWN,
        method="POST",
        target="/inbound/AbCdEfGhIjKlMnOp",
        peer="203.0.113.7:5000",
        began_at=NOW,
        ended_at=NOW + 12,
        status=503,
        request_headers=(("Host", "hooks.kestrel.aero"), ("Content-Type", "application/json")),
        request=blob(ENVELOPE),
        answer_headers=(("Content-Type", "text/plain"), ("Retry-After", "30")),
        answer=blob(b"busy", "text/plain"),
        answered_by="busy",
        answer_seconds=1.5,
        planned="status 503 after 1.5 s",
    )
    message = MessageContent(
        connection=OWN,
        account_name="Kestrel",
        via="forward",
        application_code=CODE,
        message_id=MESSAGE_ID,
        sender=SENDER,
        keyword="WHERE",
        text="Where is my parcel?",
        received_at=NOW - 1000,
        arrived_at=NOW,
        flags=("DUPLICATE",),
        body=blob(BODY),
        exchange=forward,
    )
    pull = PullContent(
        connection=OWN, base_url="https://x1.api.infobip.com", began_at=NOW, ended_at=NOW + 80,
        limit_asked=100, status=200, messages=1, announced=1, pending=0,
    )  # fmt: skip
    test = ForwardTestContent(
        at=NOW,
        url=URL,
        status=200,
        payload=blob(ENVELOPE),
        answer=blob(b"ok", "text/plain"),
        report={"sender": "platform", "verdict": "It arrived."},
    )
    event = TimelineEvent(
        identity="e-1", kind=EventKind.CHANGE, at=NOW, title="The forward URL was changed",
        details=(("By", "ada"),),
    )  # fmt: skip
    timeline = Timeline(
        connection=OWN,
        application=CODE,
        since=NOW - HOUR,
        until=NOW,
        events=(event,),
        hours=(HourCount(NOW - HOUR, 3, 4),),
    )
    contents: list[AnyContent] = [
        message,
        forward,
        pull,
        test,
        *(FindingContent(finding=one, recording="r-1") for one in diagnose(facts)[:1]),
        SetupContent(application_code=CODE, recording="r-1"),
        TimelineContent(timeline=timeline, application_name="Kestrel Go"),
        NoteContent(text="It began **on Monday**."),
        PictureContent(picture=blob(PNG, "image/png"), pane="Health"),
    ]
    items = [item(content, f"i-{at}") for at, content in enumerate(contents, start=1)]
    return store.change(case_id, lambda case: case.with_items(*items, recording=recording))


def full_case(data_directory: Path, facts: Facts | None = None) -> tuple[CaseStore, Case]:
    """Return a store with one case, and that case with an item of each kind."""
    store = CaseStore(data_directory)
    case = store.create("Nothing arrives at Kestrel")
    return store, every_kind(store, case.id, facts)
