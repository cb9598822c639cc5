"""Fuzz the lenient readers of HTTP, guided by coverage, and keep the inputs that add some.

    python benchmarks/fuzz.py answer  CORPUS [-max_total_time=600] [other options of libFuzzer]
    python benchmarks/fuzz.py request CORPUS [-max_total_time=600]
    python benchmarks/fuzz.py merge   CORPUS

`answer` and `request` begin with CORPUS and tests/samples/http and write new inputs into CORPUS.
`merge` adds to the samples, which are tests, those inputs of CORPUS that cover more than they do.
A reader must not raise, must not keep more than it was given, and must read the same again; the
division of a request into pieces must not change it. Needs atheris, which is installed by hand and
is no requirement.
"""

import hashlib
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import atheris

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "tests" / "samples" / "http"
LARGEST = 4096  # bytes of an input
sys.path.insert(0, str(ROOT))

with atheris.instrument_imports(include=["ibconsole.http1"]):
    from ibconsole.http1.incoming import IncomingRequest, Limits, RequestRefusal
    from ibconsole.http1.lenient import read_answer, read_request


def check_answer(raw: bytes) -> None:
    """Read an answer, and check what is true of all of them."""
    answer = read_answer(raw)
    if len(answer.body) > len(raw) or not 0 <= answer.body_start <= len(raw):
        raise AssertionError("The body is longer than the answer.")
    if read_answer(raw) != answer:
        raise AssertionError("Read twice, the answer differs.")
    if answer.status is None and answer.body_start == 0 and answer.body != raw:
        raise AssertionError("Without a status line, a part of the bytes is left out.")


def check_request(raw: bytes) -> None:
    """Read a request directly, and as the server does: in one piece and byte by byte."""
    found = read_request(raw)
    if found.consumed > len(raw) or len(found.body) > found.consumed:
        raise AssertionError("The request is longer than what was received.")
    if found.complete and not found.contradictory:
        again = read_request(raw[: found.consumed])
        if (again.body, again.complete) != (found.body, True):
            raise AssertionError("What follows the request changes it.")
    if raw and feed(raw, len(raw)) != feed(raw, 1):
        raise AssertionError("The division into pieces changes the request.")


def feed(raw: bytes, size: int) -> bytes | None:
    """Return the body that the server reads from pieces of this size; None if there is none."""
    incoming = IncomingRequest(Limits())
    try:
        for start in range(0, len(raw), size):
            if incoming.feed(raw[start : start + size]):
                return incoming.finish("")[0].body
        incoming.end_of_input()
    except RequestRefusal:
        return None
    return incoming.finish("")[0].body


def check_both(raw: bytes) -> None:
    """Read an input as an answer and as a request, as the test of the samples does."""
    check_answer(raw)
    check_request(raw)


def merge(corpus: Path) -> int:
    """Add the inputs that execute lines in a new order, small ones first; return their number."""
    covered: set[Step] = set()
    for sample in SAMPLES.iterdir():
        covered |= steps_of(sample.read_bytes())
    added = 0
    for content in sorted((path.read_bytes() for path in corpus.iterdir()), key=len):
        new = steps_of(content) - covered
        if new:
            covered |= new
            added += 1
            digest = hashlib.sha256(content).hexdigest()[:12]
            (SAMPLES / f"fuzzed_{digest}.bin").write_bytes(content)
    return added


Step = tuple[str, int, int]


def steps_of(raw: bytes) -> set[Step]:
    """Return the pairs of lines of the readers that follow one another for this input."""
    steps: set[Step] = set()

    def trace(frame: FrameType, event: str, _: object) -> Any:
        name = frame.f_code.co_filename
        if "http1" not in name:
            return None
        last = frame.f_lineno

        def trace_line(frame: FrameType, event: str, _: object) -> Any:
            nonlocal last
            if event == "line":
                steps.add((name, last, frame.f_lineno))
                last = frame.f_lineno
            return trace_line

        steps.add((name, 0, last))
        return trace_line if event == "call" else None

    sys.settrace(trace)
    try:
        check_both(raw)
    finally:
        sys.settrace(None)
    return steps


def main() -> None:
    """Fuzz until libFuzzer ends the process."""
    what, corpus, *options = sys.argv[1:]
    if what == "merge":
        sys.stdout.write(f"{merge(Path(corpus))} samples were added.\n")
        return
    check = {"answer": check_answer, "request": check_request}[what]
    Path(corpus).mkdir(parents=True, exist_ok=True)
    prefix = f"-artifact_prefix={corpus}-"  # of the file with an input that fails
    arguments = [sys.argv[0], f"-max_len={LARGEST}", prefix, *options, corpus, str(SAMPLES)]
    atheris.Setup(arguments, check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
