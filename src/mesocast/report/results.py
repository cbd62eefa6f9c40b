"""Everything that the report shows, read from a campaign's results folder."""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import ValidationError

from mesocast.columns import PARAMETERS, name_of
from mesocast.columns.variables import words_of
from mesocast.config.campaign import Campaign
from mesocast.dataset.package import origin, read_dataset
from mesocast.design.rounds import Proposal
from mesocast.errors import InputError
from mesocast.optimization.asked import goals_of, limits_of, meeting
from mesocast.optimization.objective import Objective
from mesocast.optimization.optimum.result import Optimum
from mesocast.optimization.problem import Limits
from mesocast.optimization.robustness.tolerance import Robustness
from mesocast.optimization.tradeoffs.result import Tradeoffs
from mesocast.report.measured import WithMeasurements
from mesocast.storage.files import read_record
from mesocast.storage.layout import STAGES, Layout, StageName
from mesocast.storage.rows import gather, with_cells
from mesocast.storage.tables import read_table
from mesocast.surrogates.jobs import (
    read_comparison,
    read_sensitivity,
    read_surrogates,
    read_validation,
)
from mesocast.verification.recipes import COMPARED, slurry_ids
from mesocast.verification.verdict import Verdict, give_verdict, made_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from mesocast.surrogates.evidence.validation import Validation
    from mesocast.surrogates.predict import Interval
    from mesocast.surrogates.sensitivity import SobolIndices
    from mesocast.surrogates.surrogate import Surrogate


