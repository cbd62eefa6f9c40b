"""What a battery does with an electrode: discharges, and the columns of the dataset from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mesocast.cell.blend import check_kinds
from mesocast.cell.chemistry import Chemistry, default_chemistry
from mesocast.cell.discharge import CellModel, Discharge
from mesocast.cell.overpotentials import at_half_discharge_mV, limited_by
from mesocast.cell.parameters import Reference, capacity_Ah_m2, reference_of
from mesocast.cell.porous_electrode import PorousElectrode
from mesocast.cell.rates import power_at_energy_W_L, rate_of_80_pct_C
from mesocast.cell.stack import Stack, stack_of
from mesocast.columns import LOSSES, RATES
from mesocast.config.cell import CellSettings
from mesocast.config.materials import ActiveMaterial

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesocast.errors import PhysicsFailure

# Rates of the columns.
RATES_C = {name: rate for name, (_, rate) in RATES.items()}


@dataclass(frozen=True, kw_only=True)
class CellResult:
    """An electrode in a half cell and in a full cell.

    Parameters
    ----------
    electrode
        The positive electrode, at the loading of the cell.
    chemistry, settings
        The materials and the rest of the cell.
    stack
        Layers of the full cell.
    half, full
        Discharges against lithium and against the negative electrode, by rising rate.
    rate_at_80_pct_C
        Rate at which the full cell gives 80 % of its charge at C/5; None above 40C.
    power_at_energy_W_L
        Highest mean power at which the stack gives ``settings.power_at_energy_Wh_L``; 0 where it
        gives less at any rate, None above 40C.
    failures
        What failed, one line per discharge.
    """

    electrode: PorousElectrode
    chemistry: Chemistry
    settings: CellSettings
    stack: Stack
    half: tuple[Discharge, ...]
    full: tuple[Discharge, ...]
    rate_at_80_pct_C: float | None
    power_at_energy_W_L: float | None
    failures: tuple[str, ...] = field(default=())

    @property
    def status(self) -> str:
        """``ok``, or ``solver`` where a discharge has no result."""
        return "solver" if self.failures else "ok"

    @property
    def reason(self) -> str:
        """What failed, in one line; empty when ok."""
        return "; ".join(self.failures)

    def energy_Wh_L(self, discharge: Discharge) -> float:
        """Energy of a discharge of the full cell over the volume of the stack."""
        return discharge.energy_Wh_m2 / self.stack.volume_L_m2

    def power_W_L(self, discharge: Discharge) -> float:
        """Mean power of a discharge of the full cell over the volume of the stack."""
        return discharge.mean_power_W_m2 / self.stack.volume_L_m2

    def columns(self) -> dict[str, float | str | None]:
        """Give the columns of the dataset, as plain numbers and strings."""
        row: dict[str, float | str | None] = {
            "cell_status": self.status,
            "cell_reason": self.reason,
            "cell_model": self.settings.model,
            "cell_chemistry": self.chemistry.title,
            "cell_loading_mg_cm2": self.electrode.loading_mg_cm2,
            "areal_capacity_mAh_cm2": 0.1 * capacity_Ah_m2(self.electrode, self.chemistry),
            "stack_electrolyte_uL_cm2": self.stack.electrolyte_uL_cm2,
            "rate_at_80_pct_C": self.rate_at_80_pct_C,
            "power_at_energy_W_L": self.power_at_energy_W_L,
        }
        full = _by_rate(self.full)
        half = _by_rate(self.half)
        slow = full.get("C5")
        coating_L_m2 = 1e-3 * self.electrode.thickness_um
        coating_kg_m2 = 1e-2 * self.electrode.loading_mg_cm2
        for name in RATES_C:
            if name in full:
                found = full[name]
                row[f"capacity_{name}_mAh_g"] = found.capacity_mAh_g
                row[f"energy_stack_{name}_Wh_kg"] = found.energy_Wh_m2 / self.stack.mass_kg_m2
                row[f"energy_stack_{name}_Wh_L"] = self.energy_Wh_L(found)
                row[f"power_stack_{name}_W_L"] = self.power_W_L(found)
                if name != "C5" and slow and slow.capacity_Ah_m2:
                    row[f"capacity_retention_{name}"] = found.capacity_Ah_m2 / slow.capacity_Ah_m2
            if name in half:
                found = half[name]
                row[f"energy_coating_{name}_Wh_kg"] = found.energy_Wh_m2 / coating_kg_m2
                row[f"energy_coating_{name}_Wh_L"] = found.energy_Wh_m2 / coating_L_m2
                row[f"limited_by_{name}"] = limited_by(found)
        if "1C" in half and half["1C"].duration_h:
            split = at_half_discharge_mV(half["1C"])
            row |= {f"overpotential_{name}_1C_mV": split[name] for name in LOSSES}
        return row


def _by_rate(discharges: Sequence[Discharge]) -> dict[str, Discharge]:
    """Discharges at the rates of the columns that have a result."""
    found = {d.rate_C: d for d in discharges if not d.failure}
    return {name: found[rate] for name, rate in RATES_C.items() if rate in found}


@lru_cache(maxsize=64)
def _model(
    chemistry: Chemistry,
    settings: CellSettings,
    half: bool,
    reference: Reference,
    radius_um: float,
    spread: float,
    kinds: tuple[tuple[str, float], ...],
) -> CellModel:
    """Build a cell; once for like electrodes of a process, since it costs as much as 20 of them."""
    return CellModel(
        chemistry,
        settings,
        half=half,
        reference=reference,
        particle_radius_um=radius_um,
        particle_radius_spread=spread,
        radii_of_kinds_um=kinds,
    )


def _model_of(
    electrode: PorousElectrode, chemistry: Chemistry, settings: CellSettings, *, half: bool
) -> CellModel:
    return _model(
        chemistry,
        settings,
        half,
        reference_of(electrode, chemistry, settings),
        electrode.particle_radius_um,
        electrode.particle_radius_spread if settings.particle_sizes == "distribution" else 0.0,
        tuple((kind.name, kind.particle_radius_um) for kind in electrode.kinds),
    )


@lru_cache(maxsize=1)
def _chemistry() -> Chemistry:
    return default_chemistry()


def discharge(
    electrode: PorousElectrode,
    rate_C: float,
    *,
    half: bool,
    chemistry: Chemistry | None = None,
    settings: CellSettings | None = None,
) -> Discharge:
    """Discharge one electrode in a half or a full cell; see ``CellModel.discharge``.

    Raises
    ------
    InputError
        The rate is not above 0, or PyBaMM is not installed.
    """
    model = _model_of(electrode, chemistry or _chemistry(), settings or CellSettings(), half=half)
    return model.discharge(electrode, rate_C)


def cell(
    electrode: PorousElectrode | Mapping[str, Any],
    chemistry: Chemistry | None = None,
    *,
    material: ActiveMaterial | None = None,
    settings: CellSettings | None = None,
    loading_mg_cm2: float | None = None,
) -> CellResult:
    """Put an electrode into a half cell and a full cell, and discharge both at several rates.

    Parameters
    ----------
    electrode
        A row of the dataset (any mapping with its columns), or eight numbers.
    chemistry
        Materials; None: ``default_chemistry``.
    material
        The electrode's active material, for a row; None: the default one, NMC111.
    settings
        The rest of the cell, and the rates; None: the defaults.
    loading_mg_cm2
        Dry mass over area to which the structure is stacked; None: that of the settings.

    Raises
    ------
    PhysicsFailure
        The electrode failed, or has no value of what a cell needs.
    InputError
        A number is outside of what is possible, or PyBaMM is not installed.
    """
    chemistry, settings = chemistry or _chemistry(), settings or CellSettings()
    if not isinstance(electrode, PorousElectrode):
        electrode = PorousElectrode.of(
            electrode, material or ActiveMaterial(), trapped_gas=settings.trapped_gas
        )
    check_kinds(chemistry, [kind.name for kind in electrode.kinds])
    loading_mg_cm2 = loading_mg_cm2 or settings.loading_mg_cm2
    if loading_mg_cm2 is not None:
        electrode = electrode.stacked(loading_mg_cm2)
    stack = stack_of(electrode, chemistry, settings)
    full_model = _model_of(electrode, chemistry, settings, half=False)
    rates_C = sorted({*RATES_C.values(), *settings.more_rates_C})
    runs: dict[bool, tuple[Discharge, ...]] = {}
    for half in (True, False):
        model = _model_of(electrode, chemistry, settings, half=half)
        runs[half] = tuple(model.discharge(electrode, rate) for rate in rates_C)
    known = {run.rate_C: run for run in runs[False] if not run.failure}
    failures = tuple(
        f"{'half' if half else 'full'} cell at {run.failure}"
        for half, found in runs.items()
        for run in found
        if run.failure
    )
    return CellResult(
        electrode=electrode,
        chemistry=chemistry,
        settings=settings,
        stack=stack,
        half=runs[True],
        full=runs[False],
        rate_at_80_pct_C=rate_of_80_pct_C(full_model, electrode, known),
        power_at_energy_W_L=power_at_energy_W_L(
            full_model, electrode, known, stack, settings.power_at_energy_Wh_L
        ),
        failures=failures,
    )


def failed_columns(failure: PhysicsFailure) -> dict[str, float | str | None]:
    """Columns of an electrode that no cell can be made of."""
    return {"cell_status": failure.status, "cell_reason": failure.reason}
