"""Redeliveries in a terminal: signals pause them, and the owner's protection applies."""

import json
import os
import signal
from pathlib import Path

import pytest

from ibconsole.archive.ledger.reader import LedgerReader
from ibconsole.archive.ledger.records import ItemCounts
from ibconsole.services.redelivery.planning import create_redelivery
from ibconsole.services.redelivery.values import RedeliveryRequest
from tests.unit.cli.conftest import Command
from tests.unit.cli.redelivery.conftest import Customer
from tests.unit.services.custody.samples import CONNECTION

pytestmark = pytest.mark.usefixtures("pulled")
GIVE_BACK = ("give-back", "--application", "app-1", "--since", "1d", "--parallel", "1", "--yes")


def test_ctrl_c_pauses_and_says_how_to_go_on(
    ibconsole: Command, customer: Customer, tmp_path: Path
) -> None:
    """The request under way ends, what was acknowledged is kept, and `resume` sends the rest."""
    customer.on_first = lambda: os.kill(os.getpid(), signal.SIGINT)
    paused = ibconsole(*GIVE_BACK, "--to", customer.url)
    with LedgerReader(tmp_path / "data" / "archive.sqlite3") as ledger:
        job, counts = ledger.job(1), ledger.counts(1)

    assert paused.code == 130
    assert "`ibconsole give-back resume 1` goes on" in paused.err
    assert job
    assert (job.state, counts) == ("paused", ItemCounts(waiting=2, acknowledged=1))
    assert ibconsole("give-back", "resume", "1").code == 0  # an interrupted one discards stdout
    assert sorted(customer.arrived) == ["m1", "m2", "m3"]


@pytest.fixture
def production(tmp_path: Path) -> None:
    """A saved connection, locked as production is, which the messages were pulled with."""
    connection = {
        "id": CONNECTION,
        "name": "Acme",
        "base_url": "https://x1.api.infobip.com",
        "environment": "production",
    }
    settings = tmp_path / "data" / "settings.json"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(json.dumps({"version": 1, "connections": [connection]}))


@pytest.mark.usefixtures("production")
def test_a_production_connection_has_to_be_unlocked(ibconsole: Command) -> None:
    """The connection that owns the messages counts: leaving out --connection does not unlock it."""
    arguments = (*GIVE_BACK, "--to", "https://customer.invalid/in")

    locked = ibconsole(*arguments)
    no_reason = ibconsole(*arguments, "--production-ok", "Acme", "--dry-run")
    listed = ibconsole("give-back", "list", "--json").json

    assert locked.code == 1
    assert "Acme" in locked.err
    assert no_reason.code == 0
    assert listed == []


@pytest.mark.usefixtures("production")
def test_a_job_is_resumed_with_the_permission_of_its_messages_connection(
    ibconsole: Command, pulled: Path
) -> None:
    """It may have been made for another connection, or for none."""
    create_redelivery(pulled, RedeliveryRequest(url="https://customer.invalid/in"))

    locked = ibconsole("give-back", "resume", "1")
    other = ibconsole("give-back", "resume", "1", "--production-ok", "Other")
    with LedgerReader(pulled) as ledger:
        counts = ledger.counts(1)

    assert (locked.code, other.code) == (1, 1)
    assert "Acme is a production account and locked" in locked.err
    assert "which is Acme; it stays locked" in other.err
    assert counts == ItemCounts(waiting=3)


def test_read_only_sends_nothing(ibconsole: Command) -> None:
    """--read-only forbids it, also on an account that nothing else locks."""
    refused = ibconsole(*GIVE_BACK, "--to", "https://customer.invalid/in", "--read-only")

    assert refused.code == 1
    assert "--read-only" in refused.err
