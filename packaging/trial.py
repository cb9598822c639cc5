"""`make package-test`: installs what `make package` made in a bare Debian, and uses it there.

    .venv-package/bin/python packaging/trial.py [--suite bookworm] [--keep]

Needs root. Says each thing that was seen to work on a line of its own; the first that does not
ends it. Pictures are left in build/pictures.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import checks
import elf
import linux_packages
from bare import HOME, USER, Bare, Failed, bare_system, run_alone
from release import Release, read_release
from trusted import server

BUILD = ROOT / "build"
DIST = ROOT / "dist"
PICTURES = BUILD / "pictures"
DISPLAY = ":77"
_PATIENCE = 60.0
# What a desktop has and a bare system lacks; none of it is what the package should have asked for.
_DESKTOP = ("xvfb", "x11-utils", "dbus", "dbus-x11", "gnome-keyring", "zsh", "fish", "curl")
_APT_INSTALL = ("apt-get", "install", "--yes", "-qq", "--no-install-recommends")
_SESSION = 'printf pass | gnome-keyring-daemon --unlock --components=secrets >/dev/null; exec "$@"'
# Package managers' own papers, and what the tools of the trial write.
_NOT_OURS = re.compile(r"^/(var/(lib/(apt|dpkg)|cache|log)|etc/(ld\.so\.cache|ssl)|root)\b")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", default="bookworm", help="the Debian to try it in")
    parser.add_argument("--keep", action="store_true", help="leave the system in build/trial")
    asked = parser.parse_args()
    run_alone()
    release = read_release()
    deb = _made(f"{release.name}_{release.version}_*.deb")
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    checks.check_all(release, deb)
    with bare_system(BUILD, asked.suite) as bare:
        Trial(bare, release, deb).run()
    if not asked.keep:
        shutil.rmtree(BUILD / "trial", ignore_errors=True)
    seen(f"all of it, on {asked.suite}")


def seen(what: str) -> None:
    """Say that something was seen to work."""
    sys.stdout.write(f"ok  {what}\n")
    sys.stdout.flush()


class Trial:
    """The life of a package on one system, from its installation to its removal."""

    def __init__(self, bare: Bare, release: Release, deb: Path) -> None:
        self.bare = bare
        self.release = release
        self.deb = deb

    def run(self) -> None:
        """All of it, in the order in which a user would do it."""
        self.install_older()
        self.upgrade()
        self.versions()
        self.completions()
        with ExitStack() as stack:
            stack.enter_context(self.display())
            self.window()
            self.demo()
            self.keyring()
        self.pull_and_forward()
        self.certificates()
        self.failures()
        self.portable()
        self.rpm()
        self.remove()

    def install_older(self) -> None:
        """An older version of the package, with a file that this one has no more."""
        self._require_no_python("The bare system has Python: this would prove nothing.")
        root = BUILD / "older"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(BUILD / "root", root, symlinks=True)
        (root / "usr/lib/ibconsole/gone-since").write_text("an older version had this\n")
        files = list(elf.binaries(BUILD / "bundle/ibconsole"))
        folder = BUILD / "older-package"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        older = linux_packages.deb(
            replace(self.release, version="0.0.9"),
            root,
            elf.needs(files),
            frozenset(path.name for path in files),
            folder,
        )
        before = self._files()
        self._install(older)
        self._require_no_python("Python came with the dependencies.")
        brought = self._files() - before
        seen(f"installed without Python or Qt: {len(brought)} files more, dependencies included")
        self.bare.run("ibconsole", "archive", "verify", user=USER, good=(0, 1))
        self._as_user("ibconsole", "messages", "retention", "--keep-days", "90", "--yes")
        shutil.rmtree(root)

    def upgrade(self) -> None:
        """This version over the older one keeps what users have, and nothing else."""
        home = {path: self._bytes(path) for path in self._home()}
        self.bare.run(*_APT_INSTALL, *_DESKTOP)
        self.before = self._files() - self._of_package()
        self._install(self.deb)
        kept = {path: self._bytes(path) for path in self._home()}
        _require(home and home == kept, "The upgrade changed a user's files.")
        _require(
            not self.bare.path("usr/lib/ibconsole/gone-since").exists(),
            "The upgrade left a file of the older version.",
        )
        seen(f"upgraded from 0.0.9: {len(home)} files of the user unchanged, no old file left")

    def versions(self) -> None:
        """Both programs say who they are; the terminal's never loads Qt."""
        for program in ("ibconsole", "ibconsole-gui"):
            told = self._as_user(program, "--version")
            _require(self.release.version in told, f"{program} says: {told}")
        seen(f"ibconsole --version and ibconsole-gui --version: {self.release.version}")

    def completions(self) -> None:
        """Each shell reads its file, and bash is told commands."""
        asked = (
            "source /usr/share/bash-completion/completions/ibconsole;"
            "COMP_WORDS=(ibconsole pu); COMP_CWORD=1; _ibconsole_completion ibconsole pu;"
            'echo "${COMPREPLY[@]}"'
        )
        told = self._as_user("bash", "-c", asked)
        _require("pull" in told.split(), f"bash completes: {told}")
        self._as_user("zsh", "-n", "/usr/share/zsh/vendor-completions/_ibconsole")
        fish = "/usr/share/fish/vendor_completions.d/ibconsole.fish"
        told = self._as_user("fish", "-c", f"source {fish}; complete -C 'ibconsole pu'")
        _require("pull" in told, f"fish completes: {told}")
        seen("completion: bash and fish complete commands, zsh reads its file")

    @contextmanager
    def display(self) -> Iterator[None]:
        """A display that programs of the system and ours can reach."""
        shown = self.bare.start(
            "Xvfb",
            DISPLAY,
            "-screen",
            "0",
            "1400x900x24",
            "-noreset",
            "-nolisten",
            "tcp",
            "-ac",
            user="root",
        )
        try:
            _wait(lambda: self._on_display("xdpyinfo") is not None, "Xvfb did not start.")
            yield
        finally:
            shown.terminate()
            shown.wait()

    def window(self) -> None:
        """The window walks through the sandbox on X11 and takes its picture."""
        picture = f"{HOME}/window.png"
        self._as_user("ibconsole-gui", "--screenshot", picture, **self._screen())
        _keep(self.bare.path(picture), PICTURES / "screenshot.png")
        told = json.loads(self._as_user("ibconsole", "--examine-window", **self._screen()))
        _require(told["platform"] == "xcb", f"The window opened on {told['platform']}.")
        _require(told["fonts"] > 0, "The system has no font for the window.")
        seen(f"the window by the xcb plugin, Qt {told['qt']}: build/pictures/screenshot.png")

    def demo(self) -> None:
        """`ibconsole --demo` as a user starts it: seen on the display, ended by SIGTERM."""
        started = self.bare.start("ibconsole-gui", "--demo", environment=self._screen())
        try:
            _wait(lambda: "ibconsole" in (self._on_display("xwininfo") or ""), "No window came.")
            time.sleep(3)  # let it paint: nothing outside tells when it has
            _photograph(PICTURES / "display.png")
        finally:
            os.killpg(started.pid, signal.SIGTERM)
            code = started.wait(30)
        _require(code == 0, f"The demo ended with {code}.")
        seen(
            "ibconsole-gui --demo on a display, ended by SIGTERM with 0: build/pictures/display.png"
        )

    def keyring(self) -> None:
        """A secret goes into the keyring of a private session, and another process reads it."""
        doctor = self._in_session("ibconsole", "doctor", "--json", good=(0,))
        told = json.loads(doctor[doctor.index("{") : doctor.rindex("}") + 1])
        _require(told["healthy"], f"doctor: {told}")
        for finding in told["findings"]:
            seen(f"doctor: {finding['name']}: {finding['sentence']}")
        with self.simulator() as (address, key):
            script = (
                f"printf '%s\\n' '{key}' | ibconsole connections add Trial --base-url {address};"
                " ibconsole apps list --connection Trial --json"
            )
            told = self._in_session("sh", "-ec", script)
        _require('"applicationId"' in told or '"code"' in told or "[" in told, told)
        _require(key not in self._all_text(), "The key is in a file of the user.")
        seen(
            f"keyring: {doctor and 'Secret Service'} kept a key for another process; no file has it"
        )

    def pull_and_forward(self) -> None:
        """Messages by both roads, from the simulated platform into one archive."""
        with self.simulator() as (address, key), self._listener() as url:
            account = {"IBCONSOLE_API_KEY": key}

            def asked(*command: str) -> Any:
                return json.loads(
                    self._as_user(*command, "--base-url", address, "--json", **account)
                )

            pulled = self._as_user(
                "ibconsole", "pull", "--limit", "5", "--yes", "--base-url", address, **account
            )
            _require(len(self._stored()) == 5, pulled)
            code = asked("ibconsole", "apps", "list")[0]["applicationCode"]
            configurations = asked("ibconsole", "configs", "list", code)
            made = (
                configurations[0]
                if configurations
                else asked("ibconsole", "configs", "create", code)
            )
            key_of = next(name for name in made if name.lower().endswith(("key", "id")))
            asked("ibconsole", "actions", "create", code, made[key_of], "--forward-url", url)
            arriving = ["-sS", "-d", '{"count": 30}', f"{address}/_simulator/messages"]
            self._as_user("curl", *arriving)
            _wait(lambda: len(self._stored()) > 5, "No forward was stored.")
            forwarded = len(self._stored()) - 5
        verified = self._as_user("ibconsole", "archive", "verify")
        _require("undamaged" in verified, verified)
        seen(f"5 messages pulled, {forwarded} or more forwarded by the platform; archive verified")

    def _stored(self) -> list[str]:
        return self._as_user("ibconsole", "messages", "list", "--json").splitlines()

    def certificates(self) -> None:
        """The system's store decides: an authority that it does not know is refused."""
        with server() as (port, authority):
            url = f"https://localhost:{port}/inbound"
            refused = self._as_user("ibconsole", "forward-test", url, good=(0, 1))
            _require("200" not in refused.split(), refused)
            place = self.bare.path("usr/local/share/ca-certificates/trial.crt")
            place.write_bytes(authority)
            self.bare.run("update-ca-certificates")
            trusted = self._as_user("ibconsole", "forward-test", url, good=(0, 1))
            _require("200" in trusted, trusted)
            place.unlink()
            self.bare.run("update-ca-certificates", "--fresh")
        seen("certificates: an authority is trusted once it is in the system's store, not before")

    def failures(self) -> None:
        """Where the window cannot open, the reason is in a file."""
        broken = {"DISPLAY": ":99", "QT_QPA_PLATFORM": "xcb"}
        self._as_user("ibconsole-gui", good=(134, -6, 1), **broken)
        logs = self.bare.path(f"{HOME}/.local/state/ibconsole/log")
        told = "".join(path.read_text() for path in logs.glob("*-crash.log"))
        _require("platform plugin" in told, f"The crash file says: {told}")
        seen("a window that cannot open leaves its reason in the log's folder")

    def portable(self) -> None:
        """The .tar.xz, unpacked by its user."""
        archive = _made(f"{self.release.name}-*-linux-*.tar.xz")
        target = self.bare.path(f"{HOME}/portable")
        target.mkdir()
        subprocess.run(["tar", "-xJf", str(archive), "-C", str(target)], check=True)
        (folder,) = target.iterdir()
        program = f"{HOME}/portable/{folder.name}/ibconsole"
        self._runs(program, ".tar.xz")
        shutil.rmtree(target)

    def rpm(self) -> None:
        """The .rpm, unpacked: there is no RPM system here to install it on."""
        package = _made(f"{self.release.name}-*.rpm")
        target = self.bare.path("/opt/rpm")
        target.mkdir(parents=True)
        script = 'rpm2cpio "$1" | cpio --extract --make-directories --quiet'
        subprocess.run(["sh", "-c", script, "sh", str(package)], cwd=target, check=True)
        self._runs("/opt/rpm/usr/bin/ibconsole", ".rpm")
        shutil.rmtree(target)

    def remove(self) -> None:
        """Removing and purging leave what users have, and nothing else."""
        home = self._home()
        self.bare.run("apt-get", "remove", "--yes", "-qq", "ibconsole")
        removed = self._files()
        self.bare.run("dpkg", "--purge", "ibconsole")
        _require(removed == self._files(), "Purging did more than removing.")
        left = sorted(removed - self.before)
        _require(not left, f"Left behind: {left}")
        _require(home == self._home() and home, "Removing touched a user's files.")
        seen(f"removed and purged: no file left; {len(home)} files of the user kept:")
        for path in sorted(home):
            seen(f"    {path}")

    @contextmanager
    def simulator(self) -> Iterator[tuple[str, str]]:
        """`ibconsole simulate`; its address and its key."""
        running = self.bare.start("ibconsole", "simulate", "--messages", "20")
        try:
            assert running.stdout  # noqa: S101 it was asked for
            told = json.loads(running.stdout.readline())
            yield told["base_url"], told["api_key"]
        finally:
            os.killpg(running.pid, signal.SIGTERM)
            running.wait(30)

    @contextmanager
    def _listener(self) -> Iterator[str]:
        """`ibconsole listen`; the URL that forwards go to."""
        running = self.bare.start("ibconsole", "listen", "--port", "8484", "--json")
        try:
            assert running.stdout  # noqa: S101 it was asked for
            yield json.loads(running.stdout.readline())["url"]
        finally:
            os.killpg(running.pid, signal.SIGTERM)
            running.wait(30)

    def _require_no_python(self, otherwise: str) -> None:
        _require(not self.bare.run("sh", "-c", "command -v python3 || true").strip(), otherwise)

    def _install(self, deb: Path) -> None:
        place = self.bare.path("tmp/ibconsole.deb")
        shutil.copyfile(deb, place)
        self.bare.run(*_APT_INSTALL, "/tmp/ibconsole.deb")  # noqa: S108 of the bare system
        place.unlink()

    def _runs(self, program: str, what: str) -> None:
        told = self._as_user(program, "--version")
        picture = f"{HOME}/picture.png"
        self._as_user(program, "--screenshot", picture, QT_QPA_PLATFORM="offscreen")
        size = self.bare.path(picture).stat().st_size
        _require(size > 50_000, f"The picture has {size} bytes.")
        self.bare.path(picture).unlink()
        seen(f"{what} unpacked and run: {told.strip()}, and a picture")

    def _screen(self) -> dict[str, str]:
        return {"DISPLAY": DISPLAY, "QT_QPA_PLATFORM": "xcb"}

    def _on_display(self, program: str) -> str | None:
        arguments = ["-root", "-tree"] if program == "xwininfo" else []
        try:
            return self._as_user(program, *arguments, DISPLAY=DISPLAY)
        except Failed:
            return None

    def _as_user(self, *command: str, good: tuple[int, ...] = (0,), **environment: str) -> str:
        return self.bare.run(*command, user=USER, environment=environment, good=good)

    def _in_session(self, *command: str, good: tuple[int, ...] = (0,)) -> str:
        """A command in a D-Bus session of its own, with a keyring that is unlocked."""
        runtime = self.bare.path("run/trial")
        if not runtime.exists():
            runtime.mkdir(mode=0o700)
            shutil.chown(runtime, *self._owner())
        session = ["dbus-run-session", "--", "sh", "-c", _SESSION, "sh", *command]
        environment = {**self._screen(), "XDG_RUNTIME_DIR": "/run/trial"}
        return self.bare.run(*session, user=USER, environment=environment, good=good)

    def _owner(self) -> tuple[int, int]:
        status = self.bare.path(HOME).stat()
        return status.st_uid, status.st_gid

    def _files(self) -> frozenset[str]:
        """Every path outside homes that is nobody's cache."""
        script = "find / -xdev \\( -path /proc -o -path /dev -o -path /sys -o -path /run"
        script += " -o -path /tmp -o -path /home \\) -prune -o -print"
        listed = self.bare.run("sh", "-c", script).splitlines()
        return frozenset(path for path in listed if not _NOT_OURS.match(path))

    def _of_package(self) -> frozenset[str]:
        return frozenset(
            path
            for path in self.bare.run("dpkg", "--listfiles", "ibconsole").splitlines()
            if "ibconsole" in path
        )

    def _home(self) -> frozenset[str]:
        listed = self.bare.run("find", HOME, "-type", "f", "-path", "*ibconsole*")
        return frozenset(listed.splitlines())

    def _bytes(self, path: str) -> bytes:
        return self.bare.path(path).read_bytes()

    def _all_text(self) -> str:
        return "".join(self._bytes(path).decode("latin-1") for path in self._home())


