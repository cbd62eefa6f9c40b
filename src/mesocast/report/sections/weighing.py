"""The chosen recipe as it is weighed and set on a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.report.blocks import Table
from mesocast.report.numbers import number
from mesocast.simulation.weighing import weigh

if TYPE_CHECKING:
    import pandas as pd

    from mesocast.report.results import Results


def weighed_and_set(results: Results) -> Table:
    """Masses, coat and gap of the chosen recipe; what only a simulation tells is from its films."""
    verdict = results.verdict
    campaign = results.campaign.at(verdict.recipe.values)
    coat = weigh(campaign.materials, verdict.recipe, campaign.electrode.mass_loading_mg_cm2)
    name = campaign.materials.active_material.name
    rows = [
        (f"{name}, for 100 g of slurry", f"{coat.active_material_g:.1f} g"),
        ("Carbon", f"{coat.carbon_g:.2f} g"),
        ("Binder", f"{coat.binder_g:.2f} g"),
        (campaign.materials.solvent.name, f"{coat.solvent_g:.1f} g"),
        ("Mass loading, dry", f"{coat.mass_loading_mg_cm2:g} mg/cm²"),
        ("Wet thickness", f"{coat.wet_thickness_um:.0f} µm"),
        *_films(results.chosen),
    ]
    made = ", ".join(results.chosen["condition_id"]) or "no electrode of this recipe was simulated"
    return Table(
        "The recipe to weigh and to set",
        "Masses follow from the recipe and the densities of the config, the wet thickness from "
        "ideal mixing. Thickness, gap and porosity are those of the simulated films, without foil: "
        f"{made}. The gap of a real calender is smaller by what its rolls and frame give way.",
        "campaign.json, conditions/<id>/properties.json",
        ("What", "Value"),
        tuple(rows),
    )


def _films(films: pd.DataFrame) -> list[tuple[str, str]]:
    if films.empty:
        return [("Dry thickness, gap, porosity", "–")]
    before_um = films["thickness_um"] / (1 - films["cr_retained_pct"].fillna(0) / 100)
    pressed_um = before_um * (1 - films["cr_imposed_pct"].fillna(0) / 100)
    columns = (
        ("Dry thickness before calendering", before_um, "µm"),
        ("Gap at the plane's lowest point", films["gap_um"], "µm"),
        ("Thickness under the plane", pressed_um, "µm"),
        ("Springback", films["thickness_um"] - pressed_um, "µm"),
        ("Thickness at the end", films["thickness_um"], "µm"),
        ("Porosity between the beads", 100 * films["porosity_bulk"], "%"),
        ("Porosity, nanopores of the CBD included", 100 * films["porosity_total"], "%"),
        ("Density", films["density_g_cm3"], "g/cm³"),
    )
    return [(label, _mean(values, unit)) for label, values, unit in columns]


def _mean(values: pd.Series[float], unit: str) -> str:
    if values.isna().all():
        return "–"
    spread = f" ± {number(float(values.std()), 2)}" if len(values) > 1 else ""
    return f"{number(float(values.mean()), 3)}{spread} {unit}"
