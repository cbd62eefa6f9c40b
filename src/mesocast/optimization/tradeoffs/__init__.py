"""Goals against each other."""
