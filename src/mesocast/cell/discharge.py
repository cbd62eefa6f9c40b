"""Discharges of a cell at constant current, by PyBaMM's porous-electrode models."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.cell.blend import losses_of_kinds, phases_of, variables_of
from mesocast.cell.chemistry import import_pybamm
from mesocast.cell.parameters import (
    CURRENT,
    capacity_Ah_m2,
    cell_inputs,
    cell_parameters,
    volume_shares,
)
from mesocast.columns import LOSSES
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mesocast.cell.chemistry import Chemistry
    from mesocast.cell.parameters import Reference
    from mesocast.cell.porous_electrode import PorousElectrode
    from mesocast.config.cell import CellSettings

    Curve = NDArray[np.float64]

_BATTERY = "X-averaged battery "
# PyBaMM's variables of each, with the sign by which they add to the voltage.
_LOSS_VARIABLES: dict[str, dict[str, float]] = {
    "reaction": {f"{_BATTERY}positive reaction overpotential [V]": 1},
    "particle": {"Battery positive particle concentration overpotential [V]": 1},
    "electrolyte_concentration": {f"{_BATTERY}concentration overpotential [V]": 1},
    "electrolyte_ohmic": {f"{_BATTERY}electrolyte ohmic losses [V]": 1},
    "electronic": {f"{_BATTERY}positive solid phase ohmic losses [V]": 1},
    "counter": {
        f"{_BATTERY}negative reaction overpotential [V]": -1,
        "Battery negative particle concentration overpotential [V]": -1,
        f"{_BATTERY}negative solid phase ohmic losses [V]": -1,
    },
}
_VOLTAGE, _OPEN_CIRCUIT = "Voltage [V]", "Battery open-circuit voltage [V]"
_NEGATIVE_AT_REST = "Battery negative electrode bulk open-circuit potential [V]"

# Points across each domain. With twice as many and a hundredth of the tolerance, energies of the
# open dataset's electrodes change by less than 0.1 %, and by 1 % where the electrolyte of a thick
# electrode empties (docs/cell.md).
POINTS = {"x_n": 20, "x_s": 20, "x_p": 40, "r_n": 20, "r_p": 20, "R_n": 20, "R_p": 20}
POINTS |= {"r_p_prim": 20, "r_p_sec": 20}
_TOLERANCE = 1e-4
# The reaction front of a thick electrode can be too sharp for the time steps; then they are tried
# once more with this share of the tolerance.
_SECOND_TRY = 1e-2
# What the event finder may miss of the end of a discharge.
_NEARLY = 1e-6
# Times of a curve, as shares of the nominal time: dense at both ends, where the voltage bends. The
# solver's own steps are too far apart to integrate over.
_TIMES = (1 - np.cos(np.linspace(0, np.pi, 121))) / 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Discharge:
    """One discharge from full, over an electrode area.

    Parameters
    ----------
    rate_C
        1 empties the positive electrode's stoichiometry window in an hour.
    current_A_m2
        Current over area.
    time_s, voltage_V, open_circuit_V
        Over time, shape (n,); empty where the cell is below its cut-off at once or fails.
    losses_V
        By name (``LOSSES``) what is lacking to the open-circuit voltage, shape (n,). They add up to
        open_circuit_V - voltage_V.
    active_loading_g_m2
        Mass of active material in the positive electrode over area.
    failure
        Why there is no result, in one line; empty otherwise.
    """

    rate_C: float
    current_A_m2: float
    time_s: Curve
    voltage_V: Curve
    open_circuit_V: Curve
    losses_V: Mapping[str, Curve]
    active_loading_g_m2: float
    failure: str = ""

    @property
    def duration_h(self) -> float:
        """Time until the cut-off."""
        return float(self.time_s[-1]) / 3600 if len(self.time_s) else 0.0

    @property
    def is_complete(self) -> bool:
        """Whether the stoichiometry window was used up before the cut-off."""
        return self.duration_h * self.rate_C > 1 - _NEARLY

    @property
    def capacity_Ah_m2(self) -> float:
        """Charge until the cut-off."""
        return self.current_A_m2 * self.duration_h

    @property
    def capacity_mAh_g(self) -> float:
        """The same over the mass of active material."""
        return 1e3 * self.capacity_Ah_m2 / self.active_loading_g_m2

    @property
    def energy_Wh_m2(self) -> float:
        """Energy until the cut-off."""
        return self._energy_Wh_m2(self.voltage_V)

    @property
    def open_circuit_energy_Wh_m2(self) -> float:
        """What the same charge would have given at no current."""
        return self._energy_Wh_m2(self.open_circuit_V)

    @property
    def lost_Wh_m2(self) -> dict[str, float]:
        """Energy that each loss took, by name."""
        return {name: self._energy_Wh_m2(loss) for name, loss in self.losses_V.items()}

    @property
    def mean_power_W_m2(self) -> float:
        """Energy over time; 0 where there is no discharge."""
        return self.energy_Wh_m2 / self.duration_h if self.duration_h else 0.0

    def _energy_Wh_m2(self, potential_V: Curve) -> float:
        return self.current_A_m2 * float(np.trapezoid(potential_V, self.time_s)) / 3600


_NOTHING: dict[str, Any] = {
    "time_s": np.empty(0),
    "voltage_V": np.empty(0),
    "open_circuit_V": np.empty(0),
    "losses_V": dict.fromkeys(LOSSES, np.empty(0)),
}


class CellModel:
    """A cell of one chemistry and particle size, built once for like electrodes and all rates.

    Parameters
    ----------
    chemistry, settings
        The materials and the rest of the cell.
    half
        The counter electrode is lithium metal in place of the file's negative electrode.
    reference
        Thicknesses of the mesh; see ``parameters``.
    particle_radius_um, particle_radius_spread, radii_of_kinds_um
        See ``cell_parameters``.
    points, tolerance
        Of the mesh, and the relative one of the time steps.

    Raises
    ------
    InputError
        PyBaMM is not installed, or the settings do not go together.
    """

    def __init__(
        self,
        chemistry: Chemistry,
        settings: CellSettings,
        *,
        half: bool,
        reference: Reference,
        particle_radius_um: float,
        particle_radius_spread: float = 0.0,
        radii_of_kinds_um: Sequence[tuple[str, float]] = (),
        points: Mapping[str, int] = POINTS,
        tolerance: float = _TOLERANCE,
    ) -> None:
        pybamm = import_pybamm()
        options: dict[str, Any] = {"interface utilisation": ("full", "constant")}
        if half:
            options["working electrode"] = "positive"
        if settings.particle_sizes == "distribution" and particle_radius_spread > 0:
            options["particle size"] = ("single", "distribution")
        self._phases = phases_of(chemistry) if radii_of_kinds_um else {}
        if self._phases and (settings.model, settings.particle_sizes) != ("DFN", "mean"):
            raise InputError(
                "cell: two kinds of active material; allowed: model = DFN and particle_sizes = mean"
            )
        if self._phases:
            options |= {"particle phases": ("1", "2"), "surface form": "algebraic"}
        self._chemistry, self._settings = chemistry, settings
        self._half, self._reference = half, reference
        self._losses = {
            name: variables
            for name, variables in _LOSS_VARIABLES.items()
            if (name != "counter" or not half)
            and (name not in ("reaction", "particle") or not self._phases)
        }
        names = [_VOLTAGE, _OPEN_CIRCUIT, *(v for vs in self._losses.values() for v in vs)]
        if self._phases:
            of_kinds = (v for phase in self._phases.values() for v in variables_of(phase))
            names = [*names, _NEGATIVE_AT_REST, *of_kinds]
        self._solvers = [
            pybamm.IDAKLUSolver(rtol=rtol, atol=1e-2 * rtol, output_variables=names)
            for rtol in (tolerance, tolerance * _SECOND_TRY)
        ]
        self._simulation = pybamm.Simulation(
            getattr(pybamm.lithium_ion, settings.model)(options),
            parameter_values=pybamm.ParameterValues(
                cell_parameters(
                    chemistry,
                    settings,
                    half=half,
                    reference=reference,
                    particle_radius_um=particle_radius_um,
                    particle_radius_spread=particle_radius_spread,
                    radii_of_kinds_um=radii_of_kinds_um,
                )
            ),
            var_pts=dict(points),
            solver=self._solvers[0],
        )

    def discharge(self, electrode: PorousElectrode, rate_C: float) -> Discharge:
        """Discharge the cell from full, to its cut-off or the end of the stoichiometry window.

        Parameters
        ----------
        electrode
            The positive electrode.
        rate_C
            1 empties the window of the positive electrode in an hour; above 0.

        Raises
        ------
        InputError
            The rate is not above 0.
        """
        if not (rate_C > 0 and math.isfinite(rate_C)):
            raise InputError(f"cell: rate = {rate_C:g} C; allowed: above 0")
        current = rate_C * capacity_Ah_m2(electrode, self._chemistry)
        found: dict[str, Any] = {
            "rate_C": rate_C,
            "current_A_m2": current,
            "active_loading_g_m2": 10 * electrode.active_loading_mg_cm2,
        }
        inputs = cell_inputs(
            electrode,
            self._chemistry,
            self._settings,
            half=self._half,
            reference=self._reference,
        )
        solution, failure = self._solve(inputs | {CURRENT: current}, 3600 / rate_C)
        if solution is None:
            return Discharge(
                **found, **_NOTHING, failure=failure and f"{rate_C:g}C: PyBaMM: {failure}"
            )

        def curve(name: str) -> Curve:
            return np.asarray(solution[name].data, float).ravel()

        voltage, open_circuit = curve(_VOLTAGE), curve(_OPEN_CIRCUIT)
        losses = {
            name: -np.sum([sign * curve(v) for v, sign in variables.items()], axis=0)
            for name, variables in self._losses.items()
        }
        if self._phases:
            drawn = np.asarray(solution.t, float) * rate_C / 3600
            shares = volume_shares(electrode)
            at_rest, of_kinds = losses_of_kinds(self._chemistry, shares, curve, drawn)
            open_circuit = at_rest - curve(_NEGATIVE_AT_REST)
            losses = of_kinds | losses
        if self._half:  # what is left is the lithium's, whose name differs between the models
            losses["counter"] = open_circuit - voltage - np.sum(list(losses.values()), axis=0)
        return Discharge(
            **found,
            time_s=np.asarray(solution.t, float),
            voltage_V=voltage,
            open_circuit_V=open_circuit,
            losses_V=losses,
        )

    def _solve(self, inputs: Mapping[str, float], duration_s: float) -> tuple[Any, str]:
        """Solution, or None and why; without a reason where the cut-off is passed at once."""
        pybamm = import_pybamm()
        failure = ""
        for solver in self._solvers:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    solution = self._simulation.solve(
                        [0, duration_s],
                        t_interp=duration_s * _TIMES,
                        inputs=dict(inputs),
                        solver=solver,
                    )
            except pybamm.SolverError as error:
                failure = " ".join(str(error).split())[:200]
                if "non-positive at initial conditions" in failure:
                    return None, ""
            else:
                return solution, ""
        return None, failure
