"""Export of cases: complete, redacted, the same in each run, or not at all."""

import base64
import json
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec
import pytest
from msgspec.structs import replace

from ibconsole.archive import Progress, ProgressCallback
from ibconsole.secret import Secret
from ibconsole.services.diagnosis import Facts, diagnose
from ibconsole.services.evidence.bundles.case_redaction import ExportChoices
from ibconsole.services.evidence.bundles.export import (
    BundleFailed,
    CaseExport,
    SecretFound,
    SecretsUnknown,
)
from ibconsole.services.evidence.bundles.reading import open_bundle
from ibconsole.services.evidence.cases import (
    Blob,
    Case,
    CaseStore,
    MessageContent,
    PictureContent,
    Recording,
)
from ibconsole.services.evidence.redaction import KnownSecret, KnownSecrets, TextChoice
from ibconsole.services.protection import NotPermitted, Policy, PolicyInForce
from tests.unit.services.diagnosis.rules.cases import CASES
from tests.unit.services.diagnosis.samples import CODE, NOW
from tests.unit.services.evidence.cases.samples import MESSAGE_ID, SENDER, full_case, item
from tests.unit.services.evidence.har.samples import SCHEMA as HAR_SCHEMA
from tests.unit.services.evidence.redaction.spellings import listed
from tests.unit.services.json_schema import Schema

KEY = "4f3c9a1e7b2d-Kx8vQ2mN5pR7tW0z-c6e8a4"
SECRETS = KnownSecrets(secrets=(KnownSecret("API key of Acme", Secret(KEY)),))
KEPT = ExportChoices(
    texts=TextChoice.KEPT, payloads=TextChoice.KEPT, other_bodies=TextChoice.KEPT, pictures=True
)


def files_of(bundle: Path) -> Mapping[str, bytes]:
    """Return the files of a bundle by name."""
    if bundle.is_dir():
        paths = [path for path in bundle.rglob("*") if path.is_file()]
        return {path.relative_to(bundle).as_posix(): path.read_bytes() for path in paths}
    with zipfile.ZipFile(bundle) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_a_whole_bundle(tmp_path: Path) -> None:
    """A folder and a zip file have the same files, which other programs read; only the user can."""
    store, case = full_case(tmp_path)
    export = CaseExport(store, SECRETS)
    written = export.export(case.id, tmp_path / "out", KEPT)
    export.export(case.id, tmp_path / "out.zip", KEPT)
    first = (tmp_path / "out.zip").read_bytes()
    export.export(case.id, tmp_path / "out.zip", KEPT, replace=True)
    files = files_of(tmp_path / "out")

    assert files == files_of(tmp_path / "out.zip")
    assert (tmp_path / "out.zip").read_bytes() == first
    assert set(files) >= {"case.json", "case.md", "case.html", "case.har", "manifest.json"}
    assert Schema("case.schema.json").accepts(json.loads(files["case.json"]))
    assert HAR_SCHEMA.accepts(json.loads(files["case.har"]))
    assert len(json.loads(files["case.har"])["log"]["entries"]) == 3
    assert files["case.md"].decode() == written.markdown
    assert files["raw/009-picture.png"].startswith(b"\x89PNG")
    for path in (tmp_path / "out.zip", *(tmp_path / "out").rglob("*")):
        assert not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO), path
    everything = b"".join(files.values())
    for hidden in (CODE, SENDER, "AbCdEfGhIjKlMnOp"):
        assert hidden.encode() not in everything
    assert MESSAGE_ID.encode() in everything
    assert "app-1" in written.markdown
    assert written.remarks == ["1 picture may show anything: nothing in them is redacted."]
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_the_preview_shows_what_is_replaced(tmp_path: Path) -> None:
    """Each replacement has its place; pseudonyms stay the same in all previews and exports."""
    store, case = full_case(tmp_path)
    export = CaseExport(store, SECRETS)
    choices = ExportChoices(message_ids=True, raw=False)
    preview = export.preview(case.id, choices)
    written = export.export(case.id, tmp_path / "out", choices)
    everything = b"".join(files_of(tmp_path / "out").values())

    assert preview.replacements == written.replacements
    assert preview.markdown == written.markdown
    places = Counter(one.place for one in preview.replacements)
    assert places["item 1.from"] == places["item 1 message.to"] == 1
    assert preview.counts["installation"] >= 3
    assert preview.remarks[-1].startswith("1 picture will be left out")
    assert MESSAGE_ID.encode() not in everything
    assert b"Where is my parcel?" not in everything
    assert not any(name.startswith("raw/") for name in files_of(tmp_path / "out"))
    opened = open_bundle(tmp_path / "out")
    assert opened.problems == ("The export has left out 8 files.",)


