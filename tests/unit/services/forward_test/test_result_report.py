"""Reports on forward tests."""

import json
import stat
from pathlib import Path

import pytest

from ibconsole.services.forward_test.payloads import SAMPLE
from ibconsole.services.forward_test.records import ForwardTest
from ibconsole.services.forward_test.result_report import (
    ReportFormat,
    ReportNotSaved,
    report,
    save_report,
)
from ibconsole.services.forward_test.verdict import Delivered, Verdict

CODE = "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6-aabbccdd"
TEST = ForwardTest(
    1_483_620_476_221,
    "https://a.io/in",
    SAMPLE,
    Verdict(Delivered.PERHAPS, "Perhaps: 202 was answered.", ("Doc.",), ("Guess.",), ("Look.",)),
    status=202,
    reason="Accepted",
    answer=json.dumps({"applicationCode": CODE}).encode(),
)


def test_text() -> None:
    """The text begins with the request, its status and the verdict."""
    lines = report(TEST, ReportFormat.TEXT).splitlines()

    assert lines[:2] == ["POST https://a.io/in: 202 Accepted", "Perhaps: 202 was answered."]
    assert lines[-2:] == ["- Guess.", "- Look."]


def test_json() -> None:
    """The JSON has the keys of the terminal command."""
    read = json.loads(report(TEST, ReportFormat.JSON))

    assert (read["url"], read["status"], read["verdict"]["delivered"]) == (
        "https://a.io/in", 202, "perhaps",
    )  # fmt: skip


def test_curl() -> None:
    """The command sends the same request once more."""
    command = report(TEST, ReportFormat.CURL)

    assert "https://a.io/in" in command.splitlines()[-1]
    assert "curl -X POST" in command
    assert "Content-Type: application/json" in command


@pytest.mark.parametrize("kind", list(ReportFormat))
def test_codes_are_masked(kind: ReportFormat) -> None:
    """No report has an application code that the endpoint repeated."""
    assert CODE not in report(TEST, kind)


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """The sentence names the file and the reason."""
    with pytest.raises(ReportNotSaved, match=r"missing.*No such file"):
        save_report(TEST, tmp_path / "missing" / "test.txt")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("test.json", ReportFormat.JSON),
        ("test.SH", ReportFormat.CURL),
        ("test.txt", ReportFormat.TEXT),
        ("test", ReportFormat.TEXT),
    ],
)
def test_the_suffix_chooses_the_format(tmp_path: Path, name: str, kind: ReportFormat) -> None:
    """A file has the report in the format of its suffix, and replaces an older one."""
    target = tmp_path / name
    target.write_text("old")

    save_report(TEST, target)

    assert target.read_text() == f"{report(TEST, kind)}\n"
    assert not stat.S_IMODE(target.stat().st_mode) & stat.S_IXUSR
