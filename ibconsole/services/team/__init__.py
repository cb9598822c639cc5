"""A team that shares what was received: shipping, reading, pulling by one alone, the collector."""
