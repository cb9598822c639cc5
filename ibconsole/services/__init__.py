"""What the console does, for the window and the terminal alike: a package for each capability."""
