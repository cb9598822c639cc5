"""Builds .deb and .rpm from a staged folder, with nfpm. Runs on any Linux distribution."""

import json
import platform
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dependencies
from elf import Needs
from release import ROOT, Release

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
COLLECTOR = "ibconsole-collector"
_COLLECTOR_DESCRIPTION = """\
collector of a team's inbound messages of Infobip mobile push
A service that receives forwards and pulls for any number of accounts, stores
what arrives on its own disk first, and shares it with the archive of a team in
PostgreSQL. It needs no desktop. The same program prepares and examines that
archive.
"""
_DESCRIPTION = """\
console for the inbound setup of Infobip mobile push
For support engineers who look after the inbound setup of Infobip mobile push:
applications, their configuration, and its actions. It shows where a customer's
inbound messages go, changes that safely, takes messages without losing one,
receives forwards on this computer, and tests forward URLs.
"""


def deb(release: Release, root: Path, needs: Needs, bundled: frozenset[str], folder: Path) -> Path:
    """Build a Debian package of everything below `root`."""
    settings = _settings(release, root) | {
        "section": "net",
        "depends": dependencies.deb_depends(needs, bundled),
        "recommends": list(dependencies.DEB_RECOMMENDED),
        "suggests": list(dependencies.DEB_SUGGESTED),
        "deb": {"compression": "xz"},
    }
    return _write("deb", "deb", settings, folder)


def rpm(release: Release, root: Path, needs: Needs, bundled: frozenset[str], folder: Path) -> Path:
    """Build an RPM package of everything below `root`."""
    settings = _settings(release, root) | {
        "contents": [_everything(root), _zsh_for_fedora(root)],
        "release": "1",
        "depends": dependencies.rpm_requires(needs, bundled),
        "recommends": list(dependencies.RPM_RECOMMENDED),
        "rpm": {
            "group": "Applications/Internet",
            "summary": release.summary,
            "compression": "xz",
        },
    }
    return _write("rpm", "rpm", settings, folder)


def collector_deb(
    release: Release, root: Path, needs: Needs, bundled: frozenset[str], folder: Path
) -> Path:
    """Build the Debian package of the collector, for servers: without Qt, Python or scripts."""
    settings = _settings(release, root) | {
        "name": COLLECTOR,
        "section": "net",
        "description": _COLLECTOR_DESCRIPTION,
        "contents": [
            _everything(root),
            {"dst": f"/etc/{COLLECTOR}", "type": "dir", "file_info": {"mode": 0o755}},
            {"dst": f"/etc/{COLLECTOR}/secrets", "type": "dir", "file_info": {"mode": 0o700}},
        ],
        "depends": dependencies.collector_depends(needs, bundled),
        "suggests": ["postgresql"],
        "deb": {"compression": "xz"},
    }
    return _write(f"{COLLECTOR}-deb", "deb", settings, folder)


def _settings(release: Release, root: Path) -> dict[str, Any]:
    return {
        "name": release.name,
        "arch": _ARCHITECTURES[platform.machine()],
        "platform": "linux",
        "version": release.version,
        "version_schema": "semver",
        "maintainer": release.maintainer,
        "vendor": release.authors,
        "license": release.licence,
        "description": _DESCRIPTION,
        "mtime": f"{release.date.isoformat()}T00:00:00Z",
        "umask": 0o022,
        "contents": [_everything(root)],
    }


def _everything(root: Path) -> dict[str, str]:
    return {"src": str(root / "usr"), "dst": "/usr", "type": "tree"}


def _zsh_for_fedora(root: Path) -> dict[str, str]:
    """Map the zsh completion to the folder that Fedora reads; Debian reads another."""
    script = root / "usr/share/zsh/vendor-completions/_ibconsole"
    return {"src": str(script), "dst": "/usr/share/zsh/site-functions/_ibconsole"}


def _write(name: str, kind: str, settings: Mapping[str, Any], folder: Path) -> Path:
    described = ROOT / "build" / f"nfpm-{name}.yaml"
    described.write_text(json.dumps(settings, indent=2), encoding="utf-8")  # JSON is YAML
    before = set(folder.iterdir())
    nfpm = Path(sys.executable).parent / "nfpm"
    command = [str(nfpm), "package", "--packager", kind, "--config", str(described)]
    done = subprocess.run(
        [*command, "--target", str(folder)], check=False, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"nfpm could not make the .{kind}: {done.stdout}{done.stderr}")
    (made,) = set(folder.iterdir()) - before
    return made
