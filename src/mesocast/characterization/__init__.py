"""Characterization: from the spheres of an electrode to its measured properties."""
