"""The team: what waits to be shared, who else receives for it, and who pulls."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.team.presenter import TeamPresenter
else:
    __getattr__ = lazy_names(__name__, {"presenter": "TeamPresenter"})

__all__ = ["TeamPresenter"]
