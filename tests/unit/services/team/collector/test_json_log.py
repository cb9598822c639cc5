import json
import logging

import pytest

from ibconsole.secret import MASK, Secret
from ibconsole.services.request_log import Redactor
from ibconsole.services.team.collector.json_log import logging_as_json

log = logging.getLogger("ibconsole.test")


def test_the_log_is_json_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    """Each record is a line with its fields; secrets are masked in all of them, in errors too."""
    redactor = Redactor()
    redactor.add_secrets(Secret("s3cret"))
    with logging_as_json(redactor):
        log.info("One\nof %d s3cret", 2, extra={"fields": {"connection": "s3cret", "messages": 3}})
        try:
            raise ValueError("s3cret")
        except ValueError:
            log.exception("Two")
    log.warning("after the block")

    first, second = map(json.loads, capsys.readouterr().err.splitlines()[:2])
    assert first.pop("time").endswith("+00:00")
    assert first == {
        "level": "info",
        "message": f"One\nof 2 {MASK}",
        "logger": "ibconsole.test",
        "connection": MASK,
        "messages": 3,
    }
    assert (second["level"], second["error"].endswith(f"ValueError: {MASK}")) == ("error", True)
