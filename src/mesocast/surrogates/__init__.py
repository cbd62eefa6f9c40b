"""Closed-form equations of the properties: features, SISSO, equations, and their errors."""
