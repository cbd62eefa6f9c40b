"""Numbers in another unit are named where they stand, with what to write."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, get_args

import pandas as pd
import pytest

from mesocast.campaign.checks import load
from mesocast.columns import MEASURED, check_row, possible
from mesocast.columns.units import looks_like
from mesocast.config.campaign import Campaign
from mesocast.errors import InputError
from mesocast.recipe import Recipe
from mesocast.simulation.composition import compose
from mesocast.storage.rows import read_file
from tests.conftest import TINY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic import BaseModel

# Key, value in another unit, and what the line says of it.
KEYS: list[tuple[str, Any, str]] = [
    ("design.am_pct.min", 0.86, "looks like a fraction, write 86"),
    ("design.am_pct.max", 0.96, "looks like a fraction, write 96"),
    ("design.sc_pct.min", 0.45, "looks like a fraction, write 45"),
    ("design.cr_pct.max", 0.3, "looks like a fraction, write 30"),
    ("materials.active_material.density_g_cm3", 4650, "looks like kg/m3, write 4.65"),
    ("materials.cbd.carbon_density_g_cm3", 1900, "looks like kg/m3, write 1.9"),
    ("materials.cbd.binder_density_g_cm3", 1780.0, "looks like kg/m3, write 1.78"),
    ("materials.solvent.density_g_cm3", 1030, "looks like kg/m3, write 1.03"),
    ("materials.active_material.diameters_um.0", 2500, "looks like nm, write 2.5"),
    ("materials.active_material.diameters_um.1", 2.5e-6, "looks like m, write 2.5"),
    ("materials.active_material.diameters_um.1", 0.0025, "looks like mm, write 2.5"),
    ("materials.cbd.dry_diameter_um", 1300, "looks like nm, write 1.3"),
    ("materials.active_material.number_fractions.0", 60, "looks like per cent, write 0.6"),
    ("materials.cbd.nanoporosity", 50, "looks like per cent, write 0.5"),
    ("materials.active_material.electronic_conductivity_S_m", 1e-11, "looks like S/cm"),
    ("materials.cbd.electronic_conductivity_S_m", 0.02, "looks like S/cm, write 2"),
    ("electrode.mass_ug", 2000.0, "looks like ng, write 2"),
    ("electrode.mass_ug", -1, "allowed: at least"),
    ("electrode.mass_loading_mg_cm2", 250, "looks like g/m2, write 25"),
    ("electrode.mass_loading_mg_cm2", 0.0067, "looks like g/cm2, write 6.7"),
    ("characterization.voxel_size_um", 250, "looks like nm, write 0.25"),
    ("characterization.voxel_size_um", 2.5e-7, "looks like m, write 0.25"),
    ("characterization.collector_thickness_um", 22000, "looks like nm, write 22"),
    ("characterization.coverage_tolerance_um", 180, "looks like nm, write 0.18"),
    ("characterization.cbd_relative_diffusivity", 5, "looks like per cent, write 0.05"),
    ("drying.pressure_kPa", 20000, "looks like Pa, write 20"),
    ("drying.pressure_kPa", 0.02, "looks like MPa, write 20"),
    ("drying.residual_solvent", 6, "looks like per cent, write 0.06"),
    ("drying.consolidation_fill", 50, "looks like per cent, write 0.5"),
    ("drying.motion.time_step_ns", 0.005, "looks like us, write 5"),
    ("slurry.motion.time_step_ns", 5000, "looks like ps, write 5"),
    ("calendering.plane_speed_m_s", 200, "looks like mm/s, write 0.2"),
    ("slurry.motion.drag_time_us", 3e-7, "looks like s, write 0.3"),
    ("viscosity.mass_ug", 2000000, "looks like pg, write 2"),
    ("cell.loading_mg_cm2", 0.02, "looks like g/cm2, write 20"),
    ("cell.separator.porosity", 40, "looks like per cent, write 0.4"),
    ("cell.separator.thickness_um", 0.012, "looks like mm, write 12"),
    ("cell.separator.thickness_um", 25000, "looks like nm, write 25"),
    ("cell.stack.copper_foil_um", 10000, "looks like nm, write 10"),
    ("cell.stack.electrolyte_density_g_cm3", 1200, "looks like kg/m3, write 1.2"),
    ("cell.half_cell_cutoff_V", 3000, "looks like mV, write 3"),
    ("optimum.constraints.porosity_bulk.min", 25, "looks like per cent, write 0.25"),
    ("optimum.constraints.porosity_total.max", 45, "looks like per cent, write 0.45"),
    ("optimum.constraints.density_g_cm3.min", 2400, "looks like kg/m3, write 2.4"),
    ("optimum.constraints.thickness_um.max", 65000, "looks like nm, write 65"),
    ("optimum.constraints.am_pct.min", 0.9, "looks like a fraction, write 90"),
    ("optimum.constraints.active_surface_pct.max", 120, "at most 100 %"),
    ("force_fields.dried.hertz.friction", -0.1, "allowed: at least 0"),
    ("characterization.infiltration.surface_tension_mN_m", 0.03, "looks like N/m, write 30"),
    ("characterization.infiltration.contact_angle_deg", 120, "below 90 degrees"),
    ("characterization.infiltration.viscosity_mPa_s", 0.0035, "looks like Pa s, write 3.5"),
    ("characterization.infiltration.fill_pressure_kPa", 5000, "looks like Pa, write 5"),
]


def _nested(key: str, value: Any) -> dict[str, Any]:
    """Config that changes one key, beside the tiny campaign's."""
    head, *rest = key.split(".")
    if key.rpartition(".")[2].isdigit():
        *rest, place = rest
        own = {"diameters_um": [3.0, 4.5], "number_fractions": [0.6, 0.4]}[rest[-1]]
        value = [value if str(n) == place else number for n, number in enumerate(own)]
    for part in reversed(rest):
        value = {part: value}
    return {head: value}


