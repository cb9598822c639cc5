"""Runs every benchmark and check, and writes one table to build/benchmarks.md and to the terminal.

    python benchmarks/run_all.py [--quick] [--only NAME ...]

The benchmarks run one after the other, each in a process of its own. The checks, which only pass
or fail, run with small sizes: their own command lines do more.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from measure import BUILD, ROOT, Report, document, machine
from window import script_environment

BENCHMARKS = (
    "archive",
    "pull",
    "listener",
    "redelivery",
    "export",
    "feed",
    "search",
    "holds",
    "inspector",
    "redaction",
    "diagnosis",
    "team",
    "window",
)
CHECKS = {
    "crashes listener": ["crashes.py", "listener", "--kills", "20"],
    "crashes pulls": ["crashes.py", "pulls", "--kills", "40"],
    "crashes redeliveries": [
        "crashes.py",
        "redeliveries",
        "--kills",
        "40",
        "--messages",
        "2000",
    ],
    "crashes collectors": ["crashes.py", "collectors", "--kills", "20", "--servers", "3"],
    "fsyncs": ["fsyncs.py"],
    "malformed": ["malformed.py", "--requests", "5000"],
    "mutated forwards": ["malformed_forwards.py", "--requests", "3000"],
    "cut answers": ["malformed_answers.py", "cut", "--step", "17"],
    "mutated answers": ["malformed_answers.py", "mutated", "--answers", "2000"],
}
QUICK_CHECKS = {
    "crashes listener": ["crashes.py", "listener", "--kills", "3"],
    "crashes pulls": ["crashes.py", "pulls", "--kills", "6"],
    "crashes redeliveries": ["crashes.py", "redeliveries", "--kills", "6", "--messages", "200"],
    "crashes collectors": ["crashes.py", "collectors", "--kills", "3", "--servers", "1"],
    "fsyncs": ["fsyncs.py", "--senders", "4", "--requests", "5"],
    "malformed": ["malformed.py", "--requests", "500"],
    "mutated forwards": ["malformed_forwards.py", "--requests", "300"],
    "cut answers": ["malformed_answers.py", "cut", "--step", "211"],
    "mutated answers": ["malformed_answers.py", "mutated", "--answers", "100"],
}
FOLDER = Path(__file__).resolve().parent
RESULT = BUILD / "benchmarks.md"


def main() -> int:
    """Run, and write the results; return 1 if a benchmark or a check failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, about two minutes")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="of these benchmarks and checks")
    options = parser.parse_args()
    checks = QUICK_CHECKS if options.quick else CHECKS
    wanted = options.only or (*BENCHMARKS, *checks)
    facts = machine()
    began = time.monotonic()
    reports = [run(name, quick=options.quick) for name in BENCHMARKS if name in wanted]
    outcomes = {name: passes(command) for name, command in checks.items() if name in wanted}
    facts["sizes"] = "quick" if options.quick else "full"
    facts["duration"] = f"{time.monotonic() - began:.0f} s"
    text = "# Benchmarks\n\n" + document([one for one in reports if one], facts)
    text += "".join(f"- check {name}: {_outcome(ok=ok)}\n" for name, ok in outcomes.items())
    BUILD.mkdir(exist_ok=True)
    RESULT.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0 if all(reports) and all(outcomes.values()) else 1


def run(name: str, *, quick: bool) -> Report | None:
    """Return the report of a benchmark; None if it failed."""
    sys.stderr.write(f"{name} …\n")
    arguments = [f"{name}.py", "--json", *(["--quick"] if quick else [])]
    done = _started(arguments)
    if done.returncode:
        sys.stderr.write(done.stderr)
        return None
    return Report.from_json(done.stdout.splitlines()[-1])


def passes(arguments: list[str]) -> bool:
    """Return whether a check found nothing wrong."""
    sys.stderr.write(f"{' '.join(arguments)} …\n")
    done = _started([*arguments, "--json"])
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
    return not done.returncode


def _started(arguments: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 the scripts of this folder
        [sys.executable, str(FOLDER / arguments[0]), *arguments[1:]],
        cwd=ROOT,
        env=script_environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def _outcome(*, ok: bool) -> str:
    return "passed" if ok else "FAILED"


if __name__ == "__main__":
    sys.exit(main())
