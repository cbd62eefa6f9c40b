from __future__ import annotations

import logging
import sys
from pathlib import Path

import numpy as np
import pytest

from mesocast.characterization.effort import available_bytes, estimate
from mesocast.characterization.image import PARTS, Phases
from mesocast.characterization.image_file import announce
from mesocast.characterization.measure import characterize_image
from mesocast.characterization.voxels import VoxelImage


def test_a_volume_of_500_voxels_an_edge_fits_into_16_gb() -> None:
    assert estimate(500**3).memory_bytes < 16e9


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
def test_the_peak_of_memory_is_below_the_estimate() -> None:
    """The solvers hold the most; a child process has a peak of its own."""
    import subprocess

    code = (
        "import numpy as np\n"
        "from scipy import ndimage\n"
        "from mesocast.characterization.image import Phases\n"
        "from mesocast.characterization.measure import characterize_image\n"
        "from mesocast.characterization.voxels import VoxelImage\n"
        "n = 90\n"
        "field = np.random.default_rng(0).standard_normal((n, n, n), dtype=np.float32)\n"
        "field = ndimage.gaussian_filter(field, 2)\n"
        "labels = np.digitize(field, np.quantile(field, [0.45, 0.85])).astype(np.uint8)\n"
        "del field\n"
        "image = VoxelImage(labels, (1.0, 1.0, 1.0), False)\n"
        "assert characterize_image(image, Phases(0.01, 5.0, 0.5)).status == 'ok'\n"
        "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
        "print(1024 * int(peak.split()[1]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < estimate(90**3).memory_bytes


def test_only_a_large_image_is_announced(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        announce(1_000_000, fields=False)
        assert caplog.text == ""
        announce(125_000_000, fields=True)
    assert "fields.vti: at most 4125 MB" in caplog.text
    assert "125.0 million voxels: about 11.0 GB of memory" in caplog.text


def test_little_memory_is_a_warning(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert available_bytes() is None or available_bytes() > 10**8  # type: ignore[operator]
    monkeypatch.setattr(
        "mesocast.characterization.image_file.available_bytes", lambda: 3_000_000_000
    )
    announce(125_000_000, fields=False)
    assert "only 3.0 GB of memory are free" in caplog.text
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: "nothing")
    assert available_bytes() is None


def test_every_part_is_reported_in_its_turn() -> None:
    labels = np.random.default_rng(0).integers(0, 3, (8, 8, 8), dtype=np.uint8)
    heard: list[str] = []
    phases = Phases(0.01, 5.0, 0.5)
    characterize_image(VoxelImage(labels, (1.0, 1.0, 1.0)), phases, report=heard.append)
    assert heard == list(PARTS)
    assert sum(PARTS.values()) == pytest.approx(1)
