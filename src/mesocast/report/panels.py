"""Which of many panels the page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Panel = TypeVar("Panel")

# Panels that are shown of many parameters.
_MOST = 6


def telling(
    panels: Sequence[Panel], values: Callable[[Panel], Sequence[Sequence[float]]]
) -> tuple[Panel, ...]:
    """Panels that are shown: all, or of many those in which the values change most."""
    if len(panels) <= _MOST:
        return tuple(panels)
    spread = np.array([np.std(values(panel)) for panel in panels])
    shown = sorted(np.argsort(-spread, kind="stable")[:_MOST].tolist())
    return tuple(panels[number] for number in shown)
