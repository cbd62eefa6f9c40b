"""Ragone plots of the electrodes that the page shows, as a job: they take a discharge per point."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from mesocast.cell.jobs import chemistry_of
from mesocast.cell.porous_electrode import PorousElectrode
from mesocast.cell.ragone import RagonePoint, ragone
from mesocast.columns import name_of
from mesocast.errors import InputError, reading
from mesocast.optimization.objective import DEFAULT_GOALS, Objective
from mesocast.storage.files import read_json, write_json
from mesocast.storage.layout import Layout

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from mesocast.config.campaign import Campaign
    from mesocast.report.results import Results

RECOMMENDED = "recommended"
BEST = "best by the objective"
PUBLISHED = "best by the published objective"


@dataclass(frozen=True)
class ShownCell:
    """An electrode that the page shows in a cell.

    Parameters
    ----------
    condition_id
        The electrode.
    roles
        Why it is shown.
    points
        Its Ragone plot over loadings and rates.
    """

    condition_id: str
    roles: tuple[str, ...]
    points: tuple[RagonePoint, ...]


def shown_electrodes(results: Results) -> dict[str, tuple[str, ...]]:
    """Electrodes to show, and why, the recommended or best first; empty where none has a cell."""
    table = _with_cell(results.simulated)
    shown, role = _with_cell(results.chosen), RECOMMENDED
    if shown.empty:  # the recipe was not simulated, or could not be put into a cell
        shown, role = _with_cell(results.allowed.head(1)), BEST
    if table.empty and shown.empty:
        return {}
    roles: dict[str, list[str]] = {}

    def add(condition_id: str, role: str) -> None:
        roles.setdefault(str(condition_id), []).append(role)

    if not shown.empty:
        add(shown.iloc[0]["condition_id"], role)
    if not table.empty:
        published = Objective.from_table(table)
        scores = published({name: table[name].to_numpy(float) for name in DEFAULT_GOALS})
        add(table.iloc[int(scores.argmin())]["condition_id"], PUBLISHED)
        for column, extreme in (
            ("energy_stack_C5_Wh_L", "idxmax"),
            ("energy_stack_5C_Wh_L", "idxmax"),
            ("energy_stack_5C_Wh_L", "idxmin"),
        ):
            if table[column].notna().any():
                best = table.loc[getattr(table[column], extreme)(), "condition_id"]
                word = "most" if extreme == "idxmax" else "least"
                add(best, f"{word} {name_of(column)[0].lower()}{name_of(column)[1:]}")
    return {name: tuple(found) for name, found in roles.items()}


def _with_cell(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["cell_status"].isin(["ok", "solver"])]


def run_ragone(campaign: Campaign, results_folder: Path) -> None:
    """Discharge the electrodes that the page shows at more loadings; write ``cells/ragone.json``.

    Raises
    ------
    InputError
        Dataset, optimum or verification are missing or broken.
    """
    from mesocast.report.results import Results

    results = Results(campaign, results_folder)
    _ = results.optimum, results.verification  # without them others would be shown
    chemistry = chemistry_of(campaign)
    rows = results.everything.drop_duplicates("condition_id").set_index("condition_id")
    found = []
    for name, roles in shown_electrodes(results).items():
        row = {str(key): value for key, value in rows.loc[name].items()}
        material = campaign.at(row).materials.active_material
        electrode = PorousElectrode.of(row, material, trapped_gas=campaign.cell.trapped_gas)
        points = ragone(electrode, chemistry, campaign.cell)
        found.append(ShownCell(name, roles, tuple(points)))
    write_json(Layout(results_folder).cells("ragone"), [asdict(one) for one in found])


def read_ragone(results_folder: Path) -> list[ShownCell]:
    """Read what :func:`run_ragone` wrote; nothing where no cells were made.

    Raises
    ------
    InputError
        The file is broken.
    """
    path = Layout(results_folder).cells("ragone")
    if not path.exists():
        return []
    with reading(path, "Ragone plots", KeyError, TypeError):
        return [
            ShownCell(
                one["condition_id"],
                tuple(one["roles"]),
                tuple(RagonePoint(**point) for point in one["points"]),
            )
            for one in read_json(path)
        ]
    raise InputError(f"{path}: cannot be read")  # for the type checker: reading() raises
