"""The next electrodes to make on a line, and what was measured of them."""
