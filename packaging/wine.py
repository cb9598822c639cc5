"""The installer for Windows: compiled around a payload of dummies, and lived through under Wine.

Wine is no Windows: rights, dialogs and the program itself are not tried here. What the script
does with folders, the registry and the start menu is.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import build
from bare import require, seen, wait_until
from release import ROOT, Release

_FOLDER = ROOT / "build" / "windows"
_OURS = "AppData/Local/Programs/ibconsole"  # below the user's home
_UNINSTALLS = r"Software\Microsoft\Windows\CurrentVersion\Uninstall\ibconsole"
# The installer itself is for 32 bits, which Debian's Wine alone does not run.
_FOR_WINE = "-XTarget amd64-unicode"


def try_installer(release: Release) -> None:
    """Compile it, warnings being errors, and go through its life. Raises Failed."""
    shutil.rmtree(_FOLDER, ignore_errors=True)
    payload = _FOLDER / "ibconsole"
    for name in ("ibconsole.exe", "ibconsole-gui.exe", "_internal/new.dll", "licences/LICENSE"):
        (payload / name).parent.mkdir(parents=True, exist_ok=True)
        (payload / name).write_bytes(b"MZ")
    _compile(release, payload, _FOLDER / "for-windows.exe")
    seen("makensis: no objection")
    with _wine() as installed:
        setup = installed.drive / "ibconsole-setup.exe"
        _compile(release, payload, setup, _FOR_WINE)
        installed.live()
    seen("the installer under Wine: for one and for all, /D, upgrade, running, uninstalled")


def _compile(release: Release, payload: Path, installer: Path, *options: str) -> None:
    definitions = build.nsis_definitions(release, payload, installer)
    command = ["makensis", *definitions, *options, str(build.nsis_script())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    require(not done.returncode, f"makensis objects:\n{done.stdout}{done.stderr}")
    require(installer.read_bytes().startswith(b"MZ"), "makensis wrote no program.")


class _Wine:
    """A Windows of Wine's, new, with a home and a drive of its own."""

    def __init__(self, prefix: Path) -> None:
        self.drive = prefix / "drive_c"
        self.environment = {
            "HOME": str(prefix.parent),
            "PATH": os.environ["PATH"],
            "USER": "engineer",
            "WINEPREFIX": str(prefix),
            "WINEDEBUG": "-all",
            # No .NET and no browser, which it would look for on the network; no menus of ours.
            "WINEDLLOVERRIDES": "mscoree,mshtml=;winemenubuilder.exe=d",
        }

    def live(self) -> None:
        """Every way to come, to stay and to go."""
        user = next((self.drive / "users").glob(f"*/{_OURS.partition('/')[0]}")).parent
        everybody, chosen = self.drive / "Program Files/ibconsole", self.drive / "Chosen"
        self.setup("/AllUsers")
        self._require_installed(everybody, "HKLM", self.drive / "ProgramData")
        self.setup("/CurrentUser", r"/D=C:\Chosen")
        self._require_installed(chosen, "HKCU", user / "AppData/Roaming")
        require(not (user / _OURS).exists(), "/D was forgotten.")

        (chosen / "_internal/old.dll").touch()
        self.setup("/CurrentUser")
        require(not (chosen / "_internal/old.dll").exists(), "An old file stayed.")
        require((chosen / "_internal/new.dll").exists(), "The upgrade went somewhere else.")

        self._while_running(chosen)
        self._beside_others()

        self.uninstall(everybody)
        require(not everybody.exists(), "The uninstaller left files.")
        self._require_installed(chosen, "HKCU", user / "AppData/Roaming")
        (chosen / "notes.txt").write_text("the user's own", encoding="ascii")
        self.uninstall(chosen)
        left = [path.name for path in chosen.rglob("*")]
        require(left == ["notes.txt"], f"After the uninstaller there is: {left}")
        require(not list(self.drive.rglob("*.lnk")), "The start menu still offers it.")
        for root in ("HKLM", "HKCU"):
            require(self._query(root, _UNINSTALLS) is None, f"{root} still lists it.")

    def setup(self, *arguments: str, code: int = 0) -> None:
        """Run the installer silently."""
        self._require_code(code, r"C:\ibconsole-setup.exe", "/S", *arguments)

    def uninstall(self, folder: Path) -> None:
        """Run an uninstaller silently; it goes on from elsewhere, to remove itself, too."""
        self._require_code(0, self._name(folder / "Uninstall.exe"), "/S")
        wait_until(lambda: not (folder / "Uninstall.exe").exists(), "The uninstaller stayed.")
        subprocess.run(["wineserver", "--wait"], env=self.environment, check=True, timeout=60)

    def run(self, *command: str) -> tuple[int, str]:
        """A program of Windows, to its end: its exit code, and what it said."""
        # Into a file: Wine's services hold a pipe open for as long as anything runs.
        with TemporaryFile() as said:
            done = subprocess.run(
                ["wine", *command],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.DEVNULL,
                check=False,
                timeout=120,
            )
            said.seek(0)
            return done.returncode, said.read().decode()

    def _while_running(self, folder: Path) -> None:
        """A program that is running is neither replaced nor removed."""
        program = folder / "ibconsole-gui.exe"
        shutil.copyfile(self.drive / "windows/system32/cmd.exe", program)
        running = subprocess.Popen(
            ["wine", str(program)],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert running.stdin and running.stdout  # noqa: S101, PT018 they were asked for
        running.stdout.read(1)
        before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
        self.setup("/CurrentUser", code=3)
        # In its place, so that it is waited for: its folder has no space, as that takes no quotes.
        self._require_code(3, self._name(folder / "Uninstall.exe"), "/S", r"_?=C:\Chosen")
        after = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
        require(before == after, "A running program was changed.")
        running.stdin.close()
        running.wait(30)

    def _beside_others(self) -> None:
        """A folder with something else in it is left alone."""
        mine = self.drive / "Others" / "licences" / "mine.txt"
        mine.parent.mkdir(parents=True)
        mine.write_text("the user's own", encoding="ascii")
        self.setup("/CurrentUser", r"/D=C:\Others", code=5)
        require([path.name for path in mine.parent.parent.rglob("*.*")] == ["mine.txt"], "Changed.")

    def _require_installed(self, folder: Path, root: str, menu: Path) -> None:
        for name in ("ibconsole.exe", "ibconsole-gui.exe", "Uninstall.exe", "_internal/new.dll"):
            require((folder / name).exists(), f"{name} is not in {folder}.")
        told = self._query(root, _UNINSTALLS) or ""
        require(f'"{self._name(folder / "Uninstall.exe")}" /S' in told, f"{root} says: {told}")
        links = menu / "Microsoft/Windows/Start Menu/Programs/ibconsole"
        found = {path.stem for path in links.glob("*.lnk")}
        require(found == {"ibconsole", "Try the sandbox"}, f"The start menu has: {found}")

    def _require_code(self, code: int, *command: str) -> None:
        ended, _ = self.run(*command)
        require(ended == code, f"{' '.join(command)} ended with {ended}.")

    def _query(self, root: str, key: str) -> str | None:
        code, told = self.run("reg", "query", f"{root}\\{key}")
        return None if code else told

    def _name(self, path: Path) -> str:
        """A file as Windows names it."""
        return "C:\\" + str(path.relative_to(self.drive)).replace("/", "\\")


@contextmanager
def _wine() -> Iterator[_Wine]:
    wine = _Wine(_FOLDER / "prefix")
    wine.drive.parent.mkdir()
    require(wine.run("wineboot", "--init")[0] == 0, "Wine did not start.")
    try:
        yield wine
    finally:
        subprocess.run(["wineserver", "--kill"], env=wine.environment, check=False)
