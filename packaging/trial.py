"""`make package-test`: installs what `make package` built in a bare Debian, and uses it there.

    .venv-package/bin/python packaging/trial.py [--suite bookworm] [--keep]

Needs root. Prints a line for each observation; the first failure ends it. Pictures are left in
build/pictures.
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
from bare import (
    HOME,
    USER,
    Bare,
    TrialFailed,
    bare_system,
    report_ok,
    require,
    run_isolated,
    wait_until,
)
from collector_trial import CollectorTrial
from linux_packages import COLLECTOR
from release import Release, read_release
from trusted import server

BUILD = ROOT / "build"
DIST = ROOT / "dist"
PICTURES = BUILD / "pictures"
# Tools of the trial itself; the package depends on none of them.
_TOOLS = (*desktops.PACKAGES, "zsh", "fish", "curl", "rpm")
_APT_INSTALL = ("apt-get", "install", "--yes", "-qq", "--no-install-recommends")
# Package managers' records, and what the tools of the trial write.
_IGNORED_PATHS = re.compile(
    r"^/(var/(lib/(apt|dpkg|rpm)|cache|log)|etc/(ld\.so\.cache|ssl)|root)\b"
)

# Folders that every Fedora and openSUSE has; packages put files there without owning them.
_OF_RPM_SYSTEMS = frozenset({"/usr/share/metainfo", "/usr/share/zsh/site-functions"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", default="bookworm", help="the Debian to try it in")
    parser.add_argument("--keep", action="store_true", help="leave the system in build/trial")
    arguments = parser.parse_args()
    run_isolated()
    release = read_release()
    deb = _made(f"{release.name}_{release.version}_*.deb")
    collector = _made(f"{COLLECTOR}_{release.version}_*.deb")
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    checks.check_all(deb, collector)
    wine.try_installer(release)
    with bare_system(BUILD, arguments.suite) as bare:
        Trial(bare, release, deb).run()
        CollectorTrial(bare, release, collector).run()
    if not arguments.keep:
        shutil.rmtree(BUILD / "trial", ignore_errors=True)
    report_ok(f"all of it, on {arguments.suite}")


class Trial:
    """Tests a package on one system, from its installation to its removal."""

    def __init__(self, bare: Bare, release: Release, deb: Path) -> None:
        self.bare = bare
        self.release = release
        self.deb = deb

    def run(self) -> None:
        """Run every step, in the order of a user."""
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
        """Install an older version of the package, with a file that this one no longer has."""
        self._require_no_python("The bare system has Python: the trial would prove nothing.")
        root = BUILD / "older"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(BUILD / "root", root, symlinks=True)
        (root / "usr/lib/ibconsole/gone-since").write_text("a file of an older version\n")
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
        report_ok(
            f"installed without Python or Qt: {len(brought)} files more, dependencies included"
        )
        self.bare.run("ibconsole", "archive", "verify", user=USER, expected_codes=(0, 1))
        self.bare.as_user("ibconsole", "messages", "retention", "--keep-days", "90", "--yes")
        shutil.rmtree(root)

    def upgrade(self) -> None:
        """Upgrade to this version; users' files stay unchanged, obsolete files are removed."""
        home = {path: self._bytes(path) for path in self._home()}
        self.bare.run(*_APT_INSTALL, *_TOOLS)
        self.before = self._files() - self._package_files()
        self._install(self.deb)
        kept = {path: self._bytes(path) for path in self._home()}
        require(home and home == kept, "The upgrade changed a user's files.")
        require(
            not self.bare.path("usr/lib/ibconsole/gone-since").exists(),
            "The upgrade left a file of the older version.",
        )
        report_ok(f"upgraded from 0.0.9: {len(home)} files of the user unchanged, no old file left")

    def upgrade_below(self) -> None:
        """Replace the package under a running listener, which goes on without a loss."""
        listening = self.bare.first_line_json("ibconsole", "listen", "--port", "8484", "--json")
        with listening as listener:
            self._forward(listener["url"], "before")
            self._install(self.deb, "--reinstall")
            self._forward(listener["url"], "after")
        stored = "".join(self._stored())
        require("before" in stored and "after" in stored, f"Stored is: {stored}")
        report_ok("a listener goes on while the package is replaced, and ends with 0")

    def versions(self) -> None:
        """Ask both programs for their version."""
        for program in ("ibconsole", "ibconsole-gui"):
            output = self.bare.as_user(program, "--version")
            require(self.release.version in output, f"{program} says: {output}")
        report_ok(f"ibconsole --version and ibconsole-gui --version: {self.release.version}")

    def completions(self) -> None:
        """Load the completion in each shell, and complete a command in bash and fish."""
        arguments = (
            "source /usr/share/bash-completion/completions/ibconsole;"
            "COMP_WORDS=(ibconsole pu); COMP_CWORD=1; _ibconsole_completion ibconsole pu;"
            'echo "${COMPREPLY[@]}"'
        )
        output = self.bare.as_user("bash", "-c", arguments)
        require("pull" in output.split(), f"bash completes: {output}")
        self.bare.as_user("zsh", "-n", "/usr/share/zsh/vendor-completions/_ibconsole")
        fish = "/usr/share/fish/vendor_completions.d/ibconsole.fish"
        output = self.bare.as_user("fish", "-c", f"source {fish}; complete -C 'ibconsole pu'")
        require("pull" in output, f"fish completes: {output}")
        report_ok("completion: bash and fish complete commands, zsh reads its file")

    def pull_and_forward(self) -> None:
        """Pull messages and receive forwards from the simulated platform into one archive."""
        before = len(self._stored())
        simulate = self.bare.first_line_json("ibconsole", "simulate", "--messages", "20")
        listen = self.bare.first_line_json("ibconsole", "listen", "--port", "8484", "--json")
        with simulate as platform, listen as listener:
            address = platform["base_url"]
            account = {"IBCONSOLE_API_KEY": platform["api_key"]}

            def arguments(*command: str) -> Any:
                return json.loads(
                    self.bare.as_user(
                        *command, "--base-url", address, "--json", environment=account
                    )
                )

            pull = ("ibconsole", "pull", "--limit", "5", "--yes", "--base-url", address)
            pulled = self.bare.as_user(*pull, environment=account)
            count = before + 5
            require(len(self._stored()) == count, pulled)
            code = arguments("ibconsole", "apps", "list")[0]["applicationCode"]
            key = arguments("ibconsole", "configs", "list", code)[0]["key"]
            forwarding = ("--forward-url", listener["url"])
            arguments("ibconsole", "actions", "create", code, key, *forwarding)
            arriving = ["-sS", "-d", '{"count": 30}', f"{address}/_simulator/messages"]
            self.bare.as_user("curl", *arriving)
            wait_until(lambda: len(self._stored()) > count, "No forward was stored.")
            forwarded = len(self._stored()) - count
        verified = self.bare.as_user("ibconsole", "archive", "verify")
        require("undamaged" in verified, verified)
        report_ok(
            f"5 messages pulled, {forwarded} or more forwarded by the platform; archive verified"
        )

    def _stored(self) -> list[str]:
        return self.bare.as_user("ibconsole", "messages", "list", "--json").splitlines()

    def certificates(self) -> None:
        """Check that a certificate authority is trusted only while it is in the system's store."""
        with server() as (port, authority):
            url = f"https://localhost:{port}/inbound"
            refused = self.bare.as_user("ibconsole", "forward-test", url, expected_codes=(0, 1))
            require("200" not in refused.split(), refused)
            place = self.bare.path("usr/local/share/ca-certificates/trial.crt")
            place.write_bytes(authority)
            self.bare.run("update-ca-certificates")
            trusted = self.bare.as_user("ibconsole", "forward-test", url, expected_codes=(0, 1))
            require("200" in trusted, trusted)
            place.unlink()
            self.bare.run("update-ca-certificates", "--fresh")
        report_ok(
            "certificates: an authority is trusted once it is in the system's store, not before"
        )

    def failures(self) -> None:
        """Check that a window that cannot open leaves the reason in a file."""
        broken = {"DISPLAY": ":99", "QT_QPA_PLATFORM": "xcb"}
        self.bare.as_user("ibconsole-gui", expected_codes=(134, -6, 1), environment=broken)
        logs = self.bare.path(f"{HOME}/.local/state/ibconsole/log")
        output = "".join(path.read_text() for path in logs.glob("*-crash.log"))
        require("platform plugin" in output, f"The crash file says: {output}")
        report_ok("a window that cannot open leaves its reason in the log's folder")

    def portable(self) -> None:
        """Unpack the .tar.xz as its user and run it."""
        archive = _made(f"{self.release.name}-*-linux-*.tar.xz")
        target = self.bare.path(f"{HOME}/portable")
        target.mkdir()
        subprocess.run(["tar", "-xJf", str(archive), "-C", str(target)], check=True)
        (folder,) = target.iterdir()
        program = f"{HOME}/portable/{folder.name}/ibconsole"
        self._require_runs(program, ".tar.xz")
        shutil.rmtree(target)

    def remove(self) -> None:
        """Remove and purge the package; only users' files stay."""
        home = self._home()
        self.bare.run("apt-get", "remove", "--yes", "-qq", "ibconsole")
        removed = self._files()
        self.bare.run("dpkg", "--purge", "ibconsole")
        require(removed == self._files(), "Purging did more than removing.")
        left = sorted(removed - self.before)
        require(not left, f"Left behind: {left}")
        require(home == self._home() and home, "Removing touched a user's files.")
        report_ok(f"removed and purged: no file left; {len(home)} files of the user kept:")
        for path in sorted(home):
            report_ok(f"    {path}")

    def rpm(self) -> None:
        """Install the .rpm by rpm, without dependencies, whose names Debian does not provide."""
        package = _made(f"{self.release.name}-*.rpm")
        place = self.bare.path("opt/ibconsole.rpm")
        before = self._files()
        shutil.copyfile(package, place)
        self.bare.run("rpm", "--install", "--nodeps", "/opt/ibconsole.rpm")
        place.unlink()
        self._require_runs("ibconsole", ".rpm")
        changed = self.bare.run("rpm", "--verify", "--nodeps", "ibconsole")
        require(not changed.strip(), f"Not as the .rpm has it: {changed}")
        self.bare.run("rpm", "--erase", "ibconsole")
        left = sorted(self._files() - before - _OF_RPM_SYSTEMS)
        require(not left, f"The .rpm left behind: {left}")
        report_ok(".rpm installed, verified and erased by rpm: no file left")

    def _require_no_python(self, otherwise: str) -> None:
        require(not self.bare.run("sh", "-c", "command -v python3 || true").strip(), otherwise)

    def _forward(self, url: str, text: str) -> None:
        """Send a message to the listener in the platform's envelope."""
        body = json.dumps({"results": [{"messageId": text, "text": text}], "messageCount": 1})
        kind = "Content-Type: application/json"
        self.bare.as_user("curl", "--fail", "--silent", "--header", kind, "--data", body, url)

    def _install(self, deb: Path, *options: str) -> None:
        place = self.bare.path("tmp/ibconsole.deb")
        shutil.copyfile(deb, place)
        self.bare.run(*_APT_INSTALL, *options, "/tmp/ibconsole.deb")  # noqa: S108 in the bare system
        place.unlink()

    def _require_runs(self, program: str, what: str) -> None:
        output = self.bare.as_user(program, "--version")
        picture = f"{HOME}/picture.png"
        self.bare.as_user(
            program, "--screenshot", picture, environment={"QT_QPA_PLATFORM": "offscreen"}
        )
        size = self.bare.path(picture).stat().st_size
        require(size > 50_000, f"The picture has {size} bytes.")
        self.bare.path(picture).unlink()
        report_ok(f"{what} runs: {output.strip()}, and a picture")

    def _files(self) -> frozenset[str]:
        """List every path outside homes and caches."""
        script = "find / -xdev \\( -path /proc -o -path /dev -o -path /sys -o -path /run"
        script += " -o -path /tmp -o -path /home \\) -prune -o -print"
        listed = self.bare.run("sh", "-c", script).splitlines()
        return frozenset(path for path in listed if not _IGNORED_PATHS.match(path))

    def _package_files(self) -> frozenset[str]:
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
    except TrialFailed as failed:
        sys.exit(f"FAILED  {failed}")
