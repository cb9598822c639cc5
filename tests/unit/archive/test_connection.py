"""The write-ahead log is brought into the file while others write, and costs nothing stored."""

from pathlib import Path

from ibconsole.archive.archive import Archive
from ibconsole.archive.connection import Checkpointer
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter
from tests.unit.archive.processes import arrival, batch, heard, process


def test_what_is_in_the_log_comes_into_the_file(archive: Archive, path: Path) -> None:
    """Afterwards the file alone has it, though its writer is still open."""
    archive.decode(archive.add_forwards([arrival(batch({"text": "needle in the log"}))]))
    assert b"needle in the log" not in path.read_bytes()
    checkpointer = Checkpointer(path)
    checkpointer.run()
    assert b"needle in the log" in path.read_bytes()
    checkpointer.close()
    checkpointer.close()


def test_while_another_process_writes(archive: Archive, path: Path) -> None:
    """Whatever is committed meanwhile is there, and whole."""
    checkpointer = Checkpointer(path)
    script = """
with Archive(path) as archive:
    say("ready")
    for number in range(150):
        archive.decode(archive.add_forwards([arrival(batch({"messageId": str(number)}))]))
    say("done")
"""
    with process(script, path) as child:
        assert heard(child) == ["ready"]
        runs = 0
        while child.poll() is None:
            checkpointer.run()
            runs += 1
    checkpointer.close()
    assert runs > 5
    with Reader(path) as reader:
        assert len(reader.find(Filter())) == 150
        assert reader.verify(lambda _: None).damages == ()