def _laid_over(below: Any, above: Any) -> Any:
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return below | {key: _laid_over(below.get(key), value) for key, value in above.items()}


@pytest.mark.parametrize(("key", "value", "told"), KEYS)
def test_a_key_in_another_unit_is_named_itself(key: str, value: Any, told: str) -> None:
    with pytest.raises(InputError) as caught:
        load(_laid_over(TINY, _nested(key, value)))
    message = str(caught.value)
    assert f"{key} = {value!r}" in message or f"{key} = {value:g}" in message
    assert told in message
    assert "\n" not in message


def _numbers(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Schema of each number in a section and below it."""
    definitions = model.model_json_schema().get("$defs", {})

    def walk(schema: dict[str, Any], where: str) -> Iterator[tuple[str, Any]]:
        if "$ref" in schema:
            schema = definitions[schema["$ref"].rpartition("/")[2]]
        for choice in schema.get("anyOf", ()):
            yield from walk(choice, where)
        for inner in ("items", "additionalProperties"):
            if isinstance(schema.get(inner), dict):
                yield from walk(schema[inner], f"{where}[]")
        for name, inner in schema.get("properties", {}).items():
            yield from walk(inner, f"{where}.{name}")
        if schema.get("type") in ("number", "integer"):
            yield where.removeprefix("."), schema

    yield from walk(model.model_json_schema(), prefix)


# Their bounds are those of the column, or of the key, that they name.
OF_WHAT_THEY_NAME = {
    f"{section}[].{side}"
    for section in ("optimum.constraints", "calibration.coefficients")
    for side in ("min", "max")
} | {
    f"optimum.goals[].{key}"
    for key in ("target", "target.min", "target.max", "range.min", "range.max")
}


def test_every_number_of_a_config_has_bounds() -> None:
    found = dict(_numbers(Campaign))
    assert len(found) > 100
    lows, highs = {"minimum", "exclusiveMinimum"}, {"maximum", "exclusiveMaximum"}
    without = {
        key for key, schema in found.items() if not (lows & set(schema) and highs & set(schema))
    }
    assert without == OF_WHAT_THEY_NAME


def test_defaults_and_bounds_agree_in_the_schema() -> None:
    for key, schema in _numbers(Campaign):
        low = schema.get("minimum", schema.get("exclusiveMinimum", -math.inf))
        high = schema.get("maximum", schema.get("exclusiveMaximum", math.inf))
        assert low < high, key
        if isinstance(schema.get("default"), int | float):
            assert low <= schema["default"] <= high, key


def test_a_drag_that_no_step_follows_is_named() -> None:
    motion = {"time_step_ns": 50, "drag_time_us": 0.02}
    with pytest.raises(InputError, match=r"slurry.motion: drag_time_us = 0.02 is shorter"):
        load({**TINY, "slurry": {"motion": motion}})


@pytest.mark.parametrize("mass_ug", [1e-6, 3e-5, 5e-4])
def test_a_film_too_small_names_the_least_mass(mass_ug: float) -> None:
    with pytest.raises(InputError, match=r"electrode.mass_ug") as caught:
        load({**TINY, "electrode": {**TINY["electrode"], "mass_ug": mass_ug}})
    text = str(caught.value)
    least = float(text.partition("at least ")[2].split(",")[0].split()[0])
    if "wide" in text:
        least = float(text.partition("which ")[2].split()[0])
    assert least > mass_ug
    composition = {"am_pct": 86.0, "sc_pct": 45.0, "mass_ug": 1.1 * least}
    materials = Campaign.model_validate(TINY).materials
    wide = (
        {"mass_loading_mg_cm2": 0.1} if "each size class" in text else {"mass_loading_mg_cm2": 2.5}
    )
    assert compose(materials, **composition, **wide).counts.min() >= 1


ROWS: list[tuple[dict[str, Any], str]] = [
    ({"am_pct": 0.9}, "am_pct = 0.9: looks like a fraction, write 90"),
    ({"sc_pct": 0.6}, "sc_pct = 0.6: looks like a fraction, write 60"),
    ({"cr_pct": 120.0}, "cr_pct = 120: allowed: at least 0 and at most 100"),
    ({"density_g_cm3": 2400.0}, "density_g_cm3 = 2400: looks like kg/m3, write 2.4"),
    ({"thickness_um": 65000.0}, "thickness_um = 65000: looks like nm, write 65"),
    ({"porosity_bulk": 35.0}, "porosity_bulk = 35: looks like per cent, write 0.35"),
    ({"porosity_total": 48.0}, "porosity_total = 48: looks like per cent, write 0.48"),
    ({"am_fraction": 55.0}, "am_fraction = 55: looks like per cent, write 0.55"),
    ({"cbd_fraction": -0.1}, "cbd_fraction = -0.1: allowed: at least 0 and at most 1"),
    ({"active_surface_pct": 140.0}, "active_surface_pct = 140: allowed"),
    ({"mass_loading_mg_cm2": 670.0}, "mass_loading_mg_cm2 = 670: looks like g/m2, write 67"),
    ({"pressure_max_MPa": 5e7}, "pressure_max_MPa = 5e+07: looks like Pa, write 50"),
    ({"tortuosity_factor": -2.0}, "tortuosity_factor = -2: allowed: at least 0"),
    ({"mean_pore_diameter_um": 2500.0}, "mean_pore_diameter_um = 2500: looks like nm, write 2.5"),
    ({"voxel_size_um": 2500.0}, "voxel_size_um = 2500: looks like nm, write 2.5"),
]
ROW: dict[str, Any] = {
    "condition_id": "E1", "slurry_id": "S1", "round": 0, "seed": 1, "status": "ok", "reason": "",
    "am_pct": 92.0, "sc_pct": 60.0, "cr_pct": 20.0,
}  # fmt: skip


@pytest.mark.parametrize(("change", "told"), ROWS)
def test_a_column_in_another_unit_is_named_itself(change: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError) as caught:
        check_row({**ROW, **change}, "mine.csv: row 3")
    assert str(caught.value).startswith(f"mine.csv: row 3: {told}")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (7, "is no row"),
        ({**ROW, "seed": "first"}, "seed = 'first'; allowed: a whole number"),
        ({**ROW, "status": 3}, "status = 3; allowed: a text"),
        ({**ROW, "cr_pct": "high"}, "cr_pct = 'high'; allowed: a number"),
        ({**ROW, "density_g_cm3": "2,4"}, "density_g_cm3 = '2,4'; allowed: a number"),
        ({name: value for name, value in ROW.items() if name != "sc_pct"}, "sc_pct is empty"),
        ({**ROW, "price": 1.0}, "price: "),
        ({**ROW, "density_g_cm3": math.inf}, "density_g_cm3: "),
    ],
)
def test_what_is_no_value_of_a_column_is_named(row: Any, told: str) -> None:
    with pytest.raises(InputError) as caught:
        check_row(row, "mine.csv: row 3")
    assert str(caught.value).startswith(f"mine.csv: row 3: {told}")


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("cr_pct", [0.0, 0.1, 0.25], "looks like fractions"),
        ("active_surface_pct", [0.81, 0.9, 0.77], "looks like fractions"),
        ("pore_percolating_pct", [1.0, 0.98, 0.99], "looks like fractions"),
        ("cr_pct", [0.0, 0.0, 0.5], None),
        ("cr_pct", [0.5, 10.0, 20.0], None),
        ("am_surface_on_collector_pct", [0.1, 0.2, 0.3], None),
    ],
)
def test_a_whole_column_of_fractions_is_named(
    column: str, values: list[float], told: str | None, tmp_path: Path
) -> None:
    table = pd.DataFrame({"am_pct": [90.0, 92.0, 94.0], "sc_pct": 60.0, "cr_pct": 20.0})
    table.assign(**{column: values}).to_csv(tmp_path / "mine.csv", index=False)
    if told is None:
        assert read_file(tmp_path / "mine.csv")[column].tolist() == values
        return
    with pytest.raises(InputError, match=told) as caught:
        read_file(tmp_path / "mine.csv")
    assert f"mine.csv: {column}" in str(caught.value)


def test_every_share_ends_at_1_and_every_measured_column_has_a_bound_below_or_above() -> None:
    for name in MEASURED:
        low, high = possible(name)
        assert low < high
        if name.startswith(("porosity", "am_fraction", "cbd_fraction")):
            assert (low, high) == (0, 1)


@pytest.mark.parametrize(
    ("recipe", "told"),
    [
        ((0.92, 60, 20), "am_pct = 0.92: looks like a fraction, write 92"),
        ((92, 0.6, 20), "sc_pct = 0.6: looks like a fraction, write 60"),
        ((92, 60, 60), "cr_pct = 60: allowed: at least 0 and below 60"),
        ((100, 60, 20), "am_pct = 100: allowed: at least 1 and below 100"),
        ((92, 60, -1), "cr_pct = -1"),
    ],
)
def test_a_recipe_in_fractions_is_named(recipe: tuple[float, float, float], told: str) -> None:
    with pytest.raises(InputError) as caught:
        Recipe(*recipe)
    assert str(caught.value).startswith(told)


@pytest.mark.parametrize(
    ("value", "low", "high", "unit", "told"),
    [
        (0.0, 1, 100, "%", ""),  # 0 is 0 in any unit
        (1e9, 1, 100, "%", ""),
        (5.0, 0.1, 1, "a unit nobody knows", ""),
        (35.0, 0, 1, "", "looks like per cent, write 0.35; "),
        (35.0, 0, 2, "", ""),  # no share
    ],
)
def test_what_a_number_looks_like(
    value: float, low: float, high: float, unit: str, told: str
) -> None:
    assert looks_like(value, low, high, unit) == told


def test_kinds_of_numbers_are_floats() -> None:
    """Bounds are told beside the type, so that a field stays a float for whoever reads it."""
    from mesocast.config import section

    kinds = [kind for kind in vars(section).values() if section.Bounds in map(type, get_args(kind))]
    assert len(kinds) > 25
    assert all(get_args(kind)[0] is float for kind in kinds)
