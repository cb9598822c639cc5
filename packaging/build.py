"""Builds the packages of the system that it runs on: `make package`, or on Windows and macOS

    python requirements/set_up.py --package
    .venv-package/bin/python packaging/build.py        (Scripts\\python on Windows)

The results are in dist/, with their checksums; build/ can be deleted.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import contents
import icons
from release import Release, read_release

BUILD = ROOT / "build"
DIST = ROOT / "dist"
BUNDLE = BUILD / "bundle" / "ibconsole"
_BUILT_FOLDERS = (
    *("bundle", "icons", "portable", "pyinstaller", "root"),
    *("collector-bundle", "collector-pyinstaller", "collector-root"),
)


def main() -> None:
    release = read_release()
    os.environ["SOURCE_DATE_EPOCH"] = str(release.epoch)
    os.environ["PYTHONHASHSEED"] = "1"
    for folder in (*(BUILD / name for name in _BUILT_FOLDERS), DIST):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in (BUILD, DIST):
        folder.mkdir(exist_ok=True)
    bundle(release)
    bill = DIST / f"{_file_name(release)}.cdx.json"
    contents.write_bill(release, contents.parts(BUNDLE), bill)
    made = {"linux": _linux, "win32": _windows, "darwin": _macos}[sys.platform](release, bill)
    sums = write_checksums([*made, bill])
    for path in (*made, bill, sums):
        say(f"{path.stat().st_size / 1e6:8.1f} MB  {path.relative_to(ROOT)}")


def bundle(release: Release) -> None:
    """Build the folder with both programs and everything that they need."""
    drawing = ROOT / "resources" / "ibconsole.svg"
    if sys.platform == "win32":
        icons.draw_for_windows(drawing, BUILD / "icons")
        (BUILD / "version.txt").write_text(windows_version(release), encoding="utf-8")
    if sys.platform == "darwin":
        icons.draw_for_macos(drawing, BUILD / "icons")
    say("bundle: PyInstaller")
    options = ["--noconfirm", "--log-level", "ERROR", "--distpath", str(BUNDLE.parent)]
    options += ["--workpath", str(BUILD / "pyinstaller")]
    spec = ROOT / "packaging" / "ibconsole.spec"
    run([sys.executable, "-m", "PyInstaller", *options, str(spec)])
    if sys.platform == "linux":
        import elf  # noqa: PLC0415 needs binutils

        elf.strip([path for path in elf.binaries(BUNDLE) if elf.may_be_stripped(path)])


def _linux(release: Release, bill: Path) -> list[Path]:
    import collector_package  # noqa: PLC0415 it is for servers with Linux
    import elf  # noqa: PLC0415 needs binutils
    import linux_packages  # noqa: PLC0415 needs nfpm
    import staging  # noqa: PLC0415 its layout is Linux's

    say("packages: .deb, .rpm, .tar.xz")
    root = BUILD / "root"
    staging.stage(release, BUNDLE, root, bill)
    files = list(elf.binaries(BUNDLE))
    needs, bundled = elf.needs(files), frozenset(path.name for path in files)
    made = [
        linux_packages.deb(release, root, needs, bundled, DIST),
        linux_packages.rpm(release, root, needs, bundled, DIST),
        DIST / f"{_file_name(release)}.tar.xz",
    ]
    portable = BUILD / "portable" / _file_name(release)
    shutil.copytree(BUNDLE, portable, symlinks=True)
    shutil.copytree(root / "usr/share", portable / "share", symlinks=True)
    shutil.copyfile(ROOT / "packaging/linux/PORTABLE.txt", portable / "README.txt")
    _pack(release, portable, made[-1])
    say("the collector: PyInstaller, .deb")
    return [*made, collector_package.build(release, BUILD, DIST)]


def _windows(release: Release, bill: Path) -> list[Path]:
    """Build a .zip of the folder, and the installer; needs makensis on the PATH."""
    _add_documents(bill, BUNDLE)
    installer = DIST / f"{_file_name(release)}-setup.exe"
    run(["makensis", *nsis_definitions(release, BUNDLE, installer), str(nsis_script())])
    archive = shutil.make_archive(
        str(DIST / _file_name(release)), "zip", BUNDLE.parent, BUNDLE.name
    )
    return [installer, Path(archive)]


def _macos(release: Release, bill: Path) -> list[Path]:
    """Build the disk image; make_dmg.sh signs and notarizes it if an identity is set."""
    app = BUNDLE.parent / "ibconsole.app"
    _add_documents(bill, app / "Contents" / "Resources")
    image = DIST / f"{_file_name(release)}.dmg"
    run(["sh", str(ROOT / "packaging/macos/make_dmg.sh"), str(app), str(image)])
    return [image]


def nsis_script() -> Path:
    return ROOT / "packaging" / "windows" / "ibconsole.nsi"


def nsis_definitions(release: Release, payload: Path, installer: Path) -> list[str]:
    """Return the definitions for the installer's script, which states no name or version itself."""
    kilobytes = sum(path.stat().st_size for path in payload.rglob("*") if path.is_file()) // 1024
    values = {
        "VERSION": release.version,
        "AUTHORS": release.authors,
        "SUMMARY": release.summary,
        "YEAR": str(release.date.year),
        "PAYLOAD": str(payload),
        "LICENCE": str(ROOT / "LICENSE"),
        "INSTALLER": str(installer),
        "KILOBYTES": str(kilobytes),
    }
    return [
        "-V2",
        "-WX",
        "-INPUTCHARSET",
        "UTF8",
        *(f"-D{key}={value}" for key, value in values.items()),
    ]


