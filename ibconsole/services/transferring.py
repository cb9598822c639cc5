"""Exporting and importing while a window stays alive; see `exporting` and `importing`."""

from collections.abc import Callable
from pathlib import Path

from ibconsole.archive import Archive, Progress, Watch
from ibconsole.services.exporting import Exported, Wish, write
from ibconsole.services.importing import Import, Outcome
from ibconsole.services.working import in_a_thread


class Transfers:
    """Brings messages out of one archive and into it; belongs to one loop."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive

    async def export(
        self, target: Path, wish: Wish, watch: Callable[[Progress], None], *, instead: bool = False
    ) -> Exported:
        """Export to a file; see `exporting.write`. Cancelling leaves no file behind."""
        return await in_a_thread(
            lambda watched: write(self._archive, target, wish, watched, instead=instead), watch
        )

    async def take(self, source: Path, watch: Callable[[Progress], None]) -> Outcome:
        """Import a file; see `Import`. What was taken in before it was cancelled stays."""

        def work(watched: Watch) -> Outcome:
            with Archive(self._archive) as archive:
                return Import(source, archive).run(watched)

        return await in_a_thread(work, watch)
