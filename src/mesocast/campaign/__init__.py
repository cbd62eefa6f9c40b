"""A campaign as a whole: costs, status, checks, packs, controller."""
