"""A campaign as a whole: first config, costs, status, checks, packs, controller."""
