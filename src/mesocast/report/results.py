"""Everything that the report shows, read from a campaign's results folder."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from mesocast.columns import TARGETS, name_of
from mesocast.dataset.package import origin, read_dataset
from mesocast.design.rounds import Proposal
from mesocast.errors import InputError
from mesocast.optimization.optimum.result import Optimum
from mesocast.optimization.robustness.tolerance import Robustness
from mesocast.optimization.tradeoffs.result import Tradeoffs
from mesocast.storage.files import read_json
from mesocast.storage.layout import STAGES, Layout, StageName
from mesocast.storage.rows import gather
from mesocast.surrogates.jobs import (
    read_comparison,
    read_sensitivity,
    read_surrogates,
    read_validation,
)

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from mesocast.config.campaign import Campaign
    from mesocast.surrogates.evidence.validation import Validation
    from mesocast.surrogates.sensitivity import SobolIndices
    from mesocast.surrogates.surrogate import Surrogate


@dataclass(frozen=True)
class Results:
    """A campaign's results.

    Parameters
    ----------
    campaign, folder
        The config, and where the results lie.
    design
        ``design.csv``: one row per condition.
    discrepancy
        ``design.json``: of the design and of random sampling.
    proposals
        ``rounds/<n>/proposal.json``, by the number of the round.
    dataset
        ``dataset.parquet``: one row per condition, failed ones included.
    surrogates, validations, sensitivities
        Per target property, by the campaign's method.
    comparison
        ``comparison.csv``: one row per property, kind of split and method.
    optimum
        ``optimum.json``.
    tradeoffs
        ``tradeoffs.json``.
    robustness
        ``robustness.json``.
    verification
        ``verification.json``.
    verified, extremes
        Rows of the electrodes simulated at the optimum, and at the recipes that are best in one
        property, with the columns of the dataset.
    """

    campaign: Campaign
    folder: Path
    design: pd.DataFrame
    discrepancy: dict[str, float]
    proposals: dict[int, Proposal]
    dataset: pd.DataFrame
    surrogates: dict[str, Surrogate]
    validations: dict[str, Validation]
    sensitivities: dict[str, SobolIndices]
    comparison: pd.DataFrame
    optimum: Optimum
    tradeoffs: Tradeoffs
    robustness: Robustness
    verification: dict[str, Any]
    verified: pd.DataFrame
    extremes: pd.DataFrame

    @property
    def layout(self) -> Layout:
        """Where everything lies."""
        return Layout(self.folder)

    @cached_property
    def origin(self) -> dict[str, Any]:
        """Licences and provenance of the dataset that was given; empty if it was simulated here."""
        given = self.campaign.design.dataset
        return origin(self.layout.dataset) if given else {}

    @cached_property
    def everything(self) -> pd.DataFrame:
        """Rows of the dataset and of the verification."""
        return pd.concat([self.dataset, self.verified, self.extremes], ignore_index=True)

    @cached_property
    def simulated(self) -> pd.DataFrame:
        """Rows of the dataset that are ok, with their ``objective``, best first."""
        good = self.dataset[self.dataset["status"] == "ok"]
        return good.assign(objective=self.objective(good)).sort_values(
            ["objective", "condition_id"], ignore_index=True
        )

    @cached_property
    def confirmed(self) -> pd.DataFrame:
        """Rows at the optimum that are ok, with their ``objective``."""
        good = self.verified[self.verified["status"] == "ok"]
        return good.assign(objective=self.objective(good))

    @property
    def compared(self) -> dict[str, dict[str, Any]]:
        """What simulations say of predictions, by where: the optimum and the extremes."""
        return {"the optimum": self.verification} | {
            f"the recipe best in {name_of(name).lower()} alone": found
            for name, found in self.verification.get("extremes", {}).items()
        }

    @property
    def failed(self) -> pd.DataFrame:
        """Rows of dataset and verification that are not ok, except places left empty."""
        return self.everything[~self.everything["status"].isin(["ok", "skipped"])]

    @property
    def unused(self) -> pd.DataFrame:
        """Places of rounds for which nothing was simulated."""
        return self.dataset[self.dataset["status"] == "skipped"]

    @property
    def shown(self) -> pd.DataFrame:
        """Electrodes to look at: those of the optimum, or the best one where all of them failed."""
        return self.simulated.head(1) if self.confirmed.empty else self.confirmed

    def objective(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        """Objective of rows whose properties are there, shape (rows,)."""
        definition = self.optimum.objective_definition
        return definition({name: rows[name].to_numpy(float) for name in definition.goals})

    def stage_folder(self, stage: StageName, row: pd.Series[Any]) -> Path:
        """Folder of one stage of an electrode."""
        name = "slurry_id" if STAGES[stage].folder == "slurries" else "condition_id"
        return self.layout.job(stage, row[name])

    def record(self, stage: StageName, row: pd.Series[Any]) -> dict[str, Any] | None:
        """Record of one stage of an electrode; None where only the dataset was kept."""
        path = self.stage_folder(stage, row) / STAGES[stage].record
        return dict(read_json(path)) if path.exists() else None

    def records(self, stage: StageName) -> list[dict[str, Any]]:
        """Records of all jobs of a stage, in the order of their folders' names."""
        folders = {self.stage_folder(stage, row) for _, row in self.everything.iterrows()}
        paths = (folder / STAGES[stage].record for folder in sorted(folders))
        return [read_json(path) for path in paths if path.exists()]

    def history(self, stage: StageName, row: pd.Series[Any]) -> pd.DataFrame | None:
        """Film of an electrode through a stage; None where it was not kept or is empty."""
        path = self.stage_folder(stage, row) / STAGES[stage].history
        if not path.exists():
            return None
        table = pd.read_csv(path)
        return None if table.empty else table

    @cached_property
    def benchmarks(self) -> dict[str, list[float]]:
        """Wall time in seconds of the workflow's jobs, per folder or file of ``benchmarks/``."""
        root = self.layout.benchmarks
        found: dict[str, list[float]] = defaultdict(list)
        for path in sorted(root.rglob("*.tsv")):
            with path.open(newline="") as stream:
                times = [float(row["s"]) for row in csv.DictReader(stream, delimiter="\t")]
            found[path.relative_to(root).parts[0].removesuffix(".tsv")] += times
        return dict(found)