class Results(WithMeasurements):
    """A campaign's results, read from its folder when they are asked for.

    A campaign may be under way: what is not there yet raises an `InputError` that says so, and
    ``dataset`` holds the electrodes that are done.

    Parameters
    ----------
    campaign, folder
        The config, and where the results lie.

    Examples
    --------
    >>> import mesocast as mc
    >>> results = mc.open("results/demo")  # doctest: +SKIP
    >>> results.optimum.recipe  # doctest: +SKIP
    Recipe(am_pct=92.1, sc_pct=64.4, cr_pct=21.3)
    """

    def __init__(self, campaign: Campaign, folder: Path) -> None:
        self.campaign = campaign
        self.folder = folder
        self.layout = Layout(folder)

    @cached_property
    def design(self) -> pd.DataFrame:
        """``design.csv``: one row per condition."""
        return read_table(self.layout.design, "condition_id", "slurry_id", *PARAMETERS)

    @cached_property
    def discrepancy(self) -> dict[str, float]:
        """``design.json``: of the design and of random sampling."""
        path = self.layout.design_summary
        try:
            return dict(read_record(path, "discrepancy")["discrepancy"])
        except (KeyError, TypeError) as error:
            raise InputError(f"{path}: holds no discrepancy ({error})") from error

    @cached_property
    def proposals(self) -> dict[int, Proposal]:
        """``rounds/<n>/proposal.json``, by the number of the round."""
        rounds = range(1, self.campaign.rounds.count + 1)
        return {number: Proposal.read(self.layout.proposal(number)) for number in rounds}

    @cached_property
    def dataset(self) -> pd.DataFrame:
        """One row per condition, failed ones included; while a campaign runs, those that are done.

        Raises
        ------
        InputError
            No electrode is done, or a file is broken.
        """
        if self.layout.dataset.exists():
            return read_dataset(self.folder)
        verified = {name for names in slurry_ids(self.campaign).values() for name in names}
        found = self.layout.row("*").parent.parent.glob(f"*/{self.layout.row('').name}")
        rows = sorted(p for p in found if p.parent.name.rpartition("-")[0] not in verified)
        if not rows:
            raise InputError(
                f"{self.folder}: holds no electrode yet; start or wait for its campaign"
            )
        return self._with_cells(gather(rows))

    @cached_property
    def surrogates(self) -> dict[str, Surrogate]:
        """Surrogates of all modelled properties, by the campaign's method."""
        return read_surrogates(self.campaign, self.folder)

    @cached_property
    def validations(self) -> dict[str, Validation]:
        """Validation of each target property's surrogate."""
        method = self.campaign.surrogate_method
        return {name: read_validation(self.folder, method, name) for name in self.campaign.targets}

    @cached_property
    def intervals(self) -> dict[str, Interval]:
        """95 % interval of a new electrode around the prediction of each modelled property."""
        method, names = self.campaign.surrogate_method, self.campaign.modelled
        return {name: read_validation(self.folder, method, name).interval for name in names}

    @cached_property
    def sensitivities(self) -> dict[str, SobolIndices]:
        """Sobol indices of each property."""
        return read_sensitivity(self.campaign, self.folder)

    @cached_property
    def comparison(self) -> pd.DataFrame:
        """``comparison.csv``: one row per property, kind of split and method."""
        return read_comparison(self.folder)

    @cached_property
    def optimum(self) -> Optimum:
        """``optimum.json``: the recipe that the equations like best."""
        return Optimum.read(self.layout.optimum)

    @property
    def bounds_pct(self) -> Mapping[str, tuple[float, float]]:
        """Bounds of the search, or until there is an optimum of the design; choices have none."""
        there = self.layout.optimum.exists()
        if there:
            return self.optimum.bounds_pct
        box = self.campaign.box_pct
        return {name: ends for name, ends in box.items() if name not in words_of(box)}

    @cached_property
    def tradeoffs(self) -> Tradeoffs:
        """``tradeoffs.json``."""
        return Tradeoffs.read(self.layout.tradeoffs)

    @cached_property
    def robustness(self) -> Robustness:
        """``robustness.json``."""
        return Robustness.read(self.layout.robustness)

    @cached_property
    def verification(self) -> dict[str, Any]:
        """``verification.json``."""
        return read_record(self.layout.verification, *COMPARED)

    @cached_property
    def verified(self) -> pd.DataFrame:
        """Rows of the electrodes simulated at the optimum, with the columns of the dataset.

        None while nothing is verified yet.
        """
        there = self.layout.verification.exists()
        return self._rows(self.verification) if there else self.dataset.head(0)

    @cached_property
    def extremes(self) -> pd.DataFrame:
        """Rows of the electrodes simulated at the recipes that are best in one property."""
        if not self.layout.verification.exists():
            return self.dataset.head(0)
        found = [self._rows(part) for part in self.verification.get("extremes", {}).values()]
        return pd.concat([self.verified.head(0), *found], ignore_index=True)

    def _rows(self, compared: dict[str, Any]) -> pd.DataFrame:
        """Rows of the electrodes that verify one recipe."""
        try:
            names = [electrode["condition_id"] for electrode in compared["electrodes"]]
        except (KeyError, TypeError) as error:
            path = self.layout.verification
            raise InputError(f"{path}: names no electrodes ({error})") from error
        if not names:
            return self.dataset.head(0)
        return self._with_cells(gather([self.layout.row(name) for name in names]))

    def _with_cells(self, table: pd.DataFrame) -> pd.DataFrame:
        return with_cells(table, self.folder) if self.campaign.cell.enabled else table

    def _repr_html_(self) -> str:
        counts = self.dataset["status"].value_counts()
        rows = ", ".join(f"{count} {status}" for status, count in counts.items())
        page = f" Page: {self.layout.report}." if self.layout.report.exists() else ""
        return f"<p>Campaign {self.campaign.campaign}: electrodes {rows}.{page}</p>"

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
    def allowed(self) -> pd.DataFrame:
        """Those of `simulated` that meet the constraints."""
        found = meeting(self.simulated, limits_of(self.campaign))
        return found.dropna(subset="objective").reset_index(drop=True)

    @cached_property
    def confirmed(self) -> pd.DataFrame:
        """Rows at the optimum that are ok, with their ``objective``, as far as they have one."""
        good = self.verified[self.verified["status"] == "ok"]
        return good.assign(objective=self.objective(good)).dropna(subset="objective")

    @property
    def searched_pct(self) -> dict[str, tuple[float, float]]:
        """Bounds of the search: the design's, within the constraints on parameters."""
        limits = limits_of(self.campaign)
        return {
            name: limits.get(name, Limits()).within(*bounds)
            for name, bounds in self.optimum.bounds_pct.items()
        }

    @property
    def compared(self) -> dict[str, dict[str, Any]]:
        """What simulations say of predictions, by where: the optimum and the extremes."""
        return {"the optimum": self.verification} | {
            f"the recipe best in {name_of(name).lower()} alone": found
            for name, found in self.verification.get("extremes", {}).items()
        }

    @cached_property
    def verdict(self) -> Verdict:
        """Which recipe to make, by what was simulated."""
        return give_verdict(self.optimum, self.allowed, self.confirmed)

    @property
    def chosen(self) -> pd.DataFrame:
        """Electrodes that were made of the verdict's recipe."""
        made = made_of(self.simulated, self.verdict.recipe.values)
        return made if self.verdict.electrode else pd.concat([made, self.confirmed])

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
        """Objective of rows whose properties are there, shape (rows,).

        Until there is an optimum, ranges are those of the electrodes that are done.
        """
        if self.layout.optimum.exists():
            definition = self.optimum.objective_definition
        else:
            definition = Objective.from_table(
                self.dataset, goals_of(self.campaign), utility=self.campaign.optimum.utility
            )
        return definition({name: rows[name].to_numpy(float) for name in definition.goals})

    def stage_folder(self, stage: StageName, row: pd.Series[Any]) -> Path:
        """Folder of one stage of an electrode."""
        name = "slurry_id" if STAGES[stage].folder == "slurries" else "condition_id"
        return self.layout.job(stage, row[name])

    def record(self, stage: StageName, row: pd.Series[Any]) -> dict[str, Any] | None:
        """Record of one stage of an electrode; None where only the dataset was kept."""
        path = self.stage_folder(stage, row) / STAGES[stage].record
        return read_record(path) if path.exists() else None

    def records(self, stage: StageName) -> list[dict[str, Any]]:
        """Records of all jobs of a stage, in the order of their folders' names."""
        folders = {self.stage_folder(stage, row) for _, row in self.everything.iterrows()}
        paths = (folder / STAGES[stage].record for folder in sorted(folders))
        return [read_record(path, "status", "measured") for path in paths if path.exists()]

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


def open_results(folder: Path | str) -> Results:
    """Open a campaign's results folder, finished or not.

    Raises
    ------
    InputError
        The folder holds no campaign.
    """
    folder = Path(folder)
    path = Layout(folder).campaign
    if not path.exists():
        raise InputError(f"{folder}: is no results folder; allowed: one that a campaign has begun")
    try:
        campaign = Campaign.model_validate(read_record(path))
    except ValidationError as error:
        raise InputError(
            f"{path}: is no campaign of this version ({error.error_count()} keys)"
        ) from error
    return Results(campaign, folder)