# What is an identity or one of a set of values, and no text.
FIXED = {
    *("format", "id", "kind", "sha256", "recording", "level", "basis", "origin", "state", "type"),
    *("counts", "cause", "identity", "answer_end", "answer_outcome", "endpoints", "owners"),
    *("picture", "sender"),
}


# Only identifiers of at least 12 characters are searched for.
INSTALLATION = "9F3kzQ7t-installation-of-eagle.0077"


def planted(value: Any, text: Callable[[], str], blob: Callable[[], Blob], name: str = "") -> Any:
    """Write what is planted into every text of what JSON consists of, and into every file."""
    if name in FIXED:
        return value
    if isinstance(value, str):
        return f"/inbound/{text()}?x={text()}" if name == "target" else f"before {text()} after"
    if isinstance(value, list | tuple):
        return [planted(one, text, blob, name) for one in value]
    if not isinstance(value, dict):
        return value
    return msgspec.to_builtins(blob()) if "sha256" in value else of_object(value, text, blob, name)


def of_object(
    value: dict[str, Any], text: Callable[[], str], blob: Callable[[], Blob], name: str
) -> dict[str, Any]:
    """Write what is planted into an object, and into names where those may be any text."""
    changed = {key: planted(one, text, blob, key) for key, one in value.items()}
    if name == "raw":
        changed |= {f"a {text()}": {"password": text()}, "x": [text()]}
    if "answer_headers" in changed:
        changed["answer_headers"] += [["Set-Cookie", text()], [text(), text()]]
        changed["answer_headers"] += [["Content-Encoding", "gzip"]]
    if changed.get("kind") == "note":
        changed["text"] = "\n".join(text() for _ in range(30))
    return changed


def readings(data: bytes) -> Iterator[bytes]:
    """Yield the data as it is, and as what simple tools make of it."""
    yield data
    yield unquote_to_bytes(data)
    yield data.replace(b"\0", b"")
    yield re.sub(rb"[\\%]u00([0-9a-fA-F]{2})", lambda found: bytes.fromhex(found[1].decode()), data)


@pytest.mark.parametrize("value", [KEY, INSTALLATION])
def test_what_is_planted_is_in_no_byte(tmp_path: Path, value: str) -> None:
    """A key and an installation in 60 spellings, in every text and body, are in no byte."""
    spellings = listed(value)
    assert len(spellings) >= 60
    store, case = full_case(tmp_path)
    message = next(one for one in case.items if isinstance(one.content, MessageContent))
    changed = replace(message, content=replace(message.content, sender=INSTALLATION))
    case = case.with_item(changed)
    texts = cycle([one.decode("utf-8", "replace") for one in spellings.values()])
    bodies = cycle(spellings.values())

    def plant(_: Case) -> Case:
        def blob() -> Blob:
            return store.add_blob(case.id, next(bodies), next(texts))

        built = planted(msgspec.to_builtins(case), lambda: next(texts), blob)
        return msgspec.convert(built, Case)

    digits = [base64.b64encode(bytes(at) + value.encode())[4:40] for at in range(3)]
    for choices in (KEPT, ExportChoices(pictures=True))[value == INSTALLATION :]:
        store.change(case.id, plant)
        next(texts)  # so that each spelling comes into another place
        target = tmp_path / "out.zip"
        CaseExport(store, SECRETS).export(case.id, target, choices, replace=True)
        files = files_of(target)

        for name, data in files.items():
            for reading in readings(name.encode() + b"\0" + data):
                assert value.encode().lower() not in reading.lower(), name
                assert value.encode().hex().encode() not in reading.lower(), name
                assert not any(one in reading for one in digits), name


def test_a_message_that_names_words_of_the_format(tmp_path: Path) -> None:
    """The fields of a message are the choice of its sender: none breaks or prevents an export."""
    store, case = full_case(tmp_path, CASES[1201])
    message = next(one for one in case.items if isinstance(one.content, MessageContent))
    content = replace(message.content, sender="registrations", application_code="application_code")
    changed = replace(message, content=content)
    store.change(case.id, lambda one: one.with_item(changed))

    CaseExport(store, SECRETS).export(case.id, tmp_path / "out", ExportChoices())

    opened = open_bundle(tmp_path / "out").case
    assert len(opened.items) == len(case.items)
    assert opened.recordings[0].facts.applications


