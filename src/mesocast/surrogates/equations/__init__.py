"""Equations: what they are made of, and what they are."""
