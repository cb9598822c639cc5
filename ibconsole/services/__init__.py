"""The console's capabilities, for the window and the terminal alike: a package for each."""
