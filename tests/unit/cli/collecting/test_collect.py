from pathlib import Path

from tests.unit.cli.conftest import Command

FILE = """\
version: 1
listener: 127.0.0.1:0
connections:
  - name: Acme
    baseUrl: https://acme.api.infobip.com
    forwardPath: /in
"""


def test_a_configuration_is_checked_without_starting_anything(
    ibconsole: Command, tmp_path: Path
) -> None:
    """--check names what is received, what may be a mistake, and each problem with its place."""
    file = tmp_path / "c.yaml"
    file.write_text(FILE, encoding="utf-8")
    valid = ibconsole("collect", "--config", str(file), "--check")
    unstarted = ibconsole("collect", "--config", str(file))
    file.write_text(FILE + "    pull: true\n", encoding="utf-8")
    invalid = ibconsole("collect", "--config", str(file), "--check")

    assert (valid.code, valid.out) == (0, "Acme: forwards to /in, not shared\n")
    assert "is valid, with 1 connection." in valid.err
    assert "a path that can be guessed" in valid.err
    assert (unstarted.code, "no directory for what is received" in unstarted.err) == (1, True)
    assert invalid.code == 1
    assert invalid.err.startswith(f"{file}:4:5: connection 1 “Acme”: secret is missing")
    assert not (tmp_path / "data").exists()
