"""A bare Debian to try packages in: made by debootstrap, entered by chroot, without network tricks.

Needs root. The bare system is made once and kept in build/; every trial works on a copy.
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
_ALONE = "IBCONSOLE_TRIAL_ALONE"
_PATIENCE = 60.0


class Failed(Exception):
    """A command in the bare system did not end as it should."""


def seen(what: str) -> None:
    """Say that something was seen to work."""
    sys.stdout.write(f"ok  {what}\n")
    sys.stdout.flush()


def require(condition: object, otherwise: str) -> None:
    """Raises Failed with the sentence unless the condition holds."""
    if not condition:
        raise Failed(otherwise)


def wait_until(condition: Callable[[], object], otherwise: str) -> None:
    """Wait a minute at most. Raises Failed with the sentence."""
    ends = time.monotonic() + _PATIENCE
    while not condition():
        require(time.monotonic() < ends, otherwise)
        time.sleep(0.1)


@dataclass(frozen=True, slots=True)
class Bare:
    """One copy of the system; its programs see nothing of ours but the loopback network."""

    root: Path

    def run(
        self,
        *command: str,
        user: str = "root",
        environment: Mapping[str, str] | None = None,
        stdin: str = "",
        good: Sequence[int] = (0,),
    ) -> str:
        """What a command wrote, both streams together. Raises Failed."""
        done = subprocess.run(
            self.command(*command, user=user, environment=environment),
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=900,
        )
        if done.returncode not in good:
            raise Failed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    def as_user(
        self,
        *command: str,
        environment: Mapping[str, str] | None = None,
        good: Sequence[int] = (0,),
    ) -> str:
        """The same as the ordinary user; good are the exit codes that are no failure."""
        return self.run(*command, user=USER, environment=environment, good=good)

    def start(
        self, *command: str, user: str = USER, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """A command that goes on, with its stdout to read; in a session of its own."""
        return subprocess.Popen(
            self.command(*command, user=user, environment=environment),
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    @contextmanager
    def announced(self, *command: str) -> Iterator[Any]:
        """What the user's program says in JSON on its first line; it goes on until the end."""
        running = self.start(*command)
        try:
            assert running.stdout  # noqa: S101 it was asked for
            yield json.loads(running.stdout.readline())
        finally:
            os.killpg(running.pid, signal.SIGTERM)
            code = running.wait(30)
        require(code == 0, f"{' '.join(command)} ended with {code}.")

    def command(
        self, *command: str, user: str, environment: Mapping[str, str] | None = None
    ) -> list[str]:
        """How a command is run in there, with an environment of its own."""
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
        # Not into the home itself: chroot leaves every program in /.
        return ["chroot", f"--userspec={user}", str(self.root), "env", "-i", *assigned, *command]

    def path(self, inside: str) -> Path:
        """Where a file of theirs is for us."""
        return self.root / inside.lstrip("/")


def run_alone() -> None:
    """Start this program again where its mounts and processes end with it, unless it is there.

    A trial that is killed would otherwise leave the system's /dev below build/, for the next
    `rm -r` to empty.
    """
    if os.geteuid() != 0:
        sys.exit("This needs root: it makes a Debian system and enters it.")
    if _ALONE in os.environ:
        return
    spaces = ("--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
    command = ["unshare", *spaces, "--propagation", "private", sys.executable, *sys.argv]
    sys.stdout.flush()
    os.execvpe(command[0], command, {**os.environ, _ALONE: "1"})  # noqa: S606 ours, by name


@contextmanager
def bare_system(folder: Path, suite: str) -> Iterator[Bare]:
    """A fresh copy of the bare system, with an ordinary user; unmounted afterwards."""
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
        sys.exit(f"debootstrap could not make {suite}:\n{done.stdout[-2000:]}{done.stderr}")
    # Packages come the way they come to this system.
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
    """Let go of everything below; nothing is removed while something is mounted there."""
    mounted = Path("/proc/mounts").read_text(encoding="utf-8").split("\n")
    places = [line.split()[1] for line in mounted if line]
    for place in sorted((one for one in places if one.startswith(f"{root}/")), reverse=True):
        subprocess.run(["umount", place], check=True)
