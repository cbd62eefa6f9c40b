from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

Labels = NDArray[np.uint8]


@pytest.fixture(scope="session")
def truth() -> Labels:
    """Three phases on 12 layers of 10 x 8 voxels, alike from layer to layer."""
    rng = np.random.default_rng(7)
    field = ndimage.gaussian_filter(rng.normal(size=(12, 10, 8)), 2.0, mode="wrap")
    return np.digitize(field, np.quantile(field, [0.45, 0.85])).astype(np.uint8)
