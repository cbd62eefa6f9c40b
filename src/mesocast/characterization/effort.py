"""What the measurement of an image takes: memory, time, and room for its files.

Measured with three-phase images of 64^3 to 500^3 voxels on one core
(docs/characterization.md, "Cost").
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

# Peak of the conduction solver, with the fields of the pores kept beside it.
_BYTES_PER_VOXEL = 85
_BASE_BYTES = 350_000_000
# Open and tortuous structures differ; seconds of one core per voxel.
_SECONDS_PER_VOXEL = (1.5e-6, 6e-6)
# Below this nobody waits.
LARGE_VOXELS = 4_000_000


@dataclass(frozen=True)
class Effort:
    """Of one measurement.

    Parameters
    ----------
    voxels
        Of the image.
    memory_bytes
        Peak.
    seconds
        Least and most, of one core.
    """

    voxels: int
    memory_bytes: int
    seconds: tuple[float, float]

    def __str__(self) -> str:
        """Say it in one line."""
        least, most = self.seconds
        return (
            f"{self.voxels / 1e6:.1f} million voxels: about {self.memory_bytes / 1e9:.1f} GB of "
            f"memory and {_duration(least)} to {_duration(most)} of one core"
        )


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def estimate(voxels: int) -> Effort:
    """Estimate what an image of so many voxels takes."""
    least, most = (voxels * one for one in _SECONDS_PER_VOXEL)
    return Effort(voxels, _BASE_BYTES + _BYTES_PER_VOXEL * voxels, (least, most))


def available_bytes() -> int | None:
    """Memory that the system could give now; None where it does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvail"))
    except (OSError, StopIteration, ValueError, IndexError):
        return None
