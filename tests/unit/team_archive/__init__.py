"""Tests of the team's archive."""
