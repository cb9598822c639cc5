"""Sets up a checkout: a virtual environment from locked versions, and system libraries.

Run by the Makefile, or by hand without make:  python requirements/set_up.py [--dev]
With --package it creates .venv-package, which contains only what packages are built from and with.
Needs Python 3.11 or newer. Does nothing if nothing has changed.
"""

import argparse
import ctypes
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INTERPRETER = "Scripts/python.exe" if os.name == "nt" else "bin/python"

# Libraries that have to load, and the Debian packages that provide them.
LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
PROGRAMS = {
    "Xvfb": "xvfb",
    "xauth": "xauth",
    "dbus-run-session": "dbus",
    "gnome-keyring-daemon": "gnome-keyring",
    "/usr/lib/postgresql/*/bin/postgres": "postgresql",
    "/usr/sbin/pgbouncer": "pgbouncer",
    "strace": "strace",
    "systemd-analyze": "systemd",
}
# For building packages, and for testing them in a bare system.
PACKAGERS = {
    "readelf": "binutils",
    "appstreamcli": "appstream",
    "debootstrap": "debootstrap",
    "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",  # on Ubuntu
    "desktop-file-validate": "desktop-file-utils",
    "lintian": "lintian",
    "makensis": "nsis",
    "man": "man-db",
    "shellcheck": "shellcheck",
    "wine": "wine",
    "xauth": "xauth",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    wish = parser.add_mutually_exclusive_group()
    wish.add_argument("--dev", action="store_true", help="with what tests and checks need")
    wish.add_argument("--package", action="store_true", help="what packages are built with")
    asked = parser.parse_args()
    if sys.version_info < (3, 11):
        sys.exit("ibconsole needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")
    install_system_packages(PROGRAMS if asked.dev else PACKAGERS if asked.package else {})
    kind = "package" if asked.package else "dev" if asked.dev else "run"
    venv = ROOT / (".venv-package" if asked.package else ".venv")
    install_python_packages(ROOT / "requirements" / f"{kind}.txt", venv, editable=asked.dev)


def install_system_packages(programs: dict[str, str]) -> None:
    """Install missing packages on Debian: elsewhere the system or Qt's wheel has the libraries."""
    if not sys.platform.startswith("linux") or not shutil.which("apt-get"):
        return
    missing = [package for library, package in LIBRARIES.items() if not loads(library)]
    if not any(Path("/usr/share/fonts").rglob("*.[to]tf")):
        missing.append("fonts-dejavu-core")
    missing += [package for program, package in programs.items() if not is_present(program)]
    if not can_make_venvs():
        missing.append("python3-venv")
    if not missing:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if os.geteuid() != 0:
        sys.exit(
            "Some system packages are missing. Install them, then try again:\n  sudo "
            + " ".join(command)
        )
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    say("these system packages are missing: " + " ".join(missing))
    run(["apt-get", "update", "-qq"], env=environment)
    announce(command, environment)
    with no_services():
        run(command, env=environment)
        if "pgbouncer" in missing and shutil.which("systemctl"):
            run(["systemctl", "--quiet", "disable", "pgbouncer"])


@contextmanager
def no_services() -> Iterator[None]:
    """Let packages start no server, and PostgreSQL create no database, while they are installed.

    Tests start servers of their own. What an administrator has configured stays as it is.
    """
    policy = Path("/usr/sbin/policy-rc.d")
    clusters = Path("/etc/postgresql-common/createcluster.d/ibconsole-tests.conf")
    created = []
    for path, content in (
        (policy, "#!/bin/sh\nexit 101\n"),
        (clusters, "create_main_cluster = false\n"),
    ):
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
            path.chmod(0o755)
            created.append(path)
    try:
        yield
    finally:
        for path in created:
            path.unlink()


def is_present(program: str) -> bool:
    """Look for a program by its name, or for a file by its path, which may be a pattern."""
    return bool(shutil.which(program)) or any(Path("/").glob(program.lstrip("/")))


def announce(command: list[str], environment: dict[str, str]) -> None:
    """Print what apt-get is about to install; ask if there is a terminal."""
    done = subprocess.run(  # noqa: S603
        [*command, "--assume-no"], env=environment, capture_output=True, text=True, check=False
    )
    summary = re.compile(r"newly installed|of archives|additional disk space")
    for line in filter(summary.search, done.stdout.splitlines()):
        say(line.strip())
    if sys.stdin.isatty() and input("set-up: install them? [y/N] ").strip().lower() != "y":
        sys.exit("Nothing was installed.")


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def can_make_venvs() -> bool:
    try:
        import ensurepip  # noqa: F401, PLC0415 Debian packages it separately
    except ImportError:
        return False
    return True


def install_python_packages(requirements: Path, venv: Path, *, editable: bool) -> None:
    python = venv / INTERPRETER
    report = venv / "installed.json"  # what packaging/contents.py reads: each archive's hash
    wanted = hashlib.sha256()
    for file in (requirements, ROOT / "pyproject.toml"):
        wanted.update(file.read_bytes())
    stamp = venv / f".installed-{requirements.stem}"
    if python.exists() and stamp.exists() and stamp.read_text() == wanted.hexdigest():
        return
    say(f"installing {requirements.name} into {venv.name}")
    if not editable and requirements.stem == "package":
        shutil.rmtree(venv, ignore_errors=True)  # a report names only what was installed anew
    if not python.exists():
        run([sys.executable, "-m", "venv", str(venv)])
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--require-hashes", "--requirement", str(requirements), "--report", str(report)])
    if editable:
        run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])
    stamp.write_text(wanted.hexdigest())


def run(command: list[str], env: dict[str, str] | None = None) -> None:
    # Standard output belongs to the program that is started afterwards.
    done = subprocess.run(command, env=env, stdout=sys.stderr, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(f"This step of the set-up failed: {' '.join(command[:4])} …")


def say(what: str) -> None:
    sys.stderr.write(f"set-up: {what}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
