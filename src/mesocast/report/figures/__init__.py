"""Figures of the report: pure functions from data to Plotly figures."""