def test_a_found_secret_fails_the_export(tmp_path: Path) -> None:
    """What cannot be redacted is found by the final scan; nothing of the bundle is left."""
    store, case = full_case(tmp_path)
    picture = b"\x89PNG\r\n\x1a\n" + KEY.encode()
    blob = store.add_blob(case.id, picture, "image/png")
    shown = item(PictureContent(picture=blob), "secret")
    store.change(case.id, lambda one: one.with_items(shown))
    export = CaseExport(store, SECRETS)
    before = sorted(tmp_path.iterdir())

    for name in ("out", "out.zip"):
        with pytest.raises(SecretFound, match=r"010-picture.* the API key of Acme") as found:
            export.export(case.id, tmp_path / name, KEPT)
        assert KEY not in str(found.value)
        assert found.value.leaks
    assert sorted(tmp_path.iterdir()) == before
    export.export(case.id, tmp_path / "out", ExportChoices())


def test_secrets_that_are_not_known(tmp_path: Path) -> None:
    """A keyring that gives nothing stops the export, unless the user goes on without."""
    store, case = full_case(tmp_path)
    unknown = KnownSecrets(problems=("The API key of Acme is not searched for.",))
    export = CaseExport(store, unknown)

    with pytest.raises(SecretsUnknown, match="Nothing was exported"):
        export.export(case.id, tmp_path / "out", KEPT)
    written = export.export(case.id, tmp_path / "out", KEPT, accept_unknown=True)
    assert written.remarks[0] == unknown.problems[0]


def test_targets_that_cannot_be_written(tmp_path: Path) -> None:
    """An existing folder or file stays as it is, and a missing folder is one sentence."""
    store, case = full_case(tmp_path)
    export = CaseExport(store, SECRETS)
    (tmp_path / "there").mkdir()
    (tmp_path / "there.zip").write_bytes(b"mine")

    for name, words in (
        (".", "exists already"),
        ("there", "exists already"),
        ("there.zip", "exists already"),
        ("missing/out", "could not be written"),
    ):
        with pytest.raises(BundleFailed, match=words):
            export.export(case.id, tmp_path / name, KEPT)
    assert (tmp_path / "there.zip").read_bytes() == b"mine"
    assert list((tmp_path / "there").iterdir()) == []


def test_an_exported_case_still_runs(tmp_path: Path) -> None:
    """Facts have the same numbers in a redacted bundle; see also test_fact_redaction."""
    store = CaseStore(tmp_path)
    case = store.create("Many faults")
    recordings = tuple(
        Recording(id=f"r-{at}", at=NOW, facts=facts)
        for at, facts in enumerate(list(CASES.values())[::6])
    )
    store.change(case.id, lambda one: replace(one, recordings=recordings))
    CaseExport(store, SECRETS).export(case.id, tmp_path / "out.zip", ExportChoices())
    opened = open_bundle(tmp_path / "out.zip").case

    for before, after in zip(recordings, opened.recordings, strict=True):
        assert _numbers(before.facts) == _numbers(after.facts)
    assert opened.redacted
    assert CODE.encode() not in files_of(tmp_path / "out.zip")["case.json"]


def _numbers(facts: Facts) -> Counter[int]:
    return Counter(one.number for one in diagnose(facts))


class Stopped(Exception):
    """The user has cancelled."""


def test_an_export_can_be_cancelled(tmp_path: Path) -> None:
    """At any step of it nothing is left of the bundle, and the case is as it was."""
    store, case = full_case(tmp_path)
    before = sorted(tmp_path.iterdir())
    stages: list[str] = []

    def stop_at(stage: str) -> ProgressCallback:
        def report(progress: Progress) -> None:
            stages.append(progress.stage)
            if progress.stage == stage and progress.done == 3:
                raise Stopped

        return report

    for stage in ("Redacting", "Searching for secrets"):
        export = CaseExport(store, SECRETS, on_progress=stop_at(stage))
        with pytest.raises(Stopped):
            export.export(case.id, tmp_path / "out.zip", KEPT)
        assert sorted(tmp_path.iterdir()) == before
    assert set(stages) == {"Redacting", "Searching for secrets"}
    assert store.read(case.id) == case


def test_the_policy_keeps_bodies_here(tmp_path: Path) -> None:
    """Where an administrator forbids raw exports, a case is exported without bodies."""
    store, case = full_case(tmp_path)
    short = KnownSecrets(secrets=(KnownSecret("PIN", Secret("1234")),))
    export = CaseExport(store, short, lambda: PolicyInForce(Policy(forbid_raw_exports=True)))

    with pytest.raises(NotPermitted, match="bytes of bodies"):
        export.export(case.id, tmp_path / "out", ExportChoices())
    written = export.export(case.id, tmp_path / "out", ExportChoices(raw=False))
    assert written.remarks[-1] == "1 secret is too short to be searched for."
