from pathlib import Path

import pytest

from ibconsole.services.answer_files import PRESETS, AnswerScenario
from ibconsole.services.connections import Environment
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote_answers import (
    AnswerFileUnusable,
    RemoteAnswers,
    _with_current,
)
from ibconsole.services.documents import InvalidDocument
from ibconsole.services.runtime import ConnectionStatus
from ibconsole.services.runtime.engine import Engine

SLOW = PRESETS["slow"]
PROMPT = AnswerScenario("n", ())


@pytest.fixture
def remote(engine: Engine, engine_console: Console) -> RemoteAnswers:
    return RemoteAnswers(engine, engine_console)


async def test_rules_are_set_on_the_engine(remote: RemoteAnswers, engine_console: Console) -> None:
    """The status says what the listener answers by; the account that is open is warned of."""
    assert "“Test” is no sandbox" in await remote.warning(SLOW)
    assert await remote.warning(PROMPT) == ""
    await remote.set_answers(SLOW)
    answers = engine_console.status.listener.answers
    assert answers is not None
    assert answers.name == "slow"

    await remote.set_answers(None)
    assert engine_console.status.listener.answers is None


def test_an_account_that_is_not_saved_may_be_a_customers() -> None:
    """The question is asked for the connection that is open, too; a sandbox is none."""
    unsaved = ConnectionStatus(base_url="https://x.api.infobip.com", id="1")
    sandbox = ConnectionStatus("Demo", "http://127.0.0.1", environment="sandbox", id="2")

    assert _with_current((), ConnectionStatus()) == ()
    assert [one.environment for one in _with_current((), unsaved)] == [Environment.TEST]
    assert [one.environment for one in _with_current((), sandbox)] == [Environment.SANDBOX]
    assert len(_with_current(_with_current((), unsaved), unsaved)) == 1


@pytest.mark.parametrize("name", ["a.yaml", "a.json"])
async def test_files(remote: RemoteAnswers, tmp_path: Path, name: str) -> None:
    """A scenario is written in the format that the name says, and read again."""
    path = tmp_path / name
    await remote.write_file(path, SLOW)

    assert path.read_text().startswith("{") == name.endswith(".json")
    assert await remote.read_file(path) == SLOW


async def test_files_that_cannot_be_used(remote: RemoteAnswers, tmp_path: Path) -> None:
    """A sentence says what is wrong with a file, or with its contents."""
    missing = tmp_path / "none" / "a.yaml"
    with pytest.raises(AnswerFileUnusable, match="cannot be read"):
        await remote.read_file(missing)
    with pytest.raises(AnswerFileUnusable, match="cannot be written"):
        await remote.write_file(missing, SLOW)
    (tmp_path / "bad.yaml").write_text("version: 2")
    with pytest.raises(InvalidDocument, match=r"bad\.yaml:1:10"):
        await remote.read_file(tmp_path / "bad.yaml")
