"""Seeds: one per purpose, all from the campaign's."""

from __future__ import annotations

import zlib

import numpy as np


def derived_seed(seed: int, *names: str) -> int:
    """Seed for one purpose: depends on the campaign's seed and on names, on nothing else."""
    entropy = [seed, *(zlib.crc32(name.encode()) for name in names)]
    return int(np.random.SeedSequence(entropy).generate_state(1)[0] >> 1)
