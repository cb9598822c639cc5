"""The state of the setup panes: content just read or cached, or the reason why there is none."""

from collections.abc import Sequence

from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.model import Action, Application, Configuration
from ibconsole.services.setup import Route
from ibconsole.ui.setup.actions import NONE_CHOSEN, NONE_LISTED
from ibconsole.ui.setup.applications import name_of
from ibconsole.ui.setup.failure_banner import SetupSource
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.selection import SetupSelection

_NO_CONFIGURATION = "Actions belong to a configuration, and this application has none."
_NOT_READ = "Not loaded: see below."
_NO_ROUTE_KNOWN = Route("Where messages go is not known: no application was loaded.")
_PULL_ONLY = (
    "The platform accepts this credential, but does not let it read the setup. If it is meant for"
    " pulling, you can still pull messages in the tab Messages."
)
_PULL_ONLY_ELSEWHERE = "Not available with this credential: see Applications."


def is_pull_only(error: UserError) -> bool:
    """Return whether the platform accepts the credential, but for pulling only.

    A key that may pull but not list the applications gets 403.
    """
    return getattr(error, "status", None) == 403


class SetupDisplay:
    """Shows in the panes what was read, and stores it in the selection and its cache."""

    def __init__(self, panes: SetupPanes, selection: SetupSelection) -> None:
        self._panes = panes
        self._selection = selection

    def show_not_listed(self, error: UserError) -> None:
        """Show why the applications were not listed; content that was read before stays."""
        pane = self._panes.applications_pane
        causes = tuple(getattr(error, "causes", ()))
        if is_pull_only(error) and not pane.has_content:
            self._panes.failure.clear_failure(*SetupSource)
            pane.table.show_records(())
            pane.show_denied(_PULL_ONLY, error.details, causes)
            self._panes.configuration_pane.show_denied(_PULL_ONLY_ELSEWHERE, retry=False)
            self._panes.actions_pane.show_none(_PULL_ONLY_ELSEWHERE)
        else:
            self._panes.failure.show_failure(SetupSource.APPLICATIONS, error, pane.read_at)
            pane.show_outdated(_NOT_READ)
            for other in (self._panes.configuration_pane, self._panes.actions_pane):
                if other.has_content:
                    other.show_outdated("")
                elif not pane.has_content:  # there is nothing to choose from
                    other.show_outdated(_NOT_READ)
            if not pane.has_content:
                self._panes.route.show_route("", _NO_ROUTE_KNOWN)

    def show_not_loaded(self, error: UserError, actions: list[Action] | UserError | None) -> None:
        """Show that the configuration was not read; the actions may have been."""
        selection, pane = self._selection, self._panes.actions_pane
        configuration_pane = self._panes.configuration_pane
        self._panes.failure.show_failure(SetupSource.SETUP, error, configuration_pane.read_at)
        configuration_pane.show_outdated(_NOT_READ)
        if isinstance(actions, list) and selection.application and selection.configuration:
            self.show_actions(selection.application, selection.configuration, actions)
            self.show_route()
        elif pane.has_content:
            pane.show_outdated("")
        else:
            pane.show_none(_NOT_READ)

    def show_configurations(self, found: Sequence[Configuration], read_at: int) -> None:
        """Show the configurations that were read, and select one of them."""
        self._selection.select_configuration(found)
        self._panes.configuration_pane.show_configurations(
            found, self._selection.configuration, read_at
        )

    def show_no_configuration(self) -> None:
        """Show that there are no actions, because there is no configuration."""
        self._panes.failure.clear_failure(SetupSource.SETUP)
        self._selection.actions = None
        self._panes.actions_pane.show_none(_NO_CONFIGURATION)

    def show_actions(
        self,
        application: Application,
        configuration: Configuration,
        actions: list[Action] | UserError | None,
    ) -> None:
        """Show the actions of a configuration, or why they were not read."""
        pane = self._panes.actions_pane
        if isinstance(actions, UserError):
            self._selection.actions = None
            self._panes.failure.show_failure(SetupSource.SETUP, actions, pane.read_at)
            pane.show_outdated(_NOT_READ)
            return
        self._panes.failure.clear_failure(SetupSource.SETUP)
        now, found = now_ms(), actions or []
        self._selection.actions = found
        self._selection.cache.store_actions(application.code, configuration.key, found, now)
        pane.show_actions(found, now)

    def show_cached(self, application: Application) -> None:
        """Show what was read before, with its age; else that it is being loaded."""
        self._panes.failure.clear_failure(SetupSource.SETUP)
        selection, actions_pane = self._selection, self._panes.actions_pane
        for pane in (self._panes.configuration_pane, actions_pane):
            pane.show_loading(keep=False)
        if configurations := selection.cache.configurations(application.code):
            self.show_configurations(configurations.items, configurations.read_at)
            if selection.configuration is None:
                self.show_no_configuration()
            elif actions := selection.cache.actions(application.code, selection.configuration.key):
                selection.actions = actions.items
                actions_pane.show_actions(actions.items, actions.read_at)
        self.show_route()

    def show_nothing_selected(self, *, choice: bool) -> None:
        """Show why there is no configuration: nothing was chosen, or there is no `choice`."""
        self._panes.configuration_pane.show_application(None, choice=choice)
        self._panes.actions_pane.show_none(NONE_CHOSEN if choice else NONE_LISTED)
        self._panes.route.show_route("", None, choice=choice)

    def show_route(self) -> None:
        """Show the route of the selected application's messages."""
        application = self._selection.application
        name = name_of(application) if application else ""
        self._panes.route.show_route(name, self._selection.find_route())

    def update_locks(self) -> None:
        """Offer changes, unless one is in progress or the actions are not known."""
        changing = self._selection.changing
        self._panes.configuration_pane.lock(on=changing)
        self._panes.actions_pane.lock(on=changing or self._selection.actions is None)
