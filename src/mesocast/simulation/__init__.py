"""From a recipe to an electrode."""
