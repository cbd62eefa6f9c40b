"""The best recipe."""
