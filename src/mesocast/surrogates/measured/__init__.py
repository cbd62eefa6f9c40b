"""Electrodes that were measured on a line, and what they say of the surrogates."""
