"""What a dozen measured electrodes, and asking and telling, are worth on a line that is known.

    OMP_NUM_THREADS=1 python scripts/measured_line.py --seeds 10 --folder docs/measured

The line is the open dataset's equations with a known bias on two properties; each measurement has
noise, whose standard deviation is told. Two questions, each answered per seed:

1. Electrodes of a Sobol design are measured. Is the recipe that is best by the corrected equations
   better on the line than that of the uncorrected ones, and do the 95 % intervals hold new ones?
2. A laboratory asks and tells for some rounds. Does it end better than after a Sobol design of as
   many electrodes? Compared are the recipes that are best as corrected by all electrodes, and the
   best electrodes that were made.
"""

from __future__ import annotations

import argparse
import time
import warnings
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import qmc

from mesocast.columns import PARAMETERS, TARGETS
from mesocast.config.campaign import Campaign
from mesocast.config.laboratory import LaboratorySettings
from mesocast.optimization.laboratory.ask import ask
from mesocast.optimization.objective import DEFAULT_GOALS, Objective
from mesocast.optimization.optimum.find import best_recipe
from mesocast.optimization.problem import Problem
from mesocast.seeds import derived_seed
from mesocast.storage import markdown
from mesocast.storage.files import write_text
from mesocast.storage.once import file_digest
from mesocast.storage.rows import read_file
from mesocast.storage.version import VERSION
from mesocast.surrogates.fit import Surrogates, fit
from mesocast.surrogates.measured.table import MeasuredTable, measured_table
from mesocast.verification.measured import compare_measured

if TYPE_CHECKING:
    from numpy.typing import NDArray

DATASET = Path(__file__).parents[1] / "data/paper/dataset.parquet"
BOUNDS_PCT = Campaign(campaign="line").box_pct
LOW, HIGH = np.array(list(BOUNDS_PCT.values())).T
# Of each measured value.
NOISE = 0.03
MEASURED, NEW = 12, 200
ROUNDS, PER_ROUND = 5, 4


