"""Evidence that leaves this computer, and evidence that comes from other tools.

A door without names of its own: each subject is a package below it.
"""
