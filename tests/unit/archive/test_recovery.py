"""The next process completes what a crash interrupted."""

from pathlib import Path

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import RecoveryResult
from tests.unit.archive.deliveries import arrival, batch
from tests.unit.archive.processes import process, read_words

BODY = batch({"messageId": "1"}, {"messageId": "2"})

ASKED = """
archive = Archive(path)
say(archive.begin_pull(connection="c", base_url="https://x", limit=5))
sys.stdin.readline()
"""
HALF = """
archive = Archive(path)
delivery = archive.begin_pull(connection="c", base_url="https://x", limit=5)
archive.append_answer(delivery, b'{"results":[{"messageId":"1"},')
archive.append_answer(delivery, b'{"messageId":"2"},{"mess')
say(delivery)
sys.stdin.readline()
"""
UNDECODED = """
archive = Archive(path)
delivery = archive.begin_pull(connection="c", base_url="https://x", limit=5)
archive.append_answer(delivery, batch({"messageId": "1"}))
archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
archive.add_forwards([arrival(batch({"messageId": "2"}))])
say(delivery)
sys.stdin.readline()
"""


def killed(script: str, path: Path) -> int:
    """Run the script, kill it, and return the delivery that it printed."""
    with process(script, path) as child:
        return int(read_words(child)[0])


def test_killed_before_the_answer(path: Path) -> None:
    """A pull that was interrupted before its answer is kept, with what may have been lost."""
    delivery = killed(ASKED, path)
    with Archive(path) as archive:
        recovery = archive.recover()

        [interrupted] = recovery.interrupted
        assert recovery.messages == 0
        assert (interrupted.id, interrupted.state) == (delivery, "decoded")
        assert (interrupted.interrupted, interrupted.complete) == (True, False)
        assert "before any of the answer arrived" in interrupted.problem
        assert archive.recover() == RecoveryResult((), 0)


def test_killed_while_the_answer_arrived(path: Path) -> None:
    """Every whole message of a partial answer is recovered; all of its bytes are kept."""
    delivery = killed(HALF, path)
    with Archive(path) as archive, Reader(path) as reader:
        recovery = archive.recover()

        [interrupted] = recovery.interrupted
        assert recovery.messages == 2
        assert (interrupted.id, interrupted.message_count) == (delivery, 2)
        assert interrupted.problem == (
            "The program ended while the answer arrived; its first 54 bytes are kept. The body"
            " was cut: 2 messages were recovered, how many the server announced is not known."
        )
        assert reader.delivery_body(delivery).endswith(b'{"mess')


def test_killed_before_decoding(path: Path) -> None:
    """A forward that was not decoded yet is decoded; it does not count as interrupted."""
    killed(UNDECODED, path)
    with Archive(path) as archive:
        assert archive.recover() == RecoveryResult((), 1)
        assert archive.recover() == RecoveryResult((), 0)


def test_running_process(path: Path) -> None:
    """A pull of a process that is running is not recovered, and that process can finish it."""
    with Archive(path) as busy, Archive(path) as other, Reader(path) as reader:
        delivery = busy.begin_pull(connection=None, base_url="https://x", limit=None)
        busy.append_answer(delivery, BODY[:30])
        [forward] = busy.add_forwards([arrival(BODY)])

        assert other.recover() == RecoveryResult((), 0)

        assert [each.state for each in reader.deliveries([delivery, forward])] == [
            "asking",
            "received",
        ]
        busy.append_answer(delivery, BODY[30:])
        busy.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
        assert [len(each.message_ids) for each in busy.decode([delivery, forward])] == [2, 2]


def test_own_deliveries(path: Path) -> None:
    """Recovery decodes what this process has received, and does not affect its running pull."""
    with Archive(path) as archive, Reader(path) as reader:
        running = archive.begin_pull(connection=None, base_url="https://x", limit=None)
        archive.add_forwards([arrival(BODY)])

        assert archive.recover() == RecoveryResult((), 2)
        asking = reader.delivery(running)
        assert asking
        assert asking.state == "asking"


def test_closed_during_a_pull(path: Path) -> None:
    """A pull that was running when its archive was closed counts as interrupted."""
    with Archive(path) as closed:
        closed.begin_pull(connection=None, base_url="https://x", limit=None)
    with Archive(path) as archive:
        assert len(archive.recover().interrupted) == 1


def test_stale_locks(path: Path) -> None:
    """Lock files of dead writers are removed, and other locks in the directory are not."""
    killed(ASKED, path)
    locks = path.parent / "locks"
    foreign = locks / "pull-5f0c.lock"
    foreign.touch()
    with Archive(path) as archive:
        assert len(list(locks.glob("*.lock"))) == 3
        archive.recover()

        left = {lock.name for lock in locks.iterdir()}
        assert len(left) == 2
        assert foreign.name in left


def test_many_undecoded(path: Path) -> None:
    """All deliveries are decoded, however many are waiting."""
    with Archive(path) as closed:
        closed.add_forwards([arrival(BODY)] * 150)
    with Archive(path) as archive:
        assert archive.recover() == RecoveryResult((), 300)
