"""Redaction of everything that an agent reads."""

import base64
import json

import pytest

from ibconsole.errors import UserError
from ibconsole.secret import Secret
from ibconsole.services.agents.redacting import (
    AgentRedaction,
    AnswerWithheld,
)
from ibconsole.services.connections.store import Connections
from ibconsole.services.evidence.redaction.known_secrets import KnownSecret, KnownSecrets
from ibconsole.services.evidence.redaction.rules import RedactionRules, TextChoice
from ibconsole.services.runtime.paths import Paths
from ibconsole.simulator.running import RunningSimulator
from tests.unit.services.agents.conftest import SessionMaker, store

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53"
SENDER = "69827EDB-A806-4AF6-A7F6-98298EAA4F14"


async def test_no_secret_leaves(
    saved: Connections, running: RunningSimulator, paths: Paths, make_session: SessionMaker
) -> None:
    """A key and a code that a message carries in many spellings are in no answer."""
    key = running.api_key
    spellings = [
        key,
        f"App {key}",
        f"see https://x.example/?token={key}&app={CODE}",
        base64.b64encode(key.encode()).decode(),
        base64.b64encode(json.dumps({"apiKey": key, "code": CODE}).encode()).decode(),
        key.encode().hex(),
        "".join(f"%{byte:02x}" for byte in key.encode()),
        CODE.upper(),
        f"from {SENDER}",
    ]
    messages = [
        {
            "messageId": str(number),
            "applicationCode": CODE,
            "from": SENDER,
            "text": text,
            "customPayload": {text: text, "authorization": f"App {key}"},
        }
        for number, text in enumerate(spellings)
    ]
    store(paths.archive, (await saved.find("Acme")).id, *messages)
    rules = RedactionRules(texts=TextChoice.KEPT, payloads=TextChoice.KEPT)
    session = make_session(saved, rules=rules)
    listed = await session.ask("search_messages", limit=100)
    shown = [await session.ask("show_message", id=one["id"]) for one in listed["items"]]

    written = json.dumps([listed, *shown])
    assert len(listed["items"]) == len(spellings)
    for needle in (*spellings, CODE, "69827EDB"):
        assert needle not in written
    assert "app-1" in written


async def test_sessions() -> None:
    """Pseudonyms lead back within the session; secrets are read again, sooner after a failure."""
    now, gathered = [0.0], [KnownSecrets(problems=("The keyring is locked.",)), KnownSecrets()]

    async def gather() -> KnownSecrets:
        return gathered.pop(0)

    redaction = AgentRedaction(gather, clock=lambda: now[0])
    first = await redaction.open()
    token = first.application(CODE)
    kept = await redaction.open()
    now[0] = 61.0
    later = await redaction.open()

    assert (token, redaction.meaning_of("app-1 "), redaction.meaning_of("x")) == (
        "app-1",
        CODE,
        "x",
    )
    assert [one.problems for one in (first, kept, later)] == [
        ("The keyring is locked.",),
        ("The keyring is locked.",),
        (),
    ]
    assert (later.application(CODE), later.application("")) == ("app-1", "")
    assert later.text(f"of {CODE}") == "of app-1"


async def test_what_cannot_be_masked_is_withheld() -> None:
    """An answer or a row in which a secret is found after redaction is not given."""
    secret = KnownSecrets(secrets=(KnownSecret("key", Secret("0123456789abcdef")),))

    async def gather() -> KnownSecrets:
        return secret

    answer = await AgentRedaction(gather).open()

    assert answer.row({}, id="0123456789abcdef")["withheld"]
    with pytest.raises(AnswerWithheld, match="withheld"):
        answer.finish({"left": "0123456789abcdef"})
    assert isinstance(AnswerWithheld("x"), UserError)
