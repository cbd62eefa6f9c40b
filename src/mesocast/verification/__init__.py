"""Predictions and published numbers beside simulations."""
