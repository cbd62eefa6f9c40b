"""The electrodes: how the optimal one came to be, and what it looks like inside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.dataset.beads import BEADS, Beads
from mesocast.electrode import Electrode
from mesocast.report.blocks import Figure, Notice, Picture, Row, Section, Table, Text
from mesocast.report.figures.electrodes import (
    PressCurve,
    press_curves,
    spheres,
    thickness_history,
)
from mesocast.report.numbers import count, fixed, number
from mesocast.storage.layout import SIMULATED

if TYPE_CHECKING:
    import pandas as pd

    from mesocast.report.blocks import Block
    from mesocast.report.results import Results

# Sections of further seeds look alike.
_PICTURES = 1
# Points of compression that a film may settle under its own weight meanwhile, and electrodes that
# are named.
_SETTLES_POINTS = 1.0
_NAMED = 3


def build(results: Results) -> Section:
    """Write the section."""
    shown = results.shown
    names = ", ".join(shown["condition_id"])
    given = results.campaign.design.dataset
    if given and results.confirmed.empty:
        path = Path(given).with_name(BEADS)
        if path.exists():
            return _of_beads(Beads(path), path, str(shown["condition_id"].iloc[0]))
        text = (
            f"The electrodes were simulated before and only their properties are in {given}, so "
            f"there is none to look at; the best of them is {names}. With verification.seeds above "
            "0 in the config the optimum is simulated and shown here."
        )
        return Section("electrodes", "The electrodes", [Text(text)])
    what = "the optimum" if not results.confirmed.empty else "the best electrode of the design"
    blocks: list[Block] = [
        Text(
            f"Shown: {what} ({names}). A slurry relaxes as a wet film, dries while its CBD beads "
            "(carbon-binder domain) shrink, is pressed between two planes, and springs back."
        )
    ]
    for _, row in shown.head(_PICTURES).iterrows():
        blocks.extend(_picture(results, row))
        blocks.extend(_spheres(results, row))
    blocks.extend(_histories(results))
    blocks.extend(_checks(results))
    return Section("electrodes", "The electrodes", blocks)


def _of_beads(beads: Beads, path: Path, name: str) -> Section:
    """Write the section of electrodes that were simulated before and whose beads are kept."""
    text = Text(
        f"The electrodes were simulated before; their beads are in {path}. Shown is the best of "
        f"them, {name}. With verification.seeds above 0 in the config the optimum is simulated "
        "and shown here."
    )
    figure = _beads_figure(name, beads.read(name), f"{path}, film {name}")
    return Section("electrodes", "The electrodes", [text, figure])


def _picture(results: Results, row: pd.Series[Any]) -> list[Block]:
    name = row["condition_id"]
    path = results.folder / "conditions" / name / "sections.png"
    if not path.exists():
        return [Notice((f"conditions/{name}/sections.png is not in this results folder.",))]
    porosity = number(100 * float(row["porosity_bulk"]), 3)
    return [
        Picture(
            f"Cross-sections of {name}",
            f"Left, through the thickness with the collector at the bottom; right, in the plane. "
            f"Pores between the beads are {porosity} % of the volume. Look whether the CBD "
            "(orange) joins the active material (blue), and whether pores reach from top to "
            "bottom.",
            f"conditions/{name}/sections.png, from conditions/{name}/microstructure.tif",
            path.read_bytes(),
        )
    ]


def _spheres(results: Results, row: pd.Series[Any]) -> list[Block]:
    name = row["condition_id"]
    path = results.folder / "conditions" / name / "electrode.dump.gz"
    if not path.exists():
        return [Notice((f"conditions/{name}/electrode.dump.gz is not in this results folder.",))]
    electrode = Electrode.read_dump(path)
    return [_beads_figure(name, electrode, f"conditions/{name}/electrode.dump.gz")]


def _beads_figure(name: str, electrode: Electrode, source: str) -> Figure:
    return Figure(
        "spheres",
        f"{name} in three dimensions",
        f"All {len(electrode.radii_um)} beads on the collector at z = 0 (axes in µm); those "
        "that stick out of a side come in again on the other. Drag to turn, and click on a "
        "name above to take its beads away: what is left of the other shows whether it holds "
        "together.",
        source,
        spheres(electrode),
        height_px=560,
    )


def _histories(results: Results) -> list[Block]:
    electrodes: dict[str, dict[str, pd.DataFrame]] = {}
    for _, row in results.shown.iterrows():
        found = {stage: results.history(stage, row) for stage in SIMULATED}
        kept: dict[str, pd.DataFrame] = {
            stage: table for stage, table in found.items() if table is not None
        }
        if kept:
            electrodes[row["condition_id"]] = kept
    if not electrodes:
        return [Notice(("The histories of the simulations are not in this results folder.",))]
    figures = [
        Figure(
            "thickness-history",
            "Thickness through slurry, drying and calendering",
            "The film keeps its thickness while wet, falls as the solvent goes, and is pressed "
            "and springs back at the end; each stage ends when its line is flat. "
            + (
                f"{count(len(electrodes), 'electrode')} (one line style per seed): lines that lie "
                "together mean little noise from the random start."
                if len(electrodes) > 1
                else ""
            ),
            "slurries/<id>/slurry.csv, drying.csv, conditions/<id>/calendering.csv",
            thickness_history(electrodes),
        )
    ]
    curves = _curves(results)
    if curves:
        figures.append(
            Figure(
                "press-curves",
                "Pressure on the plane against the gap",
                "Calendering goes from right to left and back: the pressure rises ever more "
                "steeply as pores close, and is lower on the way back, because the beads have "
                "moved for good. The gap where it reaches zero again, minus the smallest gap, is "
                "the spring-back. Green: "
                f"{', '.join(c.name for c in curves if c.highlighted)}; other lines: the slurry "
                "whose recipe is nearest.",
                "conditions/<id>/calendering.csv",
                press_curves(curves, results.campaign.calendering.pressure_scale),
            )
        )
    return [Row(tuple(figures))]


def _curves(results: Results) -> list[PressCurve]:
    """Calendering of the shown electrodes and of the slurry nearest to them."""
    shown, simulated = results.shown, results.simulated
    bounds = results.bounds_pct
    distance = sum(
        ((simulated[name] - shown[name].iloc[0]) / (bounds[name][1] - bounds[name][0])) ** 2
        for name in ("am_pct", "sc_pct")
        if name in bounds
    )
    nearest = simulated.loc[int(np.argmin(distance)), "slurry_id"]
    family = simulated[
        (simulated["slurry_id"] == nearest) & ~simulated["condition_id"].isin(shown["condition_id"])
    ]
    curves = []
    for rows, highlighted in ((shown, True), (family, False)):
        for _, row in rows.iterrows():
            history = results.history("calendering", row)
            if history is not None:
                curves.append(
                    PressCurve(row["condition_id"], float(row["cr_pct"]), history, highlighted)
                )
    return curves


def _checks(results: Results) -> list[Block]:
    """Balances that every simulation has to keep."""
    slurries, dried = results.records("slurry"), results.records("drying")
    wet = [r["measured"] for r in slurries if r["status"] == "ok"]
    dry = [r["measured"] for r in dried if r["status"] == "ok"]
    if not wet or not dry:
        return []
    mass = max(abs(100 * (m["mass_pg"] / m["mass_by_recipe_pg"] - 1)) for m in (*wet, *dry))
    density = [100 * (m["density_g_cm3"] / m["ideal_mixing_density_g_cm3"] - 1) for m in wet]
    rising = falling = slurries_seen = 0
    for _, rows in results.simulated.groupby("slurry_id"):
        if len(rows) > 1:
            # What was imposed: a calender may also be set to a gap or a pressure.
            imposed = rows["cr_imposed_pct"].fillna(rows["cr_pct"])
            ordered = rows.loc[imposed.sort_values().index]
            slurries_seen += 1
            rising += bool(ordered["density_g_cm3"].is_monotonic_increasing)
            falling += bool(ordered["porosity_bulk"].is_monotonic_decreasing)
    pressed, kept_more = _kept_more(results.everything)
    found = f"{len(kept_more)} of {pressed}"
    blocks: list[Block] = []
    if not kept_more.empty:
        worst = ", ".join(f"{name} by {fixed(p, 1)}" for name, p in kept_more.head(_NAMED).items())
        found = f"{found} (points: {worst})"
        remark = (
            f"{count(len(kept_more), 'pressed electrode')} of {pressed} stayed more compressed "
            "than the plane had pressed them: instead of springing back they settled further. "
            "So far this was rarer the larger the film (electrode.mass_ug)."
        )
        blocks.append(Notice((remark,)))
    return [
        Table(
            "Checks of the simulations",
            "What the physics has to keep: the mass of the recipe, the density of an ideal "
            "mixture, films that get denser the more they are pressed, and that spring back and "
            "do not shrink when the plane goes. Seed noise may break the third and fourth where "
            "rates are close.",
            "slurries/<id>/slurry.json, drying.json, dataset.parquet",
            ("Check", "Found", "Expected"),
            (
                (
                    "Mass against the recipe, largest deviation",
                    f"{fixed(mass, 3)} %",
                    "within 0.5 %",
                ),
                (
                    "Slurry density against ideal mixing",
                    f"{fixed(min(density), 2)} to {fixed(max(density), 2)} %",
                    "within 2 %",
                ),
                ("Slurries whose density rises with CR", f"{rising} of {slurries_seen}", "all"),
                ("Slurries whose porosity falls with CR", f"{falling} of {slurries_seen}", "all"),
                (
                    f"Electrodes that keep over {_SETTLES_POINTS:g} point more than was imposed",
                    found,
                    "none",
                ),
            ),
        ),
        *blocks,
    ]


def _kept_more(rows: pd.DataFrame) -> tuple[int, pd.Series[Any]]:
    """Count pressed electrodes; give the points by which some keep more than was imposed."""
    pressed = rows[(rows["status"] == "ok") & (rows["cr_imposed_pct"] > 0)].set_index(
        "condition_id"
    )
    excess = pressed["cr_retained_pct"] - pressed["cr_imposed_pct"]
    return int(excess.notna().sum()), excess[excess > _SETTLES_POINTS].sort_values(ascending=False)
