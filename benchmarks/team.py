"""A team's archive under load: shipping, following, an outage, and a hundred idle desktops.

    python benchmarks/team.py [--only shipping sustained live outage desktops] [--minutes 10]
        [--rate 2000] [--quick] [--json]

Starts a PostgreSQL server of its own, which is as durable as one in operation. `shipping` compares
with bare psycopg. `sustained` has members store and ship while 20 desktops follow. `live` measures
how soon a forward is on another desktop. `outage` is an hour at 200 messages a second that waits on
one disk. `desktops` counts the connections and the processor time of a hundred of them. What kills
do to collectors and servers is the subject of `crashes.py collectors`; searches in a large record
are that of `team_reading.py`.
"""

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from measure import Options, Report, scratch
from team_database import (
    NOTE,
    count_connections,
    count_messages,
    durable_server,
    missing,
    server_cpu,
)
from team_desktops import DesktopProcess, desktop_processes
from team_live import measure_live
from team_shipping import compare_shipping, drain_after_outage
from tests.postgres import TeamDatabase, TeamTemplate

PARTS = ("shipping", "sustained", "live", "outage", "desktops")
_MEMBERS = 2
_FOLLOWERS, _PROCESSES = 20, 4
_SETTLING = 5.0  # seconds, in which a window's first search and its connections have ended


def sustain(template: TeamTemplate, rate: float, seconds: float, report: Report) -> None:
    """Store and ship at a rate while desktops follow; compare what they found."""
    with template.copied() as team, scratch() as directory:
        url = team.address("reader").database
        with desktop_processes(url, _FOLLOWERS, _PROCESSES) as processes:
            members = _run_members(team, directory, rate, seconds)
            stored = sum(int(one["stored"]) for one in members)
            for process in processes:
                process.request(stored)
            desktops = [one for process in processes for one in process.figures()]
        count, twice = count_messages(team)
    report.add("sustained: stored", [sum(one["per_second"] for one in members)], "messages/s")
    report.add("sustained: waiting at the end", [sum(one["waiting"] for one in members)], "rows")
    report.add("sustained: drained after", [max(one["draining"] for one in members)], "s")
    report.add("sustained: lost", [stored - count], at_most=0)
    report.add("sustained: stored twice", [twice], at_most=0)
    missed = sum(stored - one["different"] for one in desktops)
    report.add(f"sustained: missed by {len(desktops)} desktops", [missed], at_most=0)
    report.add("sustained: found twice", [sum(one["twice"] for one in desktops)], at_most=0)
    report.add("sustained: breaks", [sum(one["losses"] for one in desktops)], at_most=0)
    delays: Counter[int] = Counter()
    for one in desktops:
        delays.update(dict(one["delays"]))
    for share in (0.5, 0.95):
        name = f"sustained: p{100 * share:.0f} from arrival to a desktop"
        report.add(name, [counted_percentile(delays, share)], "ms")


def _run_members(
    team: TeamDatabase, directory: Path, rate: float, seconds: float
) -> list[dict[str, float]]:
    script = str(Path(__file__).with_name("team_members.py"))
    url = team.address("collector").database
    started = []
    for number in range(_MEMBERS):
        name = f"member-{number}"
        command = [sys.executable, script, url, str(directory / name), name]
        command += [str(rate / _MEMBERS), str(seconds)]
        started.append(
            subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 this program
        )
    return [json.loads(one.communicate()[0]) for one in started]


def counted_percentile(counts: Counter[int], share: float) -> int:
    """Return the smallest value that this share of all counted values does not exceed."""
    left = share * counts.total()
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return value
    return max(counts, default=0)


def count_desktops(template: TeamTemplate, desktops: int, seconds: float, report: Report) -> None:
    """Open desktops that have nothing to do, and observe them."""
    with template.copied() as team:
        url = team.address("reader").database
        with desktop_processes(url, desktops, _PROCESSES) as processes:
            open_at_first = count_connections(team)
            time.sleep(_SETTLING)
            began = time.perf_counter()
            before, server = _cpu(processes), server_cpu(team.server)
            time.sleep(seconds)
            elapsed = time.perf_counter() - began
            used = [after - first for first, after in zip(before, _cpu(processes), strict=True)]
            server = server_cpu(team.server) - server
            connections = max(open_at_first, count_connections(team))
    report.add(f"{desktops} desktops: connections", [connections], at_most=200)
    share = 100 * sum(used) / elapsed / desktops
    report.add("desktops: each, idle", [share], "% of a core", at_most=5)
    report.add("desktops: the server, for all", [100 * server / elapsed], "% of a core")
    report.note(f"desktops: {_PROCESSES} processes have {desktops // _PROCESSES} each.")


def _cpu(processes: list[DesktopProcess]) -> list[float]:
    return [one.cpu() for one in processes]


def main() -> None:
    """Measure, and print a table."""
    wanted = Options(__doc__, runs=5)
    wanted.add_size("--messages", 100_000, 4_000, "shipped in comparison")
    wanted.add_size("--minutes", 10.0, 0.1, "of the load in `sustained`")
    wanted.add_size("--rate", 2_000.0, 1_000.0, "messages a second in `sustained`")
    wanted.add_size("--live-seconds", 60.0, 3.0)
    wanted.add_size("--live-rate", 500, 200)
    wanted.add_size("--waiting", 720_000, 8_000, "messages that wait in `outage`")
    wanted.add_size("--desktops", 100, 20)
    wanted.add_size("--idle-seconds", 60.0, 5.0)
    wanted.parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    options = wanted.parse()
    report = Report("team")
    if reason := missing():
        report.note(f"Everything is left out: {reason}.")
        report.write(options)
        return
    report.note(NOTE)
    with durable_server() as template:
        parts = {
            "shipping": lambda: compare_shipping(template, options.messages, options.runs, report),
            "sustained": lambda: sustain(template, options.rate, 60 * options.minutes, report),
            "live": lambda: measure_live(template, options.live_rate, options.live_seconds, report),
            "outage": lambda: drain_after_outage(template, options.waiting, report),
            "desktops": lambda: count_desktops(
                template, options.desktops, options.idle_seconds, report
            ),
        }
        for name in PARTS:
            if name in options.only:
                sys.stderr.write(f"team: {name} …\n")
                parts[name]()
    report.write(options)


if __name__ == "__main__":
    main()
