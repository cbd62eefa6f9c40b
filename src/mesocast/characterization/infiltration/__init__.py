"""Electrolyte enters the dry pores: how far, at which pressure, how fast, and what stays dry."""
