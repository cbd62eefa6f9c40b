"""Sections of the report: functions from the results to blocks, in plain words."""
