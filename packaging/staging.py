"""Stages the files of a Linux package in their layout below /usr."""

import gzip
import os
import shutil
import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from click.shell_completion import BashComplete, FishComplete, ZshComplete

import contents
import icons
from ibconsole.cli.main import ibconsole
from manual import manual
from release import IDENTIFIER, ROOT, Release

_LINUX = ROOT / "packaging" / "linux"
_PICTURE = ROOT / "docs" / "window.png"
_COMPLETIONS = (
    (BashComplete, "usr/share/bash-completion/completions/ibconsole"),
    (ZshComplete, "usr/share/zsh/vendor-completions/_ibconsole"),
    (FishComplete, "usr/share/fish/vendor_completions.d/ibconsole.fish"),
)
PROGRAMS = ("ibconsole", "ibconsole-gui")


def stage(release: Release, bundle: Path, root: Path, bill: Path) -> None:
    """Fill `root`, which must not exist, with a package's files. The bundle is copied."""
    library = root / "usr/lib/ibconsole"
    shutil.copytree(bundle, library, symlinks=True)
    (root / "usr/bin").mkdir()
    for name in PROGRAMS:
        (root / "usr/bin" / name).symlink_to(f"../lib/ibconsole/{name}")
    share(release, root / "usr/share", bill)
    for maker, place in _COMPLETIONS:
        write(root / place, completion(maker))
    document = root / "usr/share/doc/ibconsole"
    write(document / "copyright", copyright_of(release, _LINUX / "copyright"))
    pack(document / "changelog.gz", changelog(release).encode())
    write(root / "usr/share/lintian/overrides/ibconsole", read(_LINUX / "lintian-overrides"))
    normalize(release, root, [library / name for name in PROGRAMS])


def normalize(release: Release, root: Path, programs: Sequence[Path]) -> None:
    """Set modes and dates that do not depend on the machine or the time of the build."""
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path in programs else 0o644)
        os.utime(path, (release.epoch, release.epoch), follow_symlinks=False)


def share(release: Release, folder: Path, bill: Path) -> None:
    """Fill /usr/share: desktop entry, metadata, icons, manual page and documents."""
    write(folder / "applications/ibconsole.desktop", read(_LINUX / "ibconsole.desktop"))
    write(
        folder / f"metainfo/{IDENTIFIER}.metainfo.xml", _fill_in(_LINUX / "metainfo.xml", release)
    )
    drawing = ROOT / "resources" / "ibconsole.svg"
    for size, picture in icons.draw(drawing, ROOT / "build/icons").items():
        target = folder / f"icons/hicolor/{size}x{size}/apps/ibconsole.png"
        target.parent.mkdir(parents=True)
        shutil.copyfile(picture, target)
    scalable = folder / "icons/hicolor/scalable/apps/ibconsole.svg"
    scalable.parent.mkdir(parents=True)
    shutil.copyfile(drawing, scalable)
    page = manual(release).encode()
    for name in PROGRAMS:
        pack(folder / f"man/man1/{name}.1.gz", page)
    document = folder / "doc/ibconsole"
    document.mkdir(parents=True)
    shutil.copyfile(_PICTURE, document / "window.png")
    shutil.copyfile(bill, document / "sbom.cdx.json")
    pack(document / "CHANGELOG.md.gz", read(ROOT / "CHANGELOG.md").encode())
    pack(document / "README.md.gz", read(ROOT / "README.md").encode())
    contents.write_licences(contents.parts(ROOT / "build/bundle/ibconsole"), document / "licences")


def completion(maker: type[BashComplete | ZshComplete | FishComplete]) -> str:
    """Return the script that a shell sources; it asks the program for completions."""
    made = maker(ibconsole, {}, "ibconsole", "_IBCONSOLE_COMPLETE")
    return made.source_template % made.source_vars()


def changelog(release: Release) -> str:
    """Format the newest release as a Debian changelog."""
    entries = "\n".join(
        textwrap.fill(note, 78, initial_indent="  * ", subsequent_indent="    ")
        for note in release.notes
    )
    moment = format_datetime(datetime.fromtimestamp(release.epoch, UTC))
    return (
        f"{release.name} ({release.version}) unstable; urgency=medium\n\n{entries}\n\n"
        f" -- {release.maintainer}  {moment}\n"
    )


def copyright_of(release: Release, template: Path) -> str:
    """Return the licences of a package's files in Debian's notation."""
    text = _fill_in(template, release)
    text = text.replace("@MIT@", _indented(read(ROOT / "LICENSE")))
    return text.replace("@ISC@", _indented(read(ROOT / "resources/icons/LICENSE")))


def _indented(text: str) -> str:
    return "\n".join(f" {line.rstrip()}" if line.strip() else " ." for line in text.splitlines())


def _fill_in(template: Path, release: Release) -> str:
    values = {
        "@IDENTIFIER@": IDENTIFIER,
        "@NAME@": release.name,
        "@VERSION@": release.version,
        "@DATE@": release.date.isoformat(),
        "@LICENCE@": release.licence,
        "@AUTHORS@": release.authors,
    }
    text = read(template)
    for key, value in values.items():
        text = text.replace(key, value)
    return text


def read(path: Path) -> str:
    """Read a text."""
    return path.read_text(encoding="utf-8")


def write(path: Path, text: str) -> None:
    """Write a text, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def pack(path: Path, body: bytes) -> None:
    """Compress like gzip -9n, without name and date, so that the result is reproducible."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(body, 9, mtime=0))
