"""Measured electrodes to coefficients of the physics, with their uncertainty."""
