"""Applications, configuration and actions: three panes that form one chain.

Choosing an application loads its configuration, and that its actions. What arrives for an
application that is no longer the chosen one is dropped.
"""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from ibconsole.errors import UserError
from ibconsole.model import Action, ActionDraft, Application, Configuration
from ibconsole.services import Status
from ibconsole.ui.panes.actions import ActionsPane
from ibconsole.ui.panes.applications import ApplicationsPane, identity_of, name_of
from ibconsole.ui.panes.changes import SetupChanges
from ibconsole.ui.panes.configuration import ConfigurationPane
from ibconsole.ui.tasks import UiTasks
from ibconsole.ui.theme import Theme
from ibconsole.ui.widgets.splitter import Splitter