def _wait(condition: Callable[[], Any], otherwise: str) -> None:
    ends = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > ends:
            raise Failed(otherwise)
        time.sleep(0.1)


def _require(condition: object, otherwise: str) -> None:
    if not condition:
        raise Failed(otherwise)


def _keep(picture: Path, target: Path) -> None:
    shutil.copyfile(picture, target)
    size = target.stat().st_size
    _require(size > 50_000, f"{target.name} has {size} bytes: it shows nothing.")


def _photograph(target: Path) -> None:
    """The whole display, as it is seen: by our own Qt, from outside."""
    program = (
        "import sys; from PySide6.QtGui import QGuiApplication;"
        "app = QGuiApplication([]);"
        "sys.exit(not app.primaryScreen().grabWindow(0).save(sys.argv[1]))"
    )
    environment = {**os.environ, "DISPLAY": DISPLAY, "QT_QPA_PLATFORM": "xcb"}
    subprocess.run([sys.executable, "-c", program, str(target)], env=environment, check=True)


def _made(pattern: str) -> Path:
    found = sorted(DIST.glob(pattern))
    if len(found) != 1:
        sys.exit(f"There is no {pattern} in dist/: run make package first.")
    return found[0]


if __name__ == "__main__":
    try:
        main()
    except Failed as failed:
        sys.exit(f"FAILED  {failed}")
