"""How sure the best recipe is."""
