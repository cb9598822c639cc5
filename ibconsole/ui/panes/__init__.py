"""The panes of the window, each with what it does."""
