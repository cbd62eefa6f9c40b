"""Verification, and the comparison with measurements, as jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesocast.columns import check_row
from mesocast.errors import InputError
from mesocast.storage.files import read_record, write_json
from mesocast.storage.layout import Layout
from mesocast.verification.recipes import OPTIMUM, compare, prefixes, recipe_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mesocast.columns import Properties
    from mesocast.columns.variables import Value
    from mesocast.config.campaign import Campaign
    from mesocast.surrogates.measured.table import MeasuredTable
    from mesocast.surrogates.predict import Interval
    from mesocast.verification.measured import MeasuredComparison


def run_verification(campaign: Campaign, results: Path, rows: Sequence[Path]) -> None:
    """Hold simulated electrodes against the prediction; write ``verification.json``.

    Parameters
    ----------
    campaign, results
        The config and the campaign's folder, with ``optimum.json``, the validations of the
        surrogates and, where they are verified, the recipes best in one property.
    rows
        ``properties.json`` of the simulated electrodes, one per recipe and seed.

    Raises
    ------
    InputError
        A file is missing or broken, or a row is no electrode of the verification.
    """
    from mesocast.optimization.optimum.result import Optimum
    from mesocast.optimization.tradeoffs.extremes import Extreme
    from mesocast.surrogates.jobs import read_surrogates, read_validation
    from mesocast.surrogates.predict import row_of_recipe

    optimum = Optimum.read(recipe_path(results, OPTIMUM))
    recipes = {prefix: name for name, prefix in prefixes(campaign).items()}
    simulated: dict[str, list[Properties]] = {OPTIMUM: []}
    for path in rows:
        row = check_row(_row(campaign, results, path), str(path))
        prefix = row.slurry_id.rstrip("0123456789")
        if prefix not in recipes:
            raise InputError(
                f"{path}: slurry {row.slurry_id} is not one of the verification; allowed: "
                f"{', '.join(f'{prefix}01' for prefix in recipes)} and so on"
            )
        simulated.setdefault(recipes[prefix], []).append(row)
    surrogates = read_surrogates(campaign, results)
    intervals: dict[str, Interval] = {
        name: read_validation(results, campaign.surrogate_method, name).interval
        for name in campaign.targets
    }

    def compared(
        name: str, parameters: Mapping[str, Value], predicted: Mapping[str, float]
    ) -> dict[str, Any]:
        recipe = row_of_recipe(surrogates, parameters)
        return compare(
            parameters,
            predicted,
            simulated[name],
            intervals,
            optimum.objective_definition,
            {name: float(surrogates[name].growth(recipe)[0]) for name in intervals},
        )

    extremes = {
        name: Extreme.read(recipe_path(results, name)) for name in simulated if name != OPTIMUM
    }
    write_json(
        Layout(results).verification,
        {
            **compared(OPTIMUM, optimum.parameters, optimum.predicted),
            "extremes": {
                name: compared(name, extreme.parameters, extreme.predicted)
                for name, extreme in extremes.items()
            },
        },
    )


def compare_with_measured(
    campaign: Campaign, results: Path, measured: MeasuredTable
) -> MeasuredComparison:
    """Lay measured electrodes beside a campaign's dataset and surrogates.

    Raises
    ------
    InputError
        Dataset or surrogates are missing or broken, or carry no surrogate of what was measured.
    """
    from mesocast.dataset.package import read_dataset
    from mesocast.optimization.jobs import make_problem
    from mesocast.surrogates.jobs import read_surrogates
    from mesocast.verification.measured import compare_measured

    return compare_measured(
        make_problem(campaign, results),
        read_surrogates(campaign, results),
        read_dataset(results),
        measured,
        resolution_pct=campaign.resolution,
    )


def write_measured(comparison: MeasuredComparison, folder: Path) -> None:
    """Write ``measured.csv``, ``bias.csv``, ``measured.json`` and ``parity.svg``."""
    from mesocast.storage.files import replacing, write_text

    folder.mkdir(parents=True, exist_ok=True)
    for name, table in (("measured", comparison.electrodes), ("bias", comparison.bias)):
        text = table.to_csv(index=False, float_format="%.6g")
        write_text(folder / f"{name}.csv", text)
    write_json(folder / "measured.json", comparison.to_dict())
    with replacing(folder / "parity.svg") as path:
        comparison.plot().savefig(path, format="svg", metadata={"Date": None})


def _row(campaign: Campaign, results: Path, path: Path) -> dict[str, Any]:
    """Row of an electrode, with what its cell does."""
    row = read_record(path)
    cell = Layout(results).cell(path.parent.name)
    if campaign.cell.enabled and cell.exists():
        row |= read_record(cell, "columns")["columns"]
    return row
