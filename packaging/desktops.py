"""Tests of the packaged window on desktops: X11, Wayland, keyring, accessibility, input methods."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bare import HOME, USER, Bare, TrialFailed, report_ok, require, wait_until

# What a desktop has and a bare system lacks; the package itself depends on none of it.
PACKAGES = (
    "xvfb",
    "x11-utils",
    "weston",
    "dbus",
    "dbus-x11",
    "gnome-keyring",
    "at-spi2-core",
    "libglib2.0-bin",
    "ibus",
)
DISPLAY = ":77"
_X11 = {"DISPLAY": DISPLAY, "QT_QPA_PLATFORM": "xcb"}
_RUNTIME = "/run/trial"
_SOCKET = "trial"
_WAYLAND = {"XDG_RUNTIME_DIR": _RUNTIME, "WAYLAND_DISPLAY": _SOCKET}
_SIZE = ("--width=1400", "--height=900")
_UNLOCK_SCRIPT = (
    'printf pass | gnome-keyring-daemon --unlock --components=secrets >/dev/null; exec "$@"'
)
# Reads what a screen reader reads: the name of the application's root on the accessibility bus.
_ACCESSIBILITY_SCRIPT = r"""
call() { gdbus call "$@" 2>/dev/null; }
root=/org/a11y/atspi/accessible/root
bus=$(call --session --dest org.a11y.Bus --object-path /org/a11y/bus \
    --method org.a11y.Bus.GetAddress | sed "s/^('//; s/',)$//")
call --session --dest org.a11y.Bus --object-path /org/a11y/bus \
    --method org.freedesktop.DBus.Properties.Set org.a11y.Status IsEnabled '<true>' >/dev/null
ibus-daemon --xim --daemonize --replace --panel disable
QT_IM_MODULE=ibus ibconsole-gui --demo >/dev/null &
window=$!
trap 'kill $window' EXIT
for _ in $(seq 60); do
    sleep 0.5
    for name in $(call --address "$bus" --dest org.a11y.atspi.Registry --object-path $root \
            --method org.a11y.atspi.Accessible.GetChildren | grep -o "':[0-9.]*'" | tr -d "'"); do
        call --address "$bus" --dest "$name" --object-path $root \
            --method org.freedesktop.DBus.Properties.Get org.a11y.atspi.Accessible Name |
            grep "'ibconsole'" && {
            call --address "$bus" --dest "$name" --object-path $root \
                --method org.freedesktop.DBus.Properties.Get org.a11y.atspi.Accessible ChildCount
            grep -o 'platforminputcontexts/lib[a-z]*' /proc/$window/maps | sort -u
            exit 0
        }
    done
