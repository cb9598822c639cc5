"""What opens over the window; always with open(), so that no event loop is nested."""
