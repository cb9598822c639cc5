import json
from pathlib import Path

from ibconsole.services.intake.spill_file import SpilledPull, SpillFile
from tests.unit.cli.conftest import Command


def test_stored_messages(on_account: Command, ibconsole: Command, tmp_path: Path) -> None:
    """Listed oldest first without an account, shown whole, exported with masked codes."""
    results = on_account("pull", "--yes", "--json").json["results"]

    listed = ibconsole("messages", "list", "--json")
    lines = [json.loads(line) for line in listed.out.splitlines()]
    assert [line["messageId"] for line in lines] == [one["messageId"] for one in results]
    assert all(
        {**one, "_ibconsole": line["_ibconsole"]} == line
        for one, line in zip(results, lines, strict=True)
    )
    shown = ibconsole("messages", "show", "1", "--json").json
    assert shown == lines[0]
    assert ibconsole("messages", "show", "1").code == 0
    assert ibconsole("messages", "list").out.count("\n") == 8

    target = tmp_path / "out.jsonl"
    assert ibconsole("messages", "export", "--output", str(target)).code == 0
    code = str(results[0]["applicationCode"])
    assert code not in target.read_text()
    assert code in ibconsole("messages", "export", "--reveal-codes").out
    assert ibconsole("messages", "export", "--output", str(target)).code == 1


def test_filters(on_account: Command, ibconsole: Command) -> None:
    """What was asked for and nothing else."""
    results = on_account("pull", "--yes", "--json").json["results"]
    code = results[0]["applicationCode"]

    found = ibconsole("messages", "list", "--application", code, "--json").out.splitlines()
    assert len(found) == sum(one.get("applicationCode") == code for one in results)
    assert ibconsole("messages", "list", "--via", "forward", "--json").out == ""


def test_a_message_that_is_not_there(ibconsole: Command) -> None:
    """A wrong number is one sentence and exit code 1."""
    missing = ibconsole("messages", "show", "5")

    assert (missing.code, missing.out) == (1, "")
    assert "no message 5" in missing.err


def test_a_rescued_answer_comes_home(ibconsole: Command, tmp_path: Path) -> None:
    """What a full disk had driven elsewhere is stored by one command, duplicates marked."""
    rescue = SpillFile(SpilledPull("c", "https://x.example", None, 1), (tmp_path,))
    rescue.open(b'{"results":[{"messageId":"1","text":"saved"},{"messa')
    rescue.close()

    adopted = ibconsole("messages", "adopt", str(rescue.path))

    assert adopted.code == 0
    assert "1 message of it are stored" in adopted.err or "1 message of it is stored" in adopted.err
    assert "saved" in ibconsole("messages", "list").out


def test_what_was_not_rescued(ibconsole: Command, tmp_path: Path) -> None:
    """Another file is refused in a sentence."""
    other = tmp_path / "other"
    other.write_bytes(b"{}")

    assert ibconsole("messages", "adopt", str(other)).code == 1


def test_out_and_in_again(on_account: Command, ibconsole: Command, tmp_path: Path) -> None:
    """An export comes in again elsewhere, once; what is wrong with it is told by exit code 1."""
    assert on_account("pull", "--yes").code == 0
    file = tmp_path / "out.jsonl"
    assert ibconsole("messages", "export", "--output", str(file), "--reveal-codes").code == 0
    raw = ibconsole("messages", "export", "--format", "raw", "--output", str(tmp_path / "x.tar"))
    assert raw.code == 1
    assert "say that they may be revealed" in raw.err
    csv = ibconsole("messages", "export", "--format", "csv", "--since", "2w")
    assert csv.out.count("\r\n") == 8
    assert ibconsole("messages", "export", "--since", "tomorrowish").code == 1

    elsewhere = ("--data-dir", str(tmp_path / "elsewhere"))
    assert ibconsole("messages", "import", str(file), "--json", *elsewhere).json["messages"] == 7
    again = ibconsole("messages", "import", str(file), "--json", *elsewhere)
    assert (again.code, again.json["known"]) == (0, 7)
    with file.open("a") as opened:
        opened.write("nonsense\n")
    broken = ibconsole("messages", "import", str(file), *elsewhere)
    assert broken.code == 1
    assert "line 8" in broken.err


def test_retention(on_account: Command, ibconsole: Command) -> None:
    """Everything is kept until something else is chosen, which is previewed before."""
    assert on_account("pull", "--yes").code == 0
    assert "Everything that was received is kept" in ibconsole("messages", "retention").err
    assert "7 messages" in ibconsole("messages", "retention", "--keep-count", "0", "--preview").err
    assert ibconsole("messages", "list").out.count("\n") == 8
    assert ibconsole("messages", "retention", "--keep-count", "0").code != 0
    assert ibconsole("messages", "retention", "--keep-count", "0", "--off").code == 2

    told = ibconsole("messages", "retention", "--keep-count", "0", "--yes", "--json").json
    assert told["deleted"] == 7
    assert told["keep"] == {"days": None, "count": 0, "size": None}
    assert ibconsole("messages", "retention", "--json").json["keep"]["count"] == 0
    assert ibconsole("messages", "retention", "--off", "--yes", "--json").json["deleted"] == 0
    assert ibconsole("messages", "retention", "--json").json["keep"]["count"] is None
