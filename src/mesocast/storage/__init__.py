"""Files, layout, keep-once, leases, attempts, SLURM: how results are kept; knows no science."""
