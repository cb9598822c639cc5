import io
import json
from collections.abc import Callable

import pytest

from ibconsole.simulator.running import RunningSimulator
from tests.keyrings import KeyringSession, needs_gnome_keyring
from tests.unit.cli.conftest import Command

FileWith = Callable[..., str]


def test_an_application_is_cloned(on_account: Command, running: RunningSimulator) -> None:
    """The other application gets the actions with other texts; again there is nothing to do."""
    clone = ("setup", "clone", "Kestrel Airways", "Marigold Retail", "--replace", "/:9/=:10")
    tried = on_account(*clone, "--dry-run")
    cloned = on_account(*clone, "--yes")

    assert (tried.code, cloned.code) == (2, 0)
    assert tried.out.startswith("Clone Kestrel Airways to Marigold Retail\n")
    target = next(
        one
        for one in running.simulator.state.account.applications
        if one.raw["name"] == "Marigold Retail"
    )
    [action] = target.actions
    assert action["forwardUrl"].startswith("http://127.0.0.1:10/inbound/")
    again = on_account(*clone, "--yes")
    assert (again.code, again.err) == (0, "Nothing is missing: there is nothing to do.\n")


def test_what_the_other_application_has_stays(
    on_account: Command, running: RunningSimulator
) -> None:
    """Nothing is deleted unless --prune is given."""
    clone = ("setup", "clone", "Vita Polyclinic", "Bora Bank", "--dry-run")
    additive, pruned = on_account(*clone), on_account(*clone, "--prune")

    assert "Deletions" not in additive.out
    assert "Not in the file, and left as it is" in additive.out
    assert "Deletions (1):" in pruned.out


def test_what_cannot_be_cloned(on_account: Command, running: RunningSimulator) -> None:
    """Each is one sentence, and nothing is sent."""
    app = on_account("apps", "list", "--json").json[0]["applicationCode"]
    key = on_account("configs", "list", app).out.split()[0]
    url = f"http://127.0.0.1:9/in?key={running.api_key}"
    on_account("actions", "create", app, key, "--forward-url", url)
    before = running.simulator.state.calls.copy()

    for source, target, words in (
        ("Bora Bank", "Bora Bank", "Both names lead to the same application"),
        (
            "Nothing",
            "Bora Bank",
            "The account has no application with the code, ID or name Nothing",
        ),
        ("Marigold Retail", "Bora Bank", "there is no configuration that could be cloned"),
        (app, "Marigold Retail", "a masked value (••••) cannot be applied"),
    ):
        refused = on_account("setup", "clone", source, target, "--yes")
        assert refused.code == 1
        assert words in refused.err
        assert refused.err.count("\n") == 1

    sent = running.simulator.state.calls - before
    assert [call for call in sent if not call.startswith("GET")] == []


@needs_gnome_keyring
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_a_clone_to_production_unlocks_the_target_alone(
    ibconsole: Command,
    running: RunningSimulator,
    fresh: RunningSimulator,
    bus: KeyringSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The name and the reason are those of the account that is changed."""
    bus.unlock()
    for name, one, environment in (("Live", fresh, "production"), ("Stage", running, "test")):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{one.api_key}\n"))
        added = ("connections", "add", name, "--base-url", one.base_url)
        assert ibconsole(*added, "--environment", environment).code == 0
    clone = (
        *("setup", "clone", "Lumen Mobile", "Lumen Mobile", "--yes"),
        *("--from-connection", "Stage", "--to-connection", "Live"),
    )

    locked = ibconsole(*clone)
    cloned = ibconsole(*clone, "--production-ok", "Live", "--reason", "release")
    mapped = ibconsole(*clone[:5], "--connection-map", "Stage=Live", "--dry-run")

    assert (locked.code, cloned.code, cloned.err.splitlines()[-1]) == (1, 0, "Done: 1 step.")
    assert (mapped.code, mapped.out + mapped.err) == (
        0,
        "Nothing is missing: there is nothing to do.\n",
    )
    [row] = [json.loads(line) for line in ibconsole("audit", "list", "--json").out.splitlines()]
    assert "Clone Lumen Mobile to Lumen Mobile; release" in json.dumps(row)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["Stage"], "takes FROM=TO"),
        (["=Live"], "takes FROM=TO"),
        (["a=b=c"], "takes FROM=TO"),
        (["Stage=Live", "--to-connection", "Live"], "the two connections it stands for"),
    ],
)
def test_a_map_names_two_connections(ibconsole: Command, given: list[str], words: str) -> None:
    done = ibconsole("setup", "clone", "A", "B", "--connection-map", *given)
    assert done.code == 1
    assert words in done.err
