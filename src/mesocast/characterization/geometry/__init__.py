"""Surfaces and pore sizes."""
