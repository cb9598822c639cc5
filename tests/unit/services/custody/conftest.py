"""A record of a message that was pulled, and given back in two attempts."""

from pathlib import Path

import pytest

from ibconsole.archive.ledger.records import Outcome
from ibconsole.services.custody.exporting import make_record
from ibconsole.services.custody.record import CustodyRecord
from tests.unit.services.custody.samples import give_back, pulled_archive


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "archive.sqlite3"


@pytest.fixture
def record(path: Path) -> CustodyRecord:
    first, _ = pulled_archive(path)
    give_back(path, [first], [Outcome.REFUSED, Outcome.ACKNOWLEDGED])
    return make_record(path, first, clock=lambda: 5_000).record
