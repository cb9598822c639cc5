from pathlib import Path

from pytestqt.qtbot import QtBot

from ibconsole.services.console.console import Console
from ibconsole.services.messages.async_reader import AsyncReader
from ibconsole.services.runtime.paths import Paths
from ibconsole.ui.palette.palette import Palette
from ibconsole.ui.shell.main_window import MainWindow
from ibconsole.ui.shell.window_state import WindowState
from ibconsole.ui.toolkit.theme import Theme


async def test_the_palette_is_created_once(theme: Theme, qtbot: QtBot, tmp_path: Path) -> None:
    """Opening the palette repeatedly shows the same one again."""
    paths = Paths(tmp_path)
    async with Console(paths), AsyncReader(paths.archive) as reader:
        main = MainWindow(reader, theme, WindowState(paths.window))
        qtbot.addWidget(main)
        main.show()
        for _ in range(3):
            main.find_or_run()
            [palette] = main.findChildren(Palette)
            assert palette.isVisible()
            palette.close()
        main.close()