def collect(campaign: Campaign, folder: Path) -> Results:
    """Read a results folder.

    Raises
    ------
    InputError
        A file that every finished campaign has is missing or broken.
    """
    layout = Layout(folder)
    verification = read_json(layout.verification)
    table = read_dataset(folder)
    try:
        design = pd.read_csv(layout.design)
        verified = _rows(folder, verification, table)
        extremes = [
            _rows(folder, found, table) for found in verification.get("extremes", {}).values()
        ]
        discrepancy = read_json(layout.design_summary)["discrepancy"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder}: design or verification cannot be read ({error})") from error
    return Results(
        campaign=campaign,
        folder=folder,
        design=design,
        discrepancy=discrepancy,
        proposals={
            turn: Proposal.read(layout.proposal(turn))
            for turn in range(1, campaign.rounds.count + 1)
        },
        dataset=table,
        surrogates=read_surrogates(campaign, folder),
        validations={
            name: read_validation(folder, campaign.surrogates.method, name) for name in TARGETS
        },
        sensitivities=read_sensitivity(campaign, folder),
        comparison=read_comparison(folder),
        optimum=Optimum.read(layout.optimum),
        tradeoffs=Tradeoffs.read(layout.tradeoffs),
        robustness=Robustness.read(layout.robustness),
        verification=verification,
        verified=verified,
        extremes=pd.concat([verified.head(0), *extremes], ignore_index=True),
    )


def _rows(folder: Path, compared: dict[str, Any], table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the electrodes that verify one recipe, with the columns of the dataset."""
    names = [electrode["condition_id"] for electrode in compared["electrodes"]]
    if not names:
        return table.head(0)
    return gather([Layout(folder).row(name) for name in names])