def windows_version(release: Release) -> str:
    """Return the version resource that Windows shows in a program's properties."""
    numbers = tuple(int(part) for part in (*release.version.split("."), "0"))
    strings = {
        "CompanyName": release.authors,
        "FileDescription": release.name,
        "FileVersion": release.version,
        "LegalCopyright": f"{release.date.year} {release.authors}",
        "ProductName": release.name,
        "ProductVersion": release.version,
    }
    pairs = ", ".join(f"StringStruct({key!r}, {value!r})" for key, value in strings.items())
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F,"
        " flags=0x0, OS=0x40004, fileType=0x1, subtype=0x0, date=(0, 0)), kids=["
        f"StringFileInfo([StringTable('040904B0', [{pairs}])]),"
        " VarFileInfo([VarStruct('Translation', [1033, 1200])])])\n"
    )


def _add_documents(bill: Path, folder: Path) -> None:
    contents.write_licences(contents.parts(BUNDLE), folder / "licences")
    shutil.copyfile(bill, folder / "sbom.cdx.json")


def _file_name(release: Release) -> str:
    return f"{release.name}-{release.version}-{_system()}-{platform.machine().lower()}"


def _system() -> str:
    return {"linux": "linux", "win32": "windows", "darwin": "macos"}[sys.platform]


def _pack(release: Release, folder: Path, target: Path) -> None:
    """Write a reproducible .tar.xz."""

    def same(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = release.epoch
        return entry

    with tarfile.open(target, "w:xz", preset=6) as archive:
        archive.add(folder, folder.name, recursive=False, filter=same)
        for path in sorted(folder.rglob("*")):
            archive.add(path, str(path.relative_to(folder.parent)), recursive=False, filter=same)


def write_checksums(paths: list[Path]) -> Path:
    """Write the checksums of one system's files, as sha256sum --check reads them.

    Each system writes a name of its own; the workflow joins them into the release's SHA256SUMS.
    """
    target = DIST / f"SHA256SUMS-{_system()}"
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in paths]
    target.write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")
    return target


def run(command: list[str]) -> None:
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit(f"This step failed: {' '.join(command[:4])} …")


def say(what: str) -> None:
    sys.stderr.write(f"package: {what}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
