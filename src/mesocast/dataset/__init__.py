"""From rows to a table and a data package."""
