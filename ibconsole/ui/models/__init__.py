"""Qt's table models over the console's values."""
