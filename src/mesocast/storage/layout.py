"""Where everything lies under a campaign's results folder, and what its stages write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

StageName = Literal["slurry", "drying", "calendering", "characterization"]


@dataclass(frozen=True)
class Stage:
    """A stage that every electrode goes through.

    Parameters
    ----------
    name
        Its name, also that of its rule and its subcommand.
    folder
        Folder under the results that holds one folder per job.
    outputs
        Files that it writes there. A simulated stage writes its record, the history of the film
        and the film, in this order; the record comes first in every stage.
    """

    name: StageName
    folder: Literal["slurries", "conditions"]
    outputs: tuple[str, ...]

    @property
    def record(self) -> str:
        """File that says how the stage ended."""
        return self.outputs[0]

    @property
    def history(self) -> str:
        """File with the film through the stage, of a simulated one."""
        return self.outputs[1]

    @property
    def film(self) -> str:
        """File with the beads at the end of the stage, of a simulated one."""
        return self.outputs[2]


SLURRY = Stage("slurry", "slurries", ("slurry.json", "slurry.csv", "slurry.dump.gz"))
DRYING = Stage("drying", "slurries", ("drying.json", "drying.csv", "dried.dump.gz"))
CALENDERING = Stage(
    "calendering", "conditions", ("calendering.json", "calendering.csv", "electrode.dump.gz")
)
CHARACTERIZATION = Stage(
    "characterization",
    "conditions",
    (
        "properties.json",
        "microstructure.tif",
        "sections.png",
        "block.png",
        "fields.png",
        "profiles.csv",
        "pore_sizes.csv",
        "particles.csv",
    ),
)
#: All stages of an electrode, in their order, by name.
STAGES: dict[StageName, Stage] = {
    stage.name: stage for stage in (SLURRY, DRYING, CALENDERING, CHARACTERIZATION)
}
#: Those that are simulated.
SIMULATED: tuple[StageName, ...] = ("slurry", "drying", "calendering")


@dataclass(frozen=True)
class Layout:
    """Every path of a campaign.

    Identifiers may be wildcards of the workflow: ``layout.condition("{slurry}-{turn}")``.

    Parameters
    ----------
    results
        The campaign's results folder.

    Examples
    --------
    >>> from pathlib import Path
    >>> layout = Layout(Path("results/demo"))
    >>> layout.row("S001-C01").as_posix()
    'results/demo/conditions/S001-C01/properties.json'
    """

    results: Path

    def slurry(self, slurry_id: str) -> Path:
        """Folder of a slurry and its dried film."""
        return self.results / SLURRY.folder / slurry_id

    def condition(self, condition_id: str) -> Path:
        """Folder of an electrode."""
        return self.results / CALENDERING.folder / condition_id

    def job(self, stage: StageName, name: str) -> Path:
        """Folder of a stage's job: of a slurry or of an electrode."""
        return self.results / STAGES[stage].folder / name

    def row(self, condition_id: str) -> Path:
        """Row of an electrode in the dataset."""
        return self.condition(condition_id) / CHARACTERIZATION.record

    def cell(self, condition_id: str) -> Path:
        """What a battery does with an electrode."""
        return self.condition(condition_id) / CELL_OUTPUTS[0]

    def cells(self, batch: str) -> Path:
        """List of the electrodes that a job put into cells."""
        return self.results / "cells" / f"{batch}.json"

    def pack(self, name: str) -> Path:
        """Rows of the electrodes that shared a job."""
        return self.results / "packs" / f"{name}.json"

    def viscosity(self, slurry_id: str) -> Path:
        """Flow curve of a slurry."""
        return self.slurry(slurry_id) / VISCOSITY

    @property
    def campaign(self) -> Path:
        """The config as it was when the campaign was started last."""
        return self.results / "campaign.json"

    @property
    def submission(self) -> Path:
        """What the controller waits for when SLURM takes no job, or why it refused one."""
        return self.results / "submission.json"

    @property
    def submitting(self) -> Path:
        """Folder of the program that stands before ``sbatch`` while a controller lives."""
        return self.results / ".submitting"

    @property
    def queue(self) -> Path:
        """Jobs in a queue other than SLURM's, and the programs that stand before its commands."""
        return self.results / "queue"

    @property
    def controller_log(self) -> Path:
        """Snakemake's words, where a screen takes their place."""
        return self.results / "logs/snakemake.log"

    @property
    def lease(self) -> Path:
        """Lease of the controller."""
        return self.results / "controller.lease"

    @property
    def plan(self) -> Path:
        """The plan as kept for later processes."""
        return self.results / "work/plan.json"

    @property
    def design(self) -> Path:
        """Table of recipes."""
        return self.results / "design.csv"

    @property
    def design_summary(self) -> Path:
        """How even the design is."""
        return self.results / "design.json"

    @property
    def dataset(self) -> Path:
        """All electrodes in one table."""
        return self.results / "dataset.parquet"

    @property
    def dataset_csv(self) -> Path:
        """The same as text."""
        return self.results / "dataset.csv"

    @property
    def data_package(self) -> Path:
        """What the columns of the dataset mean."""
        return self.results / "datapackage.json"

    @property
    def surrogates(self) -> Path:
        """Folder of all surrogates."""
        return self.results / "surrogates"

    def surrogate(self, method: str, name: str) -> Path:
        """Surrogate of one property."""
        return self.surrogates / method / f"{name}.json"

    def validation(self, method: str, name: str) -> Path:
        """Validation of one property's surrogate."""
        return self.surrogates / method / f"{name}.validation.json"

    def sensitivity(self, method: str) -> Path:
        """Sobol indices of all properties."""
        return self.surrogates / method / "sensitivity.json"

    @property
    def comparison(self) -> Path:
        """Validations of all methods in one table."""
        return self.surrogates / "comparison.csv"

    def proposal(self, number: int | str) -> Path:
        """What a round simulates."""
        return self.results / "rounds" / str(number) / "proposal.json"

    @property
    def optimum(self) -> Path:
        """The best recipe."""
        return self.results / "optimum.json"

    @property
    def optimum_trace(self) -> Path:
        """Evaluations of the Bayesian search, as far as it came."""
        return self.results / "work/optimum-trace.jsonl"

    def extreme(self, name: str) -> Path:
        """Recipe that is best in one property alone."""
        return self.results / "extremes" / f"{name}.json"

    @property
    def tradeoffs(self) -> Path:
        """Pareto front, and the best recipe by the weights."""
        return self.results / "tradeoffs.json"

    @property
    def robustness(self) -> Path:
        """How sure the best recipe is."""
        return self.results / "robustness.json"

    @property
    def verification(self) -> Path:
        """Simulated electrodes against their prediction."""
        return self.results / "verification.json"

    def calibration_round(self, number: int | str) -> Path:
        """Coefficients that a round of the calibration simulates."""
        return self.results / "calibration/rounds" / str(number) / CALIBRATION_POINTS

    def calibration_film(self, point: str, film: str) -> Path:
        """What was measured of a film that is simulated with a point's coefficients."""
        return self.results / "calibration/films" / point / film / "film.json"

    @property
    def calibration_plan(self) -> Path:
        """What a calibration simulates, by rounds."""
        return self.results / "calibration/plan.json"

    @property
    def calibration_films(self) -> Path:
        """What was measured of all films of a calibration, in one table."""
        return self.results / "calibration/films.csv"

    @property
    def calibration(self) -> Path:
        """Coefficients with their uncertainty, and what they predict."""
        return self.results / "calibration/calibration.json"

    @property
    def coefficients(self) -> Path:
        """The coefficients, to be included in a campaign."""
        return self.results / "calibration/coefficients.yaml"

    @property
    def calibration_page(self) -> Path:
        """The page of the calibration."""
        return self.results / "calibration/calibration.html"

    @property
    def laboratory(self) -> Path:
        """Electrodes that a laboratory was asked for, and what it told."""
        return self.results / "laboratory.csv"

    @property
    def benchmarks(self) -> Path:
        """Times of the workflow's jobs."""
        return self.results / "benchmarks"

    @property
    def report(self) -> Path:
        """The page."""
        return self.results / "report.html"

    @property
    def report_so_far(self) -> Path:
        """The page of a campaign that is not at its end; no output of the workflow."""
        return self.results / "report-so-far.html"


VISCOSITY = "viscosity.json"
CALIBRATION_POINTS = "points.json"
#: Record of an electrode in its cells, discharge curves, and the cell for other programs.
CELL_OUTPUTS = ("cell.json", "cell.bdf.csv", "cell.bpx.json")
