"""Exports as the window awaits them."""

import asyncio
import zipfile
from pathlib import Path

import pytest

from ibconsole.secret import Secret
from ibconsole.services.connections import NoSecret
from ibconsole.services.evidence.async_cases.async_exports import AsyncExports, NoSavedAccounts
from ibconsole.services.evidence.bundles import ExportChoices, SecretsUnknown
from ibconsole.services.evidence.redaction import (
    KnownSecret,
    KnownSecrets,
    TextChoice,
    gather_secrets,
)
from ibconsole.services.messages import Progress
from tests.unit.services.evidence.cases.samples import full_case

KEY = "f00dfacef00dfacef00dfacef00dface-8c1d2e3f"


def content_of(folder: Path, pattern: str) -> list[Path]:
    """Return what is in a folder, by the names that match."""
    return list(folder.glob(pattern))


def member_of(bundle: Path, name: str) -> str:
    """Return the text of a file in a zip file."""
    with zipfile.ZipFile(bundle) as opened:
        return opened.read(name).decode()


class Gathering:
    """Knows a key, and what the keyring did not give; counts how often it was asked."""

    def __init__(self, *problems: str) -> None:
        self.asked = 0
        self.problems = problems

    async def __call__(self) -> KnownSecrets:
        self.asked += 1
        key = KnownSecret("API key of Acme", Secret(KEY))
        return KnownSecrets(secrets=(key,), problems=self.problems)


async def test_a_preview_and_its_export(tmp_path: Path) -> None:
    """What the preview lists is replaced in the bundle; secrets are gathered once for previews."""
    store, case = full_case(tmp_path)
    gather, stages = Gathering(), list[Progress]()
    exports = AsyncExports(store, gather)
    kept = await exports.preview(case.id, ExportChoices(texts=TextChoice.KEPT), stages.append)
    masked = await exports.preview(case.id, ExportChoices(), stages.append)
    assert (gather.asked, "Where is my parcel?" in kept.markdown) == (1, True)
    assert "Where is my parcel?" not in masked.markdown
    assert masked.counts["text"] > kept.counts.get("text", 0)

    target = await exports.suggest(tmp_path, "Nothing / arrives: at Kestrel?", ".zip")
    assert target.name == "Nothing-arrives-at-Kestrel.zip"
    bundle = await exports.export(case.id, target, ExportChoices(), stages.append)
    assert gather.asked == 2
    assert {one.stage for one in stages} >= {"Searching for secrets"}
    assert member_of(target, "case.md") == bundle.markdown
    again = await exports.suggest(tmp_path, "Nothing / arrives: at Kestrel?", ".zip")
    assert again.name == "Nothing-arrives-at-Kestrel-2.zip"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("", "case"),
        ("../..", "case"),
        ("NUL", "case-NUL"),
        ("a" * 300, "a" * 60),
        ("žaba 1", "žaba-1"),
    ],
)
async def test_names_of_bundles(tmp_path: Path, title: str, name: str) -> None:
    """A title of any kind becomes a name in the folder that every system can have."""
    exports = AsyncExports(full_case(tmp_path)[0], Gathering())
    assert await exports.suggest(tmp_path / "out", title, "") == tmp_path / "out" / name


async def test_secrets_that_are_not_known(tmp_path: Path) -> None:
    """Without the user's consent nothing is exported that could not be searched."""
    store, case = full_case(tmp_path)
    exports = AsyncExports(store, Gathering("The key of Beta is not known."))
    stages: list[Progress] = []
    target = tmp_path / "bundle"
    with pytest.raises(SecretsUnknown, match="Beta"):
        await exports.export(case.id, target, ExportChoices(), stages.append)
    assert not content_of(tmp_path, "bundle")

    await exports.export(case.id, target, ExportChoices(), stages.append, accept_unknown=True)
    assert content_of(target, "case.json")


async def test_an_export_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    """Once it has ended, nothing of it is left."""
    store, case = full_case(tmp_path)
    exports = AsyncExports(store, Gathering())

    async def stop(target: Path) -> None:
        reported = asyncio.Event()
        work = asyncio.get_running_loop().create_task(
            exports.export(case.id, target, ExportChoices(), lambda _: reported.set())
        )
        await reported.wait()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    async with asyncio.timeout(20):
        for name in ("bundle.zip", "bundle"):
            await stop(tmp_path / name)
    assert not content_of(tmp_path, "*bundle*")


async def test_there_may_be_no_saved_connections() -> None:
    """The demo has no keyring that could be asked."""
    found = await gather_secrets(NoSavedAccounts(), paths=["/inbound/AbCdEfGhIjKlMnOp"])
    assert [one.label for one in found.secrets if "proxy" not in one.label] == [
        "path of the listener"
    ]
    with pytest.raises(NoSecret):
        await NoSavedAccounts().load_account("x")
