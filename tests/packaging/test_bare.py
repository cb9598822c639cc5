"""The bare system that packages are tried in."""

import pytest

from bare import debian_mirror_in


@pytest.mark.parametrize(
    ("targets", "mirror"),
    [
        ("Debian|https://mirror.example/debian/\n", ["https://mirror.example/debian/"]),
        ("Ubuntu|https://mirror.example/ubuntu/\n", []),
        (
            "Debian|https://mirror.example/debian-security/\nDebian|https://mirror.example/debian/",
            ["https://mirror.example/debian/"],
        ),
        ("", []),
    ],
)
def test_the_mirror_of_another_distribution_is_not_used(targets: str, mirror: list[str]) -> None:
    """Only a mirror of Debian has Debian's suites; without one debootstrap uses its default."""
    assert debian_mirror_in(targets) == mirror
