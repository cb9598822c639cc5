"""What the window remembers from day to day. No secrets, and nothing that cannot be made anew."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from ibconsole.ui.theme import Scheme


class Remembered:
    """Sizes and choices, in a file of the data directory that only its owner reads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._settings = QSettings(str(path), QSettings.Format.IniFormat)

    @property
    def scheme(self) -> Scheme:
        """The chosen colours; the system's if none were chosen or the file is spoilt."""
        try:
            return Scheme(str(self._settings.value("scheme", Scheme.SYSTEM.value)))
        except ValueError:
            return Scheme.SYSTEM

    @scheme.setter
    def scheme(self, scheme: Scheme) -> None:
        self._settings.setValue("scheme", scheme.value)

    def state(self, name: str) -> QByteArray:
        """A saved geometry or splitter or header; empty if there is none."""
        value = self._settings.value(f"state/{name}")
        return value if isinstance(value, QByteArray) else QByteArray()

    def keep_state(self, name: str, state: QByteArray) -> None:
        """Save a geometry or splitter or header."""
        self._settings.setValue(f"state/{name}", state)

    def save(self) -> None:
        """Write the file now."""
        self._settings.sync()
