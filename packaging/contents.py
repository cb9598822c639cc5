"""Parts of the bundle: distributions, their licences, and the bill of materials."""

import hashlib
import json
import platform
import re
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from shutil import copyfile

import apsw
from cyclonedx.factory.license import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from PySide6.QtCore import qVersion

from licence_texts import LicenceText, copy_texts, distribution_texts, plain_texts
from release import ROOT, Release

_LOCKED = re.compile(r"^([a-z0-9-]+)==([^\s;]+)", re.MULTILINE)
_TEXTS = ROOT / "packaging" / "licences"
# The distributions of the extra `team`, which run.txt does not lock because it is optional.
_TEAM = {"prometheus-client", "psycopg", "psycopg-binary", "typing-extensions"}
# Licences that a distribution's metadata states in prose, or not at all.
_LICENCES = {
    "apsw": "Zlib",
    "backports-tarfile": "MIT",
    "certifi": "MPL-2.0",
    "h11": "MIT",
    "httpx": "BSD-3-Clause",
    "jaraco-classes": "MIT",
    "psycopg-binary": "LGPL-3.0-only AND PostgreSQL",  # and of more libraries: LIBPQ.md
    "pyside6-essentials": "LGPL-3.0-only",
    "shiboken6": "LGPL-3.0-only",
}
# Distributions whose wheels contain no licence text, and the texts used instead.
_OWN_TEXTS = {
    "psycopg": ("GPL-3.0.txt",),  # which the LGPL refers to
    "psycopg-binary": ("GPL-3.0.txt", "LIBPQ.md"),
    "pyside6-essentials": ("LGPL-3.0.txt", "GPL-3.0.txt", "QT.md"),
    "shiboken6": ("LGPL-3.0.txt", "GPL-3.0.txt"),
}
# Libraries of Python's own builds, which Python's licence covers.
_LIBRARY = re.compile(r"\.(so[.\d]*|dll|dylib)$")
_PYTHON_LIBRARIES = ("libpython", "python3", "_", "libcrypto", "libffi", "libssl", "vcruntime")


class NotLocked(Exception):
    """Something in the bundle is not a locked dependency of the program."""


class UnknownLicence(Exception):
    """A licence or its text is not known."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing in the bundle; `purl` where registries know it, `texts` its licence's files.

    `sha256` is that of the archive that it was installed from (a wheel, for all but Python).
    """

    name: str
    version: str
    licence: str
    purl: str
    texts: tuple[LicenceText, ...]
    sha256: str


def parts(bundle: Path) -> list[Part]:
    """List all parts, sorted by name. Raises NotLocked and UnknownLicence."""
    _require_known_libraries(bundle)
    hashes = installed_hashes(Path(sys.prefix) / "installed.json")
    found = [_python(bundle), _bootloader(hashes), _sqlite(hashes)]
    if _has_qt(bundle):
        found.append(_qt(hashes))
    found += [_distribution(name, hashes) for name in sorted(_distributions(bundle))]
    return sorted(found, key=lambda part: part.name.lower())


def write_licences(found: Sequence[Part], folder: Path) -> None:
    """Write the program's licence, and a folder with the licence texts of each part."""
    folder.mkdir(parents=True)
    copyfile(ROOT / "LICENSE", folder / "ibconsole.txt")
    lucide = folder / "Lucide icons"
    lucide.mkdir()
    copyfile(ROOT / "resources" / "icons" / "LICENSE", lucide / "LICENSE")
    lines = ["What ibconsole is made of, and under which licences.", ""]
    for part in found:
        target = folder / part.name
        target.mkdir()
        copy_texts(part.texts, target)
        lines.append(f"{part.name} {part.version}: {part.licence}")
    lines += ["Lucide icons: ISC"]
    if any(part.name == "Qt" for part in found):
        lines += ["", *_REPLACE]
    (folder / "README.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


_REPLACE = (
    "Qt, PySide6 and Shiboken are used under the LGPL 3 as shared libraries, unchanged. To use",
    "other builds of them, put these in place of the files of the same names below",
    "_internal/PySide6 and _internal/shiboken6; their sources are where they are published",
    "(pyside-setup and qtbase of the versions above).",
)


def write_bill(release: Release, found: Iterable[Part], target: Path) -> None:
    """Write a CycloneDX 1.6 bill of materials, schema-valid and reproducible."""
    licences = LicenseFactory()
    program = Component(
        name=release.name,
        version=release.version,
        type=ComponentType.APPLICATION,
        licenses=[licences.make_from_string(release.licence)],
        bom_ref=release.name,
    )
    bom = Bom()
    bom.metadata.component = program
    components = [
        Component(
            name=part.name,
            version=part.version,
            type=ComponentType.LIBRARY,
            licenses=[licences.make_from_string(part.licence)],
            purl=PackageURL.from_string(part.purl) if part.purl else None,
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=part.sha256)],
            bom_ref=f"{part.name}@{part.version}",
        )
        for part in found
    ]
    bom.components.update(components)
    bom.register_dependency(program, components)
    written = json.loads(JsonV1Dot6(bom).output_as_string())
    # The library writes the current time and a random number there.
    written.pop("serialNumber", None)
    written["metadata"]["timestamp"] = f"{release.date.isoformat()}T00:00:00+00:00"
    text = json.dumps(written, indent=2, sort_keys=True) + "\n"
    if problem := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ValueError(f"The bill of materials is not valid: {problem}")
    target.write_text(text, encoding="utf-8")


