"""Rates at which a full cell gives just enough, on cells whose charge is a formula."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from mesocast.cell.rates import rate_of_80_pct_C

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesocast.cell.discharge import CellModel
    from mesocast.cell.porous_electrode import PorousElectrode


def _found(rate_of_80_C: float, more: Sequence[float] = (), charge: float = 1.0) -> float | None:
    def discharge(_electrode: object, rate_C: float) -> Any:
        kept = charge * (1 - 0.2 * (rate_C - 0.2) / (rate_of_80_C - 0.2))
        return SimpleNamespace(rate_C=rate_C, capacity_Ah_m2=kept, failure="")

    known = {rate: discharge(None, rate) for rate in (0.2, 1.0, 2.0, 5.0, *more)}
    model = cast("CellModel", SimpleNamespace(discharge=discharge))
    return rate_of_80_pct_C(model, cast("PorousElectrode", None), known)


@pytest.mark.parametrize("more", [(), (8.0,), (30.0,), (3.0, 60.0)])
@pytest.mark.parametrize(("true_C", "found_C"), [(3.0, 3.0), (35.0, 35.0), (45.0, None)])
def test_rates_that_are_drawn_do_not_decide(
    true_C: float, found_C: float | None, more: tuple[float, ...]
) -> None:
    assert _found(true_C, more) == (None if found_C is None else pytest.approx(found_C, rel=0.01))


def test_a_cell_that_gives_nothing_has_no_rate() -> None:
    assert _found(3.0, charge=0.0) == 0
