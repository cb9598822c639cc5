"""`make package-test`: installs what `make package` made in a bare Debian, and uses it there.

    .venv-package/bin/python packaging/trial.py [--suite bookworm] [--keep]

Needs root. Says each thing that was seen to work on a line of its own; the first that does not
ends it. Pictures are left in build/pictures.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import checks
import desktops
import elf
import linux_packages
import wine
from bare import HOME, USER, Bare, Failed, bare_system, require, run_alone, seen, wait_until
from release import Release, read_release
from trusted import server

BUILD = ROOT / "build"
DIST = ROOT / "dist"
PICTURES = BUILD / "pictures"
# What the trial itself needs; none of it is what the package should have asked for.
_TOOLS = (*desktops.PACKAGES, "zsh", "fish", "curl", "rpm")
_APT_INSTALL = ("apt-get", "install", "--yes", "-qq", "--no-install-recommends")
# Package managers' own papers, and what the tools of the trial write.
_NOT_OURS = re.compile(r"^/(var/(lib/(apt|dpkg|rpm)|cache|log)|etc/(ld\.so\.cache|ssl)|root)\b")

# Folders that every Fedora and openSUSE has: packages put files in, but do not own them.
_OF_RPM_SYSTEMS = frozenset({"/usr/share/metainfo", "/usr/share/zsh/site-functions"})


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
    checks.check_all(deb)
    wine.try_installer(release)
    with bare_system(BUILD, asked.suite) as bare:
        Trial(bare, release, deb).run()
    if not asked.keep:
        shutil.rmtree(BUILD / "trial", ignore_errors=True)
    seen(f"all of it, on {asked.suite}")


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
        self.upgrade_below()
        self.completions()
        desktops.Desktops(self.bare, PICTURES).run()
        self.pull_and_forward()
        self.certificates()
        self.failures()
        self.portable()
        self.remove()
        self.rpm()

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
        self.bare.as_user("ibconsole", "messages", "retention", "--keep-days", "90", "--yes")
        shutil.rmtree(root)

    def upgrade(self) -> None:
        """This version over the older one keeps what users have, and nothing else."""
        home = {path: self._bytes(path) for path in self._home()}
        self.bare.run(*_APT_INSTALL, *_TOOLS)
        self.before = self._files() - self._of_package()
        self._install(self.deb)
        kept = {path: self._bytes(path) for path in self._home()}
        require(home and home == kept, "The upgrade changed a user's files.")
        require(
            not self.bare.path("usr/lib/ibconsole/gone-since").exists(),
            "The upgrade left a file of the older version.",
        )
        seen(f"upgraded from 0.0.9: {len(home)} files of the user unchanged, no old file left")

    def upgrade_below(self) -> None:
        """Who is listening while the package is replaced goes on, and nothing is lost."""
        listening = self.bare.announced("ibconsole", "listen", "--port", "8484", "--json")
        with listening as listener:
            self._forward(listener["url"], "before")
            self._install(self.deb, "--reinstall")
            self._forward(listener["url"], "after")
        stored = "".join(self._stored())
        require("before" in stored and "after" in stored, f"Stored is: {stored}")
        seen("a listener goes on while the package is replaced, and ends with 0")

    def versions(self) -> None:
        """Both programs say who they are; the terminal's never loads Qt."""
        for program in ("ibconsole", "ibconsole-gui"):
            told = self.bare.as_user(program, "--version")
            require(self.release.version in told, f"{program} says: {told}")
        seen(f"ibconsole --version and ibconsole-gui --version: {self.release.version}")

    def completions(self) -> None:
        """Each shell reads its file, and bash is told commands."""
        asked = (
            "source /usr/share/bash-completion/completions/ibconsole;"
            "COMP_WORDS=(ibconsole pu); COMP_CWORD=1; _ibconsole_completion ibconsole pu;"
            'echo "${COMPREPLY[@]}"'
        )
        told = self.bare.as_user("bash", "-c", asked)
        require("pull" in told.split(), f"bash completes: {told}")
        self.bare.as_user("zsh", "-n", "/usr/share/zsh/vendor-completions/_ibconsole")
        fish = "/usr/share/fish/vendor_completions.d/ibconsole.fish"
        told = self.bare.as_user("fish", "-c", f"source {fish}; complete -C 'ibconsole pu'")
        require("pull" in told, f"fish completes: {told}")
        seen("completion: bash and fish complete commands, zsh reads its file")

    def pull_and_forward(self) -> None:
        """Messages by both roads, from the simulated platform into one archive."""
        before = len(self._stored())
        simulate = self.bare.announced("ibconsole", "simulate", "--messages", "20")
        listen = self.bare.announced("ibconsole", "listen", "--port", "8484", "--json")
        with simulate as platform, listen as listener:
            address = platform["base_url"]
            account = {"IBCONSOLE_API_KEY": platform["api_key"]}

            def asked(*command: str) -> Any:
                return json.loads(
                    self.bare.as_user(
                        *command, "--base-url", address, "--json", environment=account
                    )
                )

            pull = ("ibconsole", "pull", "--limit", "5", "--yes", "--base-url", address)
            pulled = self.bare.as_user(*pull, environment=account)
            count = before + 5
            require(len(self._stored()) == count, pulled)
            code = asked("ibconsole", "apps", "list")[0]["applicationCode"]
            key = asked("ibconsole", "configs", "list", code)[0]["key"]
            forwarding = ("--forward-url", listener["url"])
            asked("ibconsole", "actions", "create", code, key, *forwarding)
            arriving = ["-sS", "-d", '{"count": 30}', f"{address}/_simulator/messages"]
            self.bare.as_user("curl", *arriving)
            wait_until(lambda: len(self._stored()) > count, "No forward was stored.")
            forwarded = len(self._stored()) - count
        verified = self.bare.as_user("ibconsole", "archive", "verify")
        require("undamaged" in verified, verified)
        seen(f"5 messages pulled, {forwarded} or more forwarded by the platform; archive verified")

    def _stored(self) -> list[str]:
        return self.bare.as_user("ibconsole", "messages", "list", "--json").splitlines()

    def certificates(self) -> None:
        """The system's store decides: an authority that it does not know is refused."""
        with server() as (port, authority):
            url = f"https://localhost:{port}/inbound"
            refused = self.bare.as_user("ibconsole", "forward-test", url, good=(0, 1))
            require("200" not in refused.split(), refused)
            place = self.bare.path("usr/local/share/ca-certificates/trial.crt")
            place.write_bytes(authority)
            self.bare.run("update-ca-certificates")
            trusted = self.bare.as_user("ibconsole", "forward-test", url, good=(0, 1))
            require("200" in trusted, trusted)
            place.unlink()
            self.bare.run("update-ca-certificates", "--fresh")
        seen("certificates: an authority is trusted once it is in the system's store, not before")

    def failures(self) -> None:
        """Where the window cannot open, the reason is in a file."""
        broken = {"DISPLAY": ":99", "QT_QPA_PLATFORM": "xcb"}
        self.bare.as_user("ibconsole-gui", good=(134, -6, 1), environment=broken)
        logs = self.bare.path(f"{HOME}/.local/state/ibconsole/log")
        told = "".join(path.read_text() for path in logs.glob("*-crash.log"))
        require("platform plugin" in told, f"The crash file says: {told}")
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

    def remove(self) -> None:
        """Removing and purging leave what users have, and nothing else."""
        home = self._home()
        self.bare.run("apt-get", "remove", "--yes", "-qq", "ibconsole")
        removed = self._files()
        self.bare.run("dpkg", "--purge", "ibconsole")
        require(removed == self._files(), "Purging did more than removing.")
        left = sorted(removed - self.before)
        require(not left, f"Left behind: {left}")
        require(home == self._home() and home, "Removing touched a user's files.")
        seen(f"removed and purged: no file left; {len(home)} files of the user kept:")
        for path in sorted(home):
            seen(f"    {path}")

    def rpm(self) -> None:
        """The .rpm, installed by rpm, which finds here none of the names that it depends on."""
        package = _made(f"{self.release.name}-*.rpm")
        place = self.bare.path("opt/ibconsole.rpm")
        before = self._files()
        shutil.copyfile(package, place)
        self.bare.run("rpm", "--install", "--nodeps", "/opt/ibconsole.rpm")
        place.unlink()
        self._runs("ibconsole", ".rpm")
        changed = self.bare.run("rpm", "--verify", "--nodeps", "ibconsole")
        require(not changed.strip(), f"Not as the .rpm has it: {changed}")
        self.bare.run("rpm", "--erase", "ibconsole")
        left = sorted(self._files() - before - _OF_RPM_SYSTEMS)
        require(not left, f"The .rpm left behind: {left}")
        seen(".rpm installed, verified and erased by rpm: no file left")

    def _require_no_python(self, otherwise: str) -> None:
        require(not self.bare.run("sh", "-c", "command -v python3 || true").strip(), otherwise)

    def _forward(self, url: str, text: str) -> None:
        """Send a message to the listener, as the platform would."""
        body = json.dumps({"results": [{"messageId": text, "text": text}], "messageCount": 1})
        kind = "Content-Type: application/json"
        self.bare.as_user("curl", "--fail", "--silent", "--header", kind, "--data", body, url)

    def _install(self, deb: Path, *options: str) -> None:
        place = self.bare.path("tmp/ibconsole.deb")
        shutil.copyfile(deb, place)
        self.bare.run(*_APT_INSTALL, *options, "/tmp/ibconsole.deb")  # noqa: S108 of the bare system
        place.unlink()

    def _runs(self, program: str, what: str) -> None:
        told = self.bare.as_user(program, "--version")
        picture = f"{HOME}/picture.png"
        self.bare.as_user(
            program, "--screenshot", picture, environment={"QT_QPA_PLATFORM": "offscreen"}
        )
        size = self.bare.path(picture).stat().st_size
        require(size > 50_000, f"The picture has {size} bytes.")
        self.bare.path(picture).unlink()
        seen(f"{what} runs: {told.strip()}, and a picture")

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
