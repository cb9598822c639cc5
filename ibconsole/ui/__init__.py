"""The window: panes with presenters, Qt models, widgets and the theme."""
