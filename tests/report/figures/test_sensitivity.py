from __future__ import annotations

from mesocast.report.figures.sensitivity import sobol_bars
from mesocast.surrogates.sensitivity import SobolIndices


def test_bars_carry_indices_and_intervals() -> None:
    inputs = ("am_pct", "sc_pct", "cr_pct")
    indices = SobolIndices(
        inputs, (0.1, 0.2, 0.6), (0.01, 0.02, 0.03), (0.2, 0.2, 0.7), (0.04, 0.05, 0.06), 8, 1
    )
    alone, total = sobol_bars(indices).data
    assert (list(alone.y), list(total.y)) == ([0.1, 0.2, 0.6], [0.2, 0.2, 0.7])
    assert list(total.error_y.array) == [0.04, 0.05, 0.06]
    assert alone.x[0] == "Active<br>material"
