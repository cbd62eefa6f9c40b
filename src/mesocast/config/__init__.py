"""Every key of a campaign's YAML; knows no behaviour."""