done
exit 1
"""


class Desktops:
    """Runs the package's window on each kind of desktop, in one bare system."""

    def __init__(self, bare: Bare, pictures: Path) -> None:
        self.bare = bare
        self.pictures = pictures

    def run(self) -> None:
        """Run all of them."""
        runtime = self.bare.path(_RUNTIME)
        runtime.mkdir(mode=0o700)
        home = self.bare.path(HOME).stat()
        shutil.chown(runtime, home.st_uid, home.st_gid)
        with self._x11():
            self.picture()
            self.demo()
            self.keyring()
            self.accessibility()
        with self._weston():
            self.wayland()
        shutil.rmtree(runtime)

    def picture(self) -> None:
        """Let the window walk through the sandbox on X11 and save its picture."""
        picture = f"{HOME}/window.png"
        self.bare.as_user("ibconsole-gui", "--screenshot", picture, environment=_X11)
        self._keep(picture, "screenshot.png")
        output = json.loads(self.bare.as_user("ibconsole", "--examine-window", environment=_X11))
        require(output["platform"] == "xcb", f"The window opened on {output['platform']}.")
        require(output["fonts"] > 0, "The system has no font for the window.")
        report_ok(f"the window by the xcb plugin, Qt {output['qt']}: build/pictures/screenshot.png")

    def demo(self) -> None:
        """Start `ibconsole --demo`, find its window on the display, and end it by SIGTERM."""
        with self._demo(_X11):
            wait_until(
                lambda: "ibconsole" in (self._on_display("xwininfo", "-root", "-tree") or ""),
                "No window appeared.",
            )
            time.sleep(3)  # let it paint: from outside this cannot be observed
            _take_screenshot(self.pictures / "display.png")
        report_ok(
            "ibconsole-gui --demo on X11, ended by SIGTERM with 0: build/pictures/display.png"
        )

    def keyring(self) -> None:
        """Store a secret in the keyring of a private session, and read it in another process."""
        output = self._in_session("sh", "-c", _UNLOCK_SCRIPT, "sh", "ibconsole", "doctor", "--json")
        doctor = json.loads(output[output.index("{") : output.rindex("}") + 1])
        require(doctor["healthy"], f"doctor: {doctor}")
        for finding in doctor["findings"]:
            report_ok(f"doctor: {finding['name']}: {finding['sentence']}")
        with self.bare.first_line_json("ibconsole", "simulate", "--messages", "20") as platform:
            key = platform["api_key"]
            script = (
                f"printf '%s\\n' '{key}' |"
                f" ibconsole connections add Trial --base-url {platform['base_url']};"
                " ibconsole apps list --connection Trial --json"
            )
            output = self._in_session("sh", "-c", _UNLOCK_SCRIPT, "sh", "sh", "-ec", script)
        require("Bora Bank" in output, f"With the key from the keyring: {output}")
        require(key not in self._all_text(), "The key is in a file of the user.")
        report_ok("keyring: the Secret Service kept a key for another process; no file has it")

    def accessibility(self) -> None:
        """Find the window on the accessibility bus, and ibus as its input method."""
        output = self._in_session("bash", "-c", _ACCESSIBILITY_SCRIPT)
        require("'ibconsole'" in output, f"On the accessibility bus: {output}")
        require(
            "<1>" in output, f"The application has no window on the accessibility bus: {output}"
        )
        require("libibusplatforminputcontextplugin" in output, f"Input methods: {output}")
        report_ok("the window is on the accessibility bus, and its input method is ibus")

    def wayland(self) -> None:
        """Open the window on a Wayland compositor without naming the platform."""
        output = json.loads(
            self.bare.as_user("ibconsole", "--examine-window", environment=_WAYLAND)
        )
        require(output["platform"] == "wayland", f"The window opened on {output['platform']}.")
        with self._demo(_WAYLAND):
            time.sleep(6)  # it has to open and paint: headless weston reports neither
            taken = f"cd {HOME} && rm -f wayland-*.png && weston-screenshooter"
            self.bare.as_user(
                "sh", "-c", f"{taken} && mv wayland-*.png wayland.png", environment=_WAYLAND
            )
            self._keep(f"{HOME}/wayland.png", "wayland.png")
        report_ok("ibconsole-gui --demo on Wayland (weston): build/pictures/wayland.png")

    @contextmanager
    def _x11(self) -> Iterator[None]:
        """Provide a display that programs inside and outside can reach."""
        options = ("-screen", "0", "1400x900x24", "-noreset", "-nolisten", "tcp", "-ac")
        shown = self.bare.start("Xvfb", DISPLAY, *options, user="root")
        try:
            wait_until(lambda: self._on_display("xdpyinfo") is not None, "Xvfb did not start.")
            yield
        finally:
            shown.terminate()
            shown.wait()

    @contextmanager
    def _weston(self) -> Iterator[None]:
        """Provide a compositor without a screen; --debug allows screenshots."""
        options = ("--use-pixman", *_SIZE, "--debug", "--idle-time=0", "--log=/dev/null")
        command = ("weston", "--backend=headless-backend.so", f"--socket={_SOCKET}", *options)
        shown = self.bare.start(*command, environment={"XDG_RUNTIME_DIR": _RUNTIME})
        try:
            wait_until(self.bare.path(f"{_RUNTIME}/{_SOCKET}").exists, "Weston did not start.")
            yield
        finally:
            shown.terminate()
            shown.wait()

    @contextmanager
    def _demo(self, environment: dict[str, str]) -> Iterator[None]:
        started = self.bare.start("ibconsole-gui", "--demo", environment=environment)
        try:
            yield
        finally:
            os.killpg(started.pid, signal.SIGTERM)
            code = started.wait(30)
        require(code == 0, f"The demo ended with {code}.")

    def _on_display(self, program: str, *arguments: str) -> str | None:
        try:
            return self.bare.as_user(program, *arguments, environment={"DISPLAY": DISPLAY})
        except TrialFailed:
            return None

    def _in_session(self, *command: str) -> str:
        """Run a command in a D-Bus session of its own."""
        environment = {**_X11, "XDG_RUNTIME_DIR": _RUNTIME}
        return self.bare.run("dbus-run-session", "--", *command, user=USER, environment=environment)

    def _all_text(self) -> str:
        found = self.bare.path(HOME).rglob("*")
        return "".join(path.read_bytes().decode("latin-1") for path in found if path.is_file())

    def _keep(self, picture: str, name: str) -> None:
        taken = self.bare.path(picture)
        shutil.copyfile(taken, self.pictures / name)
        taken.unlink()
        size = (self.pictures / name).stat().st_size
        require(size > 50_000, f"{name} has {size} bytes: it is empty.")


def _take_screenshot(target: Path) -> None:
    """Save a picture of the whole display, taken from outside by Qt."""
    program = (
        "import sys; from PySide6.QtGui import QGuiApplication;"
        "app = QGuiApplication([]);"
        "sys.exit(not app.primaryScreen().grabWindow(0).save(sys.argv[1]))"
    )
    environment = {**os.environ, **_X11}
    subprocess.run([sys.executable, "-c", program, str(target)], env=environment, check=True)
