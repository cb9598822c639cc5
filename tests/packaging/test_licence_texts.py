"""Every licence text of a part is in the package, under a name of its own."""

from importlib import metadata
from pathlib import Path, PurePosixPath

import pytest

from licence_texts import LicenceText, copy_texts, distribution_texts, plain_texts


def installed(folder: Path, *files: str) -> metadata.Distribution:
    """Install a distribution that consists of these files, each with its path as its text."""
    info = folder / "part-1.0.dist-info"
    for file in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file)
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.4\nName: part\nVersion: 1.0\n")
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    return metadata.Distribution.at(info)


def copied(found: metadata.Distribution, folder: Path) -> dict[str, str]:
    copy_texts(distribution_texts(found), folder)
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            ("licenses/LICENSE", "licenses/vendor/one/LICENSE", "licenses/vendor/two/LICENSE"),
            {"LICENSE": 0, "vendor/one/LICENSE": 1, "vendor/two/LICENSE": 2},
        ),
        (("LICENSE", "licenses/LICENSE"), {"LICENSE": 0, "licenses/LICENSE": 1}),
        (
            ("licenses/LICENSE", "licenses/license", "license_files/x/COPYING"),
            {"LICENSE": 0, "licenses/license": 1, "x/COPYING": 2},
        ),
        (("licenses/COPYRIGHT", "METADATA"), {"COPYRIGHT": 0}),
        (("COPYING.txt", "NOTICE", "AUTHORS"), {"COPYING.txt": 0, "NOTICE": 1}),
        (("sboms/rust.cdx.json", "licenses/LICENSE"), {"sboms/rust.cdx.json": 0, "LICENSE": 1}),
    ],
)
def test_no_text_replaces_another(
    tmp_path: Path, files: tuple[str, ...], expected: dict[str, int]
) -> None:
    """Texts of the same file name, of a part and of what is compiled into it, are all copied."""
    paths = [f"part-1.0.dist-info/{file}" for file in files]
    found = installed(tmp_path / "site", *paths, "part/LICENSE")

    copies = copied(found, tmp_path / "copies")

    assert copies == {name: paths[number] for name, number in expected.items()}


def test_the_http_parser(tmp_path: Path) -> None:
    """The texts of httptools and of the parsers compiled into it are there, each its own."""
    copies = copied(metadata.distribution("httptools"), tmp_path)

    assert {"LICENSE", "vendor/llhttp/LICENSE"} <= copies.keys()
    assert len(set(copies.values())) == len(copies)


def test_two_texts_of_one_name_stop_the_build(tmp_path: Path) -> None:
    """A text is never replaced by another one in silence."""
    one = tmp_path / "COPYING"
    one.write_text("text")

    assert plain_texts([one]) == (LicenceText(one, PurePosixPath("COPYING")),)
    with pytest.raises(FileExistsError):
        copy_texts(plain_texts([one, one]), tmp_path / "copies")


def test_every_installed_distribution(tmp_path: Path) -> None:
    """No distribution of this environment has texts that exclude each other."""
    for number, found in enumerate(metadata.distributions()):
        texts = distribution_texts(found)
        assert len({str(text.target).lower() for text in texts}) == len(texts)
        copy_texts(texts, tmp_path / str(number))