def _distributions(bundle: Path) -> set[str]:
    """Find the locked distributions that have files in the bundle."""
    locked = _locked("run") | {name for name in _locked("package") if name in _TEAM}
    owners = metadata.packages_distributions()
    inside = {
        _normal(owner)
        for path in (bundle / "_internal").iterdir()
        for owner in owners.get(path.name.split(".")[0], ())
    }
    # Several distributions may share a namespace: only those whose modules are inside.
    inside = {name for name in inside if _is_inside(name, bundle)}
    if strange := sorted(inside - locked):
        raise NotLocked(
            f"In the bundle, but not in requirements/run.txt: {', '.join(strange)}."
            " Exclude them in packaging/pruning.py, or add them to pyproject.toml."
        )
    return inside


def _locked(kind: str) -> set[str]:
    """Return the names of the distributions in a file of requirements/."""
    text = (ROOT / "requirements" / f"{kind}.txt").read_text(encoding="utf-8")
    return {name for name, _ in _LOCKED.findall(text)}


def _has_qt(bundle: Path) -> bool:
    return (bundle / "_internal" / "PySide6").exists()


def _is_inside(name: str, bundle: Path) -> bool:
    files = metadata.distribution(name).files or ()
    modules = [file for file in files if file.suffix in {".py", ".so", ".pyd"}]
    inside = bundle / "_internal"
    return any(
        (inside / file).exists() or (inside / file.with_suffix(".pyc")).exists() for file in modules
    )


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def installed_hashes(report: Path) -> Mapping[str, str]:
    """Read the SHA-256 of each archive that pip installed, by normalized name.

    Raises NotLocked if the environment was not made by requirements/set_up.py --package.
    """
    if not report.exists():
        raise NotLocked("There is no installed.json: run requirements/set_up.py --package first.")
    installed = json.loads(report.read_text(encoding="utf-8"))["install"]
    return {
        _normal(one["metadata"]["name"]): one["download_info"]["archive_info"]["hashes"]["sha256"]
        for one in installed
    }


def _distribution(name: str, hashes: Mapping[str, str]) -> Part:
    found = metadata.distribution(name)
    fields = found.metadata
    licence = _LICENCES.get(name) or fields["License-Expression"] or fields["License"] or ""
    texts = plain_texts(_TEXTS / text for text in _OWN_TEXTS.get(name, ()))
    texts += distribution_texts(found)
    if not licence or len(licence) > 60 or not texts:
        raise UnknownLicence(f"{name}: add its licence to packaging/contents.py.")
    purl = str(PackageURL("pypi", name=name, version=found.version))
    return Part(name, found.version, licence, purl, texts, hashes[name])


def _python(bundle: Path) -> Part:
    version = platform.python_version()
    text = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    if not text.exists():  # Debian packages it separately
        text = Path("/usr/share/doc/python3/copyright")
    purl = f"pkg:generic/cpython@{version}"
    texts = plain_texts([text])
    return Part("CPython", version, "Python-2.0", purl, texts, _interpreter_hash(bundle))


def _interpreter_hash(bundle: Path) -> str:
    """Hash Python's shared library in the bundle: its archive is not known."""
    names = ("libpython3*", "python3?*.dll", "Python")
    inside = bundle / "_internal"
    library = next(path for name in names for path in sorted(inside.glob(name)))
    return hashlib.sha256(library.read_bytes()).hexdigest()


def _bootloader(hashes: Mapping[str, str]) -> Part:
    found = distribution_texts(metadata.distribution("pyinstaller"))
    version = metadata.version("pyinstaller")
    licence = "GPL-2.0-or-later WITH Bootloader-exception"
    purl = f"pkg:pypi/pyinstaller@{version}"
    return Part("PyInstaller bootloader", version, licence, purl, found, hashes["pyinstaller"])


def _qt(hashes: Mapping[str, str]) -> Part:
    version = qVersion()
    texts = plain_texts(_TEXTS / name for name in ("LGPL-3.0.txt", "GPL-3.0.txt", "QT.md"))
    purl, wheel = f"pkg:generic/qt@{version}", hashes["pyside6-essentials"]
    return Part("Qt", version, "LGPL-3.0-only", purl, texts, wheel)


def _sqlite(hashes: Mapping[str, str]) -> Part:
    version = apsw.sqlite_lib_version()
    texts = plain_texts([_TEXTS / "SQLITE.md"])
    purl = f"pkg:generic/sqlite@{version}"
    return Part("SQLite", version, "blessing", purl, texts, hashes["apsw"])


def _require_known_libraries(bundle: Path) -> None:
    """Raise UnknownLicence for a library that comes from the build system."""
    for path in (bundle / "_internal").iterdir():
        if _LIBRARY.search(path.name) and not path.name.startswith(_PYTHON_LIBRARIES):
            raise UnknownLicence(f"{path.name}: packaging/contents.py knows no licence for it.")
