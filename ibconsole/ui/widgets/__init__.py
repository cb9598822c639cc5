"""Small widgets that know how to look, and nothing of what they show."""
