"""Discharge curves as tables, with the column names of the Battery Data Format.

Battery Data Format (battery-data-alliance/battery-data-format): ``test_time_second``,
``current_ampere`` (negative while the cell is discharged) and ``voltage_volt``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mesocast.cell.discharge import Discharge

_AREA_M2 = 1e-4


def discharge_table(discharges: Iterable[Discharge], cell: str) -> pd.DataFrame:
    """Put the curves of discharges into one table, of one square centimetre of cell.

    Parameters
    ----------
    discharges
        Of one cell.
    cell
        ``half`` or ``full``.

    Returns
    -------
    pandas.DataFrame
        One row per time. Columns of the Battery Data Format first; then the cell, the rate, the
        open-circuit voltage and what each loss takes of it.
    """
    tables = [
        pd.DataFrame(
            {
                "test_time_second": found.time_s,
                "current_ampere": np.full(len(found.time_s), -found.current_A_m2 * _AREA_M2),
                "voltage_volt": found.voltage_V,
                "discharging_capacity_ah": found.current_A_m2 * _AREA_M2 * found.time_s / 3600,
                "cell": cell,
                "rate_C": found.rate_C,
                "open_circuit_voltage_volt": found.open_circuit_V,
                **{f"loss_{name}_volt": loss for name, loss in found.losses_V.items()},
            }
        )
        for found in discharges
    ]
    return pd.concat(tables, ignore_index=True)
