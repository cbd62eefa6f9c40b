"""Which electrodes to make."""
