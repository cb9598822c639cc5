"""A bare Debian in which packages are tried: built by debootstrap, entered by chroot.

Needs root. The system is built once and kept in build/; every trial works on a copy. It shares
the host's network.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

USER = "engineer"
HOME = f"/home/{USER}"
_MOUNTS = (("proc", "proc", "proc"), ("dev", "/dev", ""), ("dev/pts", "devpts", "devpts"))
_ISOLATED = "IBCONSOLE_TRIAL_ALONE"
_TIMEOUT = 60.0


class TrialFailed(Exception):
    """A command in the bare system failed, or a condition of the trial does not hold."""


def report_ok(what: str) -> None:
    """Print that something was observed to work."""
    sys.stdout.write(f"ok  {what}\n")
    sys.stdout.flush()


def require(condition: object, otherwise: str) -> None:
    """Raise TrialFailed with the sentence unless the condition holds."""
    if not condition:
        raise TrialFailed(otherwise)


def wait_until(condition: Callable[[], object], otherwise: str) -> None:
    """Wait at most a minute for the condition; raise TrialFailed with the sentence otherwise."""
    ends = time.monotonic() + _TIMEOUT
    while not condition():
        require(time.monotonic() < ends, otherwise)
        time.sleep(0.1)


@dataclass(frozen=True, slots=True)
class Bare:
    """One copy of the system; its programs share only the network with the host."""

    root: Path

    def run(
        self,
        *command: str,
        user: str = "root",
        environment: Mapping[str, str] | None = None,
        stdin: str = "",
        expected_codes: Sequence[int] = (0,),
    ) -> str:
        """Run a command and return its output, both streams together.

        Raises TrialFailed if its exit code is not among `expected_codes`.
        """
        done = subprocess.run(
            self.command(*command, user=user, environment=environment),
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=900,
        )
        if done.returncode not in expected_codes:
            raise TrialFailed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    def as_user(
        self,
        *command: str,
        environment: Mapping[str, str] | None = None,
        expected_codes: Sequence[int] = (0,),
    ) -> str:
        """Run a command as the ordinary user; see `run`."""
        return self.run(*command, user=USER, environment=environment, expected_codes=expected_codes)

    def start(
        self, *command: str, user: str = USER, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start a command in a process group of its own, with a pipe for its stdout."""
        return subprocess.Popen(
            self.command(*command, user=user, environment=environment),
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    @contextmanager
    def first_line_json(self, *command: str) -> Iterator[Any]:
        """Start a program that prints JSON on its first line; stop it by SIGTERM at the end."""
        running = self.start(*command)
        try:
            assert running.stdout  # noqa: S101 a pipe was requested
            yield json.loads(running.stdout.readline())
        finally:
            os.killpg(running.pid, signal.SIGTERM)
            code = running.wait(30)
        require(code == 0, f"{' '.join(command)} ended with {code}.")

    def command(
        self, *command: str, user: str, environment: Mapping[str, str] | None = None
    ) -> list[str]:
        """Build the command line that runs a command inside, with a clean environment."""
        home = HOME if user == USER else "/root"
        values = {
            "HOME": home,
            "USER": user,
            "LANG": "C.UTF-8",
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "DEBIAN_FRONTEND": "noninteractive",
            **(environment or {}),
        }
        assigned = [f"{name}={value}" for name, value in values.items()]
        # The working directory is /, where chroot leaves every program.
        return ["chroot", f"--userspec={user}", str(self.root), "env", "-i", *assigned, *command]

    def path(self, inside: str) -> Path:
        """Return the path on the host of a file inside."""
        return self.root / inside.lstrip("/")


def run_isolated() -> None:
    """Restart this program in namespaces of its own, so that its mounts and processes end with it.

    A killed trial would otherwise leave the host's /dev mounted below build/, where the next
    `rm -r` would empty it.
    """
    if os.geteuid() != 0:
        sys.exit("This needs root: it builds a Debian system and enters it.")
    if _ISOLATED in os.environ:
        return
    spaces = ("--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
    command = ["unshare", *spaces, "--propagation", "private", sys.executable, *sys.argv]
    sys.stdout.flush()
    os.execvpe(command[0], command, {**os.environ, _ISOLATED: "1"})  # noqa: S606 this program again


@contextmanager
def bare_system(folder: Path, suite: str) -> Iterator[Bare]:
    """Provide a fresh copy of the system with an ordinary user; unmount it afterwards."""
    pristine = folder / f"bare-{suite}"
    if not (pristine / "complete").exists():
        _make(pristine, suite)
    root = folder / "trial"
    _unmount(root)
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["cp", "--archive", "--reflink=auto", str(pristine), str(root)], check=True)
    bare = Bare(root)
    try:
        for place, source, kind in _MOUNTS:
            how = ["-t", kind, source] if kind else ["--bind", source]
            subprocess.run(["mount", *how, str(root / place)], check=True)
        (root / "etc/hosts").write_text("127.0.0.1 localhost\n", encoding="ascii")
        bare.run("useradd", "--create-home", USER)
        bare.run("apt-get", "update", "-qq")
        yield bare
    finally:
        _unmount(root)


def _make(pristine: Path, suite: str) -> None:
    _unmount(pristine)
    shutil.rmtree(pristine, ignore_errors=True)
    pristine.parent.mkdir(parents=True, exist_ok=True)
    command = ["debootstrap", "--variant=minbase", suite, str(pristine), *_debian_mirror()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"debootstrap could not build {suite}:\n{done.stdout[-2000:]}{done.stderr}")
    # Packages are fetched as on the host (proxy settings).
    for settings in Path("/etc/apt/apt.conf.d").glob("*"):
        if b"Acquire" in settings.read_bytes():
            shutil.copy(settings, pristine / "etc/apt/apt.conf.d")
    (pristine / "complete").touch()


def _debian_mirror() -> list[str]:
    """Return the host's mirror if it is one of Debian; else nothing, and debootstrap uses its own.

    The mirror of another distribution (an Ubuntu runner) does not have Debian's suites.
    """
    done = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN)|$(REPO_URI)"],
        check=True,
        capture_output=True,
        text=True,
    )
    return debian_mirror_in(done.stdout)


def debian_mirror_in(targets: str) -> list[str]:
    """Return the first mirror of Debian's archive in lines `origin|address`, or nothing."""
    for line in targets.splitlines():
        origin, _, address = line.partition("|")
        if origin == "Debian" and address and "security" not in address:
            return [address]
    return []


def _unmount(root: Path) -> None:
    """Unmount everything below: nothing may be deleted while something is mounted there."""
    mounted = Path("/proc/mounts").read_text(encoding="utf-8").split("\n")
    places = [line.split()[1] for line in mounted if line]
    for place in sorted((one for one in places if one.startswith(f"{root}/")), reverse=True):
        subprocess.run(["umount", place], check=True)