class Line:
    """The equations with a bias on two properties.

    Parameters
    ----------
    surrogates
        Equations of the open dataset.
    objective
        Its scaling is that of the open dataset.
    """

    def __init__(self, surrogates: Surrogates, objective: Objective) -> None:
        self.surrogates, self.objective = surrogates, objective

    def __call__(self, recipes: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Properties without noise: pores wind more when pressed, carbon conducts better."""
        am, sc, cr = (2 * (recipes - LOW) / (HIGH - LOW) - 1).T
        found = {name: self.surrogates[name](recipes) for name in TARGETS}
        found["tortuosity_factor"] = (
            found["tortuosity_factor"] + 0.3 + 0.6 * (recipes[:, 2] / 40) ** 2 + 0.1 * sc
        )
        found["electronic_conductivity_S_m"] = found["electronic_conductivity_S_m"] * np.exp(
            0.3 - 0.5 * am + 0.15 * cr
        )
        return found

    def property(self, name: str, recipes: NDArray[np.float64]) -> NDArray[np.float64]:
        """One property without noise, shape (n,)."""
        return self(recipes)[name]

    def value(self, recipes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Objective without noise, shape (n,)."""
        return self.objective(self(recipes))

    def measure(self, recipes: NDArray[np.float64], random: np.random.Generator) -> MeasuredTable:
        """Measure electrodes."""
        columns = dict(zip(PARAMETERS, recipes.T, strict=True))
        for name, values in self(recipes).items():
            columns[name] = values * (1 + NOISE * random.standard_normal(len(values)))
            columns[f"{name}_std"] = NOISE * columns[name]
        return measured_table(pd.DataFrame(columns))


def sobol(count: int, seed: int) -> NDArray[np.float64]:
    """Scrambled Sobol points in the box, to a tenth of a percent, shape (count, 3)."""
    with warnings.catch_warnings():  # of numbers that are no power of two
        warnings.simplefilter("ignore")
        points = qmc.Sobol(3, rng=seed).random(count)
    return np.asarray(qmc.scale(points, LOW, HIGH)).round(1)


def corrected(problem: Problem, line: Line, table: pd.DataFrame, seed: int) -> dict[str, float]:
    """Answer the first question for one seed."""
    random = np.random.default_rng(derived_seed(seed, "measured"))
    found = compare_measured(
        problem, line.surrogates, table, line.measure(sobol(MEASURED, seed), random)
    )
    new = LOW + random.random((NEW, 3)) * (HIGH - LOW)
    inside = {}
    values = line.measure(new, random).properties
    for name in TARGETS:
        low, high = found.models[name].interval(new)
        inside[f"inside_{name}"] = float(((values[name] >= low) & (values[name] <= high)).mean())
    recipes = np.array(
        [list(best.parameters.values()) for best in (found.uncorrected, found.corrected)]
    )
    before, after = line.value(recipes).tolist()
    return {
        "seed": seed,
        "uncorrected": before,
        "corrected": after,
        "inside": float(np.mean(list(inside.values()))),
        **inside,
    }


def asked(problem: Problem, line: Line, table: pd.DataFrame, seed: int) -> dict[str, float]:
    """Answer the second question for one seed."""
    settings = LaboratorySettings(electrodes=PER_ROUND, slurries=PER_ROUND)
    recipes, measured = np.empty((0, 3)), None
    for number in range(1, ROUNDS + 1):
        random = np.random.default_rng(derived_seed(seed, "asked"))  # the first ones stay the same
        batch = ask(
            problem,
            line.surrogates,
            measured,
            np.empty((0, 3)),
            settings,
            seed=derived_seed(seed, f"ask {number}"),
        )
        recipes = np.concatenate([recipes, np.array([choice.recipe_pct for choice in batch])])
        measured = line.measure(recipes, random)
    even = sobol(len(recipes), derived_seed(seed, "sobol"))
    random = np.random.default_rng(derived_seed(seed, "sobol measured"))
    row: dict[str, float] = {"seed": seed, "electrodes": len(recipes)}
    for way, made, told in (
        (
            "asked",
            recipes,
            line.measure(recipes, np.random.default_rng(derived_seed(seed, "asked"))),
        ),
        ("sobol", even, line.measure(even, random)),
    ):
        best = compare_measured(problem, line.surrogates, table, told).corrected
        row[f"recipe_{way}"] = float(line.value(np.array([list(best.parameters.values())]))[0])
        row[f"electrode_{way}"] = float(line.value(made).min())
    return row


def main() -> None:
    """Run both, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where to write line.md and two tables")
    arguments = parser.parse_args()
    started = time.process_time()
    table = read_file(DATASET)
    surrogates = fit(table, TARGETS, bounds_pct=BOUNDS_PCT)
    objective = Objective.from_table(table, DEFAULT_GOALS)
    problem = Problem(dict(surrogates), objective, BOUNDS_PCT)
    line = Line(surrogates, objective)
    truth = Problem(
        {name: partial(line.property, name) for name in TARGETS},
        objective,
        BOUNDS_PCT,
    )
    lowest = float(line.value(best_recipe(truth)[None])[0])
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
    first, second = [], []
    for seed in seeds:
        first.append(corrected(problem, line, table, seed))
        print(first[-1], flush=True)
        second.append(asked(problem, line, table, seed))
        print(second[-1], flush=True)
    tables = {"correction": pd.DataFrame(first), "ask_and_tell": pd.DataFrame(second)}
    text = _text(tables, lowest, arguments, time.process_time() - started)
    print(text)
    if arguments.folder is not None:
        for name, rows in tables.items():
            write_text(
                arguments.folder / f"{name}.csv", rows.to_csv(index=False, float_format="%.6g")
            )
        write_text(arguments.folder / "line.md", text)


def _text(
    tables: dict[str, pd.DataFrame], lowest: float, arguments: argparse.Namespace, cpu_s: float
) -> str:
    first, second = tables["correction"], tables["ask_and_tell"]
    seeds = len(first)
    better = int((first["corrected"] < first["uncorrected"]).sum())
    recipe = int((second["recipe_asked"] < second["recipe_sobol"]).sum())
    electrode = int((second["electrode_asked"] < second["electrode_sobol"]).sum())
    intro = (
        "The open dataset's SISSO equations with a bias on the tortuosity factor (0.3, more when "
        "pressed, up to 0.9) and the conductivity (a factor that falls with active material), and "
        f"{100 * NOISE:g} % noise on every measurement. The lowest objective on that line is "
        f"{lowest:.3f}."
    )
    correction = (
        f"- {MEASURED} measured electrodes: the corrected optimum is better on the line than the "
        f"uncorrected one in {better} of {seeds} seeds; 95 % intervals hold "
        f"{100 * first['inside'].mean():.1f} % of {NEW} new electrodes "
        f"({100 * first['inside'].min():.1f} to {100 * first['inside'].max():.1f} % by seed)."
    )
    asking = (
        f"- {ROUNDS} rounds of asking and telling, {PER_ROUND} electrodes each, against a Sobol "
        f"design of as many: the recipe that is best as corrected is better on the line in "
        f"{recipe} of {seeds} seeds, the best electrode that was made in {electrode} of {seeds}."
    )
    provenance = (
        "Objectives on the line without noise; 0 is best. Made with `scripts/measured_line.py "
        f"--seeds {arguments.seeds} --first-seed {arguments.first_seed}`, Mesocast {VERSION}, "
        f"dataset `data/paper/dataset.parquet` {file_digest(DATASET)}, in {cpu_s:.0f} s of a core."
    )
    lines = [
        "# A line that is known: what correction, and asking and telling, are worth",
        "",
        intro,
        "",
        correction,
        asking,
        "",
        *markdown.table(
            ("seed", "uncorrected", "corrected", "in the intervals"),
            [
                (
                    int(row["seed"]),
                    f"{row['uncorrected']:.3f}",
                    f"{row['corrected']:.3f}",
                    f"{100 * row['inside']:.1f} %",
                )
                for row in first.to_dict("records")
            ],
        ),
        "",
        *markdown.table(
            ("seed", "recipe, asked", "recipe, Sobol", "electrode, asked", "electrode, Sobol"),
            [
                (
                    int(row["seed"]),
                    *(
                        f"{row[f'{what}_{way}']:.3f}"
                        for what in ("recipe", "electrode")
                        for way in ("asked", "sobol")
                    ),
                )
                for row in second.to_dict("records")
            ],
        ),
        "",
        provenance,
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
