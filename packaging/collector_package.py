"""Builds the collector's package for servers: a bundle without Qt, its unit, and a .deb of both."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from shutil import copyfile, copytree

import contents
import elf
import linux_packages
import staging
from linux_packages import COLLECTOR
from release import ROOT, Release

_FILES = ROOT / "packaging" / "collector"
_DOCUMENTS = ("docs/team.md", "docs/collector.md", "docs/collector.schema.json", "CHANGELOG.md")


def build(release: Release, build_folder: Path, dist: Path) -> Path:
    """Build the bundle below `build_folder`, and the package in `dist`."""
    release = replace(release, name=COLLECTOR)
    bundle = build_folder / "collector-bundle" / COLLECTOR
    options = ["--noconfirm", "--log-level", "ERROR", "--distpath", str(bundle.parent)]
    options += ["--workpath", str(build_folder / "collector-pyinstaller")]
    spec = _FILES / "collector.spec"
    command = [sys.executable, "-m", "PyInstaller", *options, str(spec)]
    subprocess.run(command, cwd=ROOT, check=True)
    files = list(elf.binaries(bundle))
    elf.strip([path for path in files if elf.may_be_stripped(path)])
    root = build_folder / "collector-root"
    stage(release, bundle, root)
    bundled = frozenset(path.name for path in files)
    return linux_packages.collector_deb(release, root, elf.needs(files), bundled, dist)


def stage(release: Release, bundle: Path, root: Path) -> None:
    """Fill `root`, which must not exist, with the package's files. The bundle is copied."""
    library = root / "usr/lib" / COLLECTOR
    copytree(bundle, library, symlinks=True)
    (root / "usr/bin").mkdir()
    (root / "usr/bin" / COLLECTOR).symlink_to(f"../lib/{COLLECTOR}/{COLLECTOR}")
    unit = f"{COLLECTOR}.service"
    staging.write(root / "usr/lib/systemd/system" / unit, staging.read(_FILES / unit))
    page = staging.read(_FILES / f"{COLLECTOR}.1")
    page = page.replace("@DATE@", release.date.isoformat()).replace("@VERSION@", release.version)
    staging.pack(root / f"usr/share/man/man1/{COLLECTOR}.1.gz", page.encode())
    _write_documents(release, bundle, root / "usr/share/doc" / COLLECTOR)
    overrides = root / "usr/share/lintian/overrides" / COLLECTOR
    staging.write(overrides, staging.read(_FILES / "lintian-overrides"))
    staging.normalize(release, root, [library / COLLECTOR])


def _write_documents(release: Release, bundle: Path, folder: Path) -> None:
    staging.write(folder / "copyright", staging.copyright_of(release, _FILES / "copyright"))
    staging.pack(folder / "changelog.gz", staging.changelog(release).encode())
    for name in _DOCUMENTS:
        source = ROOT / name
        staging.pack(folder / f"{source.name}.gz", source.read_bytes())
    example = folder / "examples" / "collector.yaml"
    staging.write(example, staging.read(_FILES / "collector.yaml"))
    copyfile(_FILES / "Containerfile", example.with_name("Containerfile"))
    parts = contents.parts(bundle)
    contents.write_licences(parts, folder / "licences")
    contents.write_bill(release, parts, folder / "sbom.cdx.json")
