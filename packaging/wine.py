"""Tests of the installer for Windows: compiled around placeholder files and run under Wine.

They cover folders, the registry and the start menu. Permissions, dialogs and the program itself
need a real Windows.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import build
from bare import report_ok, require, wait_until
from release import ROOT, Release

_FOLDER = ROOT / "build" / "windows"
_PROGRAM_FOLDER = "AppData/Local/Programs/ibconsole"  # below the user's home
_LINKS = r"Software\Classes\ibconsole"
_UNINSTALLS = r"Software\Microsoft\Windows\CurrentVersion\Uninstall\ibconsole"
# The real installer is for 32 bits, which Debian's Wine does not run by itself.
_FOR_WINE = "-XTarget amd64-unicode"


def try_installer(release: Release) -> None:
    """Compile the installer with warnings as errors, and run its life cycle. Raises TrialFailed."""
    shutil.rmtree(_FOLDER, ignore_errors=True)
    payload = _FOLDER / "ibconsole"
    for name in ("ibconsole.exe", "ibconsole-gui.exe", "_internal/new.dll", "licences/LICENSE"):
        (payload / name).parent.mkdir(parents=True, exist_ok=True)
        (payload / name).write_bytes(b"MZ")
    _compile(release, payload, _FOLDER / "for-windows.exe")
    report_ok("makensis: no objection")
    with _wine() as installed:
        setup = installed.drive / "ibconsole-setup.exe"
        _compile(release, payload, setup, _FOR_WINE)
        installed.run_life_cycle()
    report_ok("the installer under Wine: for one and for all, /D, upgrade, running, uninstalled")


def _compile(release: Release, payload: Path, installer: Path, *options: str) -> None:
    definitions = build.nsis_definitions(release, payload, installer)
    command = ["makensis", *definitions, *options, str(build.nsis_script())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    require(not done.returncode, f"makensis objects:\n{done.stdout}{done.stderr}")
    require(installer.read_bytes().startswith(b"MZ"), "makensis wrote no program.")


class _Wine:
    """Runs programs in a new Wine prefix, with a home and a drive of its own."""

    def __init__(self, prefix: Path) -> None:
        self.drive = prefix / "drive_c"
        self.environment = {
            "HOME": str(prefix.parent),
            "PATH": os.environ["PATH"],
            "USER": "engineer",
            "WINEPREFIX": str(prefix),
            "WINEDEBUG": "-all",
            # No .NET and no browser, which Wine would download; no entries in the host's menus.
            "WINEDLLOVERRIDES": "mscoree,mshtml=;winemenubuilder.exe=d",
        }

    def run_life_cycle(self) -> None:
        """Install in every way, upgrade, refuse while running, and uninstall."""
        user = next((self.drive / "users").glob(f"*/{_PROGRAM_FOLDER.partition('/')[0]}")).parent
        all_users, chosen = self.drive / "Program Files/ibconsole", self.drive / "Chosen"
        self.setup("/AllUsers")
        self._require_installed(all_users, "HKLM", self.drive / "ProgramData")
        self.setup("/CurrentUser", r"/D=C:\Chosen")
        self._require_installed(chosen, "HKCU", user / "AppData/Roaming")
        require(not (user / _PROGRAM_FOLDER).exists(), "/D was ignored.")

        (chosen / "_internal/old.dll").touch()
        self.setup("/CurrentUser")
        require(not (chosen / "_internal/old.dll").exists(), "An obsolete file was left.")
        require((chosen / "_internal/new.dll").exists(), "The upgrade went somewhere else.")

        self._while_running(chosen)
        self._among_other_files()

        self.uninstall(all_users)
        require(not all_users.exists(), "The uninstaller left files.")
        self._require_installed(chosen, "HKCU", user / "AppData/Roaming")
        (chosen / "notes.txt").write_text("the user's own", encoding="ascii")
        self.uninstall(chosen)
        left = [path.name for path in chosen.rglob("*")]
        require(left == ["notes.txt"], f"After the uninstaller there is: {left}")
        require(not list(self.drive.rglob("*.lnk")), "The start menu still offers it.")
        for root in ("HKLM", "HKCU"):
            for key in (_UNINSTALLS, _LINKS):
                require(self._query(root, key) is None, f"{root} still has {key}.")

    def setup(self, *arguments: str, code: int = 0) -> None:
        """Run the installer silently."""
        self._require_code(code, r"C:\ibconsole-setup.exe", "/S", *arguments)

    def uninstall(self, folder: Path) -> None:
        """Run an uninstaller silently; it continues from a copy, to remove itself, too."""
        self._require_code(0, self._name(folder / "Uninstall.exe"), "/S")
        wait_until(lambda: not (folder / "Uninstall.exe").exists(), "The uninstaller was left.")
        subprocess.run(["wineserver", "--wait"], env=self.environment, check=True, timeout=60)

    def run(self, *command: str) -> tuple[int, str]:
        """Run a Windows program to its end; return its exit code and output."""
        # Into a file: Wine's services keep a pipe open for as long as anything runs.
        with TemporaryFile() as output:
            done = subprocess.run(
                ["wine", *command],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                check=False,
                timeout=120,
            )
            output.seek(0)
            return done.returncode, output.read().decode()

    def _while_running(self, folder: Path) -> None:
        """Check that a running program is neither replaced nor removed."""
        program = folder / "ibconsole-gui.exe"
        shutil.copyfile(self.drive / "windows/system32/cmd.exe", program)
        running = subprocess.Popen(
            ["wine", str(program)],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert running.stdin and running.stdout  # noqa: S101, PT018 pipes were requested
        running.stdout.read(1)
        before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
        self.setup("/CurrentUser", code=3)
        # With _?= it runs in place, so that it can be awaited. It takes no quotes, so the folder
        # has no space.
        self._require_code(3, self._name(folder / "Uninstall.exe"), "/S", r"_?=C:\Chosen")
        after = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
        require(before == after, "A running program was changed.")
        running.stdin.close()
        running.wait(30)

    def _among_other_files(self) -> None:
        """Check that a folder with other files in it is left alone."""
        mine = self.drive / "Others" / "licences" / "mine.txt"
        mine.parent.mkdir(parents=True)
        mine.write_text("the user's own", encoding="ascii")
        self.setup("/CurrentUser", r"/D=C:\Others", code=5)
        require([path.name for path in mine.parent.parent.rglob("*.*")] == ["mine.txt"], "Changed.")

    def _require_installed(self, folder: Path, root: str, menu: Path) -> None:
        for name in ("ibconsole.exe", "ibconsole-gui.exe", "Uninstall.exe", "_internal/new.dll"):
            require((folder / name).exists(), f"{name} is not in {folder}.")
        output = self._query(root, _UNINSTALLS) or ""
        require(f'"{self._name(folder / "Uninstall.exe")}" /S' in output, f"{root} says: {output}")
        command = f'"{self._name(folder / "ibconsole-gui.exe")}" "%1"'
        output = self._query(root, rf"{_LINKS}\shell\open\command") or ""
        require(command in output, f"Links are opened by: {output}")
        links = menu / "Microsoft/Windows/Start Menu/Programs/ibconsole"
        found = {path.stem for path in links.glob("*.lnk")}
        require(found == {"ibconsole", "Try the sandbox"}, f"The start menu has: {found}")

    def _require_code(self, code: int, *command: str) -> None:
        ended, _ = self.run(*command)
        require(ended == code, f"{' '.join(command)} ended with {ended}.")

    def _query(self, root: str, key: str) -> str | None:
        code, output = self.run("reg", "query", f"{root}\\{key}")
        return None if code else output

    def _name(self, path: Path) -> str:
        """Return the Windows path of a file."""
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
