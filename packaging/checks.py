"""Static checks of packages, scripts and the workflow, for all three systems."""

import gzip
import plistlib
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from release import IDENTIFIER, ROOT

_SCRIPTS = ROOT / "packaging"
_WORKFLOWS = ROOT / ".github" / "workflows"


def check_all(*debs: Path) -> None:
    """Run every checker; exit with its output at the first that objects."""
    share = ROOT / "build/root/usr/share"
    metainfo = share / f"metainfo/{IDENTIFIER}.metainfo.xml"
    # Every exception of lintian has its reason in a file lintian-overrides.
    _run_checker("lintian", "--fail-on", "error,warning", *map(str, debs))
    _run_checker("desktop-file-validate", str(share / "applications/ibconsole.desktop"))
    _check_metainfo(metainfo)
    _check_manual(share / "man/man1/ibconsole.1.gz")
    _run_checker("shellcheck", *map(str, sorted(_SCRIPTS.rglob("*.sh"))))
    plistlib.loads((_SCRIPTS / "macos/entitlements.plist").read_bytes())
    _check_workflows()


# The picture is a file of the package, so that nothing is fetched to show it; AppStream expects
# a web address, and the project has none.
_METAINFO_EXCEPTIONS = {"web-url-expected"}


def _check_metainfo(path: Path) -> None:
    """Accept only the objections explained above: appstreamcli has no list of exceptions."""
    done = subprocess.run(
        ["appstreamcli", "validate", "--no-net", "--pedantic", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    found = set(re.findall(r"(?m)^[EW]: \S+ ([\w-]+)", done.stdout))
    if found != _METAINFO_EXCEPTIONS:
        sys.exit(f"appstreamcli objects:\n{done.stdout}")
    _say(f"appstreamcli: only {', '.join(found)}, which is explained in packaging/checks.py")


def _check_manual(page: Path) -> None:
    text = gzip.decompress(page.read_bytes())
    done = subprocess.run(
        ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", "-"],
        input=text,
        capture_output=True,
        check=False,
        env={"LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80", "PATH": "/usr/bin:/bin"},
    )
    if done.returncode or done.stderr:
        sys.exit(f"The manual page: {done.stderr.decode()}")
    _say("man: no warning")


def _check_workflows() -> None:
    """Validate against the schema that check-jsonschema ships."""
    program = Path(sys.executable).parent / "check-jsonschema"
    _run_checker(
        str(program),
        "--builtin-schema",
        "vendor.github-workflows",
        *map(str, sorted(_WORKFLOWS.glob("*.yml"))),
    )


def _run_checker(*command: str, environment: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=environment,
    )
    if done.returncode:
        sys.exit(f"{Path(command[0]).name} objects:\n{done.stdout}")
    _say(f"{Path(command[0]).name}: no objection")


def _say(what: str) -> None:
    sys.stdout.write(f"ok  {what}\n")
    sys.stdout.flush()
