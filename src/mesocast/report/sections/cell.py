"""What a battery does with the electrodes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from mesocast.cell.jobs import chemistry_of
from mesocast.columns import LOSSES, RATES, is_variable, name_of, with_unit
from mesocast.columns.variables import told_value
from mesocast.errors import reading
from mesocast.report.blocks import Figure, Notice, Row, Section, Table, Text, Tile, Tiles
from mesocast.report.figures.cell import (
    discharge_curves,
    loss_bars,
    ragone_of_dataset,
    ragone_of_loadings,
)
from mesocast.report.numbers import count, number, percent, quantity
from mesocast.report.ragone import PUBLISHED, RECOMMENDED, read_ragone
from mesocast.storage.files import read_json
from mesocast.storage.layout import CELL_OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesocast.cell.chemistry import Chemistry
    from mesocast.report.blocks import Block
    from mesocast.report.ragone import ShownCell
    from mesocast.report.results import Results

_SOURCE = "conditions/<id>/cell.json, dataset.csv"
_DRAWN_RATES_C = (0.2, 5.0)
_DOUBT = (
    "The electronic conductivity, on which the rate capability hangs most, is the property that "
    "the simulation knows least (docs/cell.md): compare electrodes by it, and do not take the "
    "rates for those of a real cell."
)
_COMPARED = (
    "energy_stack_C5_Wh_L",
    "energy_stack_2C_Wh_L",
    "energy_stack_5C_Wh_L",
    "energy_stack_C5_Wh_kg",
    "power_at_energy_W_L",
    "rate_at_80_pct_C",
    "capacity_retention_5C",
)


def build(results: Results) -> Section | None:
    """Write the section; None where no electrode was put into a cell."""
    table = _cells(results)
    known = read_ragone(results.folder)
    # Where only the dataset was kept, there are no records to show; and an electrode that verified
    # an earlier optimum is no row of the present campaign.
    rows = set(table["condition_id"])
    shown = [
        one
        for one in known
        if one.condition_id in rows and results.layout.cell(one.condition_id).exists()
    ]
    if not results.campaign.cell.enabled or table.empty or not shown:
        return None
    records = {one.condition_id: _record(results, one.condition_id) for one in shown}
    names = {one.condition_id: _label(one) for one in shown}
    first = shown[0]
    blocks: list[Block] = [
        Text(_introduction(results, table, shown)),
        _tiles(table, first),
        *([Notice(remarks)] if (remarks := _remarks(results)) else []),
        Text(" ".join(_limits(records[first.condition_id], first.condition_id))),
        Figure(
            "ragone",
            "Energy against power of every electrode",
            "One line per electrode, from C/5 (left) over 1C and 2C to 5C (right): energy of the "
            "stack until the cut-off, and its mean power. A line that falls early belongs to an "
            "electrode that cannot be emptied fast.",
            "dataset.csv",
            ragone_of_dataset(table, names),
            height_px=440,
        ),
        Row(
            (
                Figure(
                    "discharge-curves",
                    "Discharge of full cells",
                    "Voltage over the charge, slow and fast. All curves of all electrodes: "
                    f"conditions/<id>/{CELL_OUTPUTS[1]}, with the column names of the Battery Data "
                    "Format.",
                    f"conditions/<id>/{CELL_OUTPUTS[1]}",
                    discharge_curves(
                        {one.condition_id: _curves(results, one.condition_id) for one in shown[:3]},
                        _DRAWN_RATES_C,
                    ),
                    height_px=420,
                ),
                Figure(
                    "ragone-loadings",
                    f"Energy against power of {first.condition_id} by loading",
                    "The same microstructure, stacked to other loadings: a thick electrode shares "
                    "foils and separator among more active material, until transport through it "
                    "limits.",
                    "cells/ragone.json",
                    ragone_of_loadings(first.points),
                    height_px=420,
                ),
            )
        ),
        Figure(
            "losses",
            "What takes the energy",
            "Half cells against lithium, so that the electrode is seen by itself: percent of what "
            "the drawn charge would give without current.",
            "conditions/<id>/cell.json",
            loss_bars(_losses(shown, records)),
            height_px=400,
        ),
        _comparison(table, shown, results),
        _values(results),
    ]
    return Section("cell", "In a battery", blocks)


def _cells(results: Results) -> pd.DataFrame:
    everything = results.everything
    return everything[everything["cell_status"].isin(["ok", "solver"])].drop_duplicates(
        "condition_id"
    )


def _record(results: Results, condition_id: str) -> dict[str, Any]:
    path = results.layout.cell(condition_id)
    with reading(path, "a cell", KeyError, TypeError):
        record = dict(read_json(path))
        _ = record["half_cell"], record["full_cell"]
    return record


def _curves(results: Results, condition_id: str) -> pd.DataFrame:
    """Discharge curves of an electrode with its charge per active material."""
    path = results.layout.condition(condition_id) / CELL_OUTPUTS[1]
    with reading(path, "discharge curves"):
        table = pd.read_csv(path)
    electrode = _record(results, condition_id)["electrode"]
    active_mg_cm2 = (electrode["density_g_cm3"] * electrode["thickness_um"] / 10) * electrode[
        "active_mass_fraction"
    ]
    charge = table["discharging_capacity_ah"] * 1e6 / active_mg_cm2
    return table.assign(capacity_mAh_g=charge)


def _label(one: ShownCell) -> str:
    return f"{one.condition_id}: {one.roles[0]}"


def _introduction(results: Results, table: pd.DataFrame, shown: Sequence[ShownCell]) -> str:
    settings = results.campaign.cell
    loading = settings.loading_mg_cm2
    stacked = (
        "as thick as they were simulated"
        if loading is None
        else f"with the simulated structure stacked to {loading:g} mg/cm²"
    )
    return (
        f"{count(len(table), 'electrode').capitalize()} were put into cells, {stacked}: a half "
        f"cell against lithium and a full cell ({table.iloc[0]['cell_chemistry']}; N/P "
        f"{settings.np_ratio:g}), discharged by PyBaMM's {settings.model}. Porosity, transport, "
        "conductivity, wetted surface, thickness and particle size are the electrode's own; the "
        "rest is the chemistry's. "
        f"{_recommended(results, shown[0])}"
    )


def _recommended(results: Results, first: ShownCell) -> str:
    """Sentence on the first of the shown electrodes."""
    if RECOMMENDED not in first.roles:
        return (
            f"The recommended recipe is not among them; {first.condition_id} is the best that is."
        )
    what = "the best simulated" if results.verdict.electrode else "the simulated optimum"
    return f"Recommended is {first.condition_id}, {what}."


def _tiles(table: pd.DataFrame, first: ShownCell) -> Tiles:
    row = table.set_index("condition_id").loc[first.condition_id]
    tiles = []
    for column in ("energy_stack_C5_Wh_L", "energy_stack_5C_Wh_L", "power_at_energy_W_L"):
        value = float(row[column])  # type: ignore[arg-type]  # pandas-stubs: of a Series
        place = int((table[column] > value).sum()) + 1
        ranked = f"place {place} of {len(table)}" if not math.isnan(value) else "has none"
        tiles.append(
            Tile(name_of(column), quantity(column, value), f"{first.condition_id}: {ranked}")
        )
    return Tiles(tuple(tiles))


def _remarks(results: Results) -> tuple[str, ...]:
    remarks = [_DOUBT]
    everything = results.everything
    failed = everything[everything["cell_status"] == "solver"]
    if len(failed):
        first = failed.iloc[0]
        remarks.append(
            f"{count(len(failed), 'electrode')} with a discharge that has no result, first "
            f"{first['condition_id']}: {first['cell_reason']}"
        )
    if results.campaign.cell.model == "SPMe":
        remarks.append(
            "SPMe is exact at low rates only: at 5C the energy of a full cell may be wrong by tens "
            "of percent where the electrolyte empties (docs/cell.md)."
        )
    return tuple(remarks)


def _limits(record: Mapping[str, Any], name: str) -> list[str]:
    """Sentences that say what limits an electrode at each rate."""
    slow = next((run for run in record["full_cell"] if not run["failure"]), None)
    if slow is None:
        return [f"No discharge of the full cell of {name} has a result."]
    half = {run["rate_C"]: run for run in record["half_cell"]}
    sentences = []
    for label, rate in RATES.values():
        run = next((r for r in record["full_cell"] if r["rate_C"] == rate), None)
        if run is None or run["failure"] or not run["limited_by"]:
            continue
        kept = 100 * run["capacity_mAh_g"] / slow["capacity_mAh_g"]
        lost = run["lost_Wh_m2"]
        share = 100 * lost[run["limited_by"]] / run["open_circuit_energy_Wh_m2"]
        sentence = (
            f"At {label} the full cell of {name} gives {percent(kept)} of its charge"
            f"{' at C/5' if rate != slow['rate_C'] else ''}; most energy is lost to "
            f"{LOSSES[run['limited_by']]} ({percent(share)})"
        )
        own = half.get(rate, {}).get("limited_by")
        if own and own != run["limited_by"]:
            sentence += f", in the electrode itself to {LOSSES[own]}"
        if run["ended_by"] and kept < 95:
            sentence += f"; it is ended by {LOSSES[run['ended_by']]}"
        sentences.append(f"{sentence}.")
    return sentences


def _losses(
    shown: Sequence[ShownCell], records: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, float]]:
    """Percent of the open-circuit energy that each loss takes, by electrode and rate."""
    found = {}
    for one in shown:
        runs = {run["rate_C"]: run for run in records[one.condition_id]["half_cell"]}
        for label, rate in RATES.values():
            run = runs.get(rate)
            if run and not run["failure"] and run["open_circuit_energy_Wh_m2"]:
                ideal = run["open_circuit_energy_Wh_m2"]
                found[f"{one.condition_id}, {label}"] = {
                    loss: 100 * lost / ideal for loss, lost in run["lost_Wh_m2"].items()
                }
    return found


def _comparison(table: pd.DataFrame, shown: Sequence[ShownCell], results: Results) -> Table:
    by_name = table.set_index("condition_id")
    own = [with_unit(name) for name in results.optimum.parameters if is_variable(name)]
    rows = []
    for one in shown:
        row = by_name.loc[one.condition_id]
        cells = []
        for column in _COMPARED:
            value = float(row[column])  # type: ignore[arg-type]
            place = int((table[column] > value).sum()) + 1
            cells.append(f"{number(value)} ({place})" if not math.isnan(value) else "–")
        recipe = "/".join(
            told_value(row[name])  # type: ignore[arg-type]
            for name in results.optimum.parameters
        )
        rows.append((f"{one.condition_id}: {', '.join(one.roles)}", recipe, *cells))
    caption = (
        f"In brackets the place among {count(len(table), 'electrode')}, 1 is best. "
        + (
            f"“{RECOMMENDED.capitalize()}” is the electrode of the answer; "
            if RECOMMENDED in shown[0].roles
            else ""
        )
        + f"“{PUBLISHED}” is what the "
        "balance of four properties (Duquesnoy et al. 2023, equation 3) likes best of all that "
        f"were simulated. {name_of('power_at_energy_W_L')}: at "
        f"{results.campaign.cell.power_at_energy_Wh_L:g} Wh/L."
    )
    return Table(
        "Electrodes that stand out",
        caption,
        _SOURCE,
        ("Electrode", "/".join(["AM/SC/CR (%)", *own]), *map(with_unit, _COMPARED)),
        tuple(rows),
    )


def _values(results: Results) -> Table:
    chemistry: Chemistry = chemistry_of(results.campaign)
    rows = []
    for section, values in chemistry.content["Parameterisation"].items():
        kinds = values.get("Particle", {})  # of a blend
        own = {"": {n: v for n, v in values.items() if n != "Particle"}}
        for kind, told in {**own, **kinds}.items():
            where = f"{section}, {kind}" if kind else section
            for name, value in told.items():
                if isinstance(value, (int, float)):
                    shown = f"{value:.6g}"
                else:
                    shown = value if isinstance(value, str) else "table"
                rows.append((f"{where}: {name}", shown, chemistry.source_of(section, name)))
    return Table(
        "The chemistry and its sources",
        f"{chemistry.title}. Values that the simulated electrode has itself are replaced by its "
        f"own; each electrode's whole cell is conditions/<id>/{CELL_OUTPUTS[2]}, a BPX file.",
        results.campaign.cell.chemistry or "the BPX file that Mesocast brings",
        ("Value", "", "Source"),
        tuple(rows),
        numeric=False,
    )
