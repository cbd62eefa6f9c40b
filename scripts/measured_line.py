"""What a dozen measured electrodes, and asking and telling, are worth on a line that is known.

    OMP_NUM_THREADS=1 python scripts/measured_line.py --seeds 10 --folder docs/measured

The line is the open dataset's equations with a known bias on two properties; each measurement has
noise, whose standard deviation is told. The equations, because nothing else is as close to what
`mesocast ask` meets, and because the truth is known everywhere without noise. Two questions, each
answered per seed:

1. Electrodes of a Sobol design are measured. Is the recipe that is best by the corrected equations
   better on the line than that of the uncorrected ones, and do the 95 % intervals hold new ones?
2. A laboratory asks and tells for some rounds. Does it end better than after a Sobol design of as
   many electrodes? Compared is the truth of the electrode that each would choose among those that
   it made, of the recipe that each would make next, and of the best electrode that each made.
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
from mesocast.optimization.laboratory.expected import OnTheLine
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
# The electrode that one would choose among those made, the recipe that one would make next, and the
# best electrode that was made, whether one knows it or not.
COMPARED = ("chosen", "recipe", "best")


class Line:
    """The equations with a bias on two properties.

    Parameters
    ----------
    surrogates
        Equations of the open dataset.
    objective
        Its scaling is that of the open dataset.
    share
        Of the bias.
    """

    def __init__(self, surrogates: Surrogates, objective: Objective, share: float) -> None:
        self.surrogates, self.objective, self.share = surrogates, objective, share

    def __call__(self, recipes: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Properties without noise: pores wind more when pressed, carbon conducts better."""
        am, sc, cr = (2 * (recipes - LOW) / (HIGH - LOW) - 1).T
        found = {name: self.surrogates[name](recipes) for name in TARGETS}
        found["tortuosity_factor"] += self.share * (
            0.3 + 0.6 * (recipes[:, 2] / 40) ** 2 + 0.1 * sc
        )
        found["electronic_conductivity_S_m"] *= np.exp(self.share * (0.3 - 0.5 * am + 0.15 * cr))
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
    row: dict[str, float] = {
        "seed": seed,
        "electrodes": len(recipes),
        "slurries_asked": len(np.unique(recipes[:, :2], axis=0)),
    }
    for way, made, told in (
        (
            "asked",
            recipes,
            line.measure(recipes, np.random.default_rng(derived_seed(seed, "asked"))),
        ),
        ("sobol", even, line.measure(even, random)),
    ):
        found = compare_measured(problem, line.surrogates, table, told)
        chosen = made[OnTheLine.of(problem, found.models).value(made).argmin()]
        recipe = np.array(list(found.corrected.parameters.values()))
        row[f"chosen_{way}"], row[f"recipe_{way}"] = line.value(np.array([chosen, recipe])).tolist()
        row[f"best_{way}"] = float(line.value(made).min())
    return row


def main() -> None:
    """Run both, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=1.0, help="of the bias")
    parser.add_argument("--folder", type=Path, help="where to write line.md and two tables")
    arguments = parser.parse_args()
    started = time.process_time()
    table = read_file(DATASET)
    surrogates = fit(table, TARGETS, bounds_pct=BOUNDS_PCT)
    objective = Objective.from_table(table, DEFAULT_GOALS)
    problem = Problem(dict(surrogates), objective, BOUNDS_PCT)
    line = Line(surrogates, objective, arguments.share)
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
    chosen, recipe, best = (
        int((second[f"{what}_asked"] < second[f"{what}_sobol"]).sum()) for what in COMPARED
    )
    means = second.mean()
    intro = (
        "The line is the open dataset's SISSO equations with a bias on two properties, and "
        f"{100 * NOISE:g} % noise on each measurement of four, whose standard deviation is told. "
        f"The tortuosity factor is higher by {arguments.share:g} × (0.3 + 0.6 (CR/40 %)² + 0.1 s), "
        f"the conductivity by the factor exp[{arguments.share:g} × (0.3 − 0.5 a + 0.15 c)], where "
        "a, s and c are active material, solids and compression from −1 at the lower bound to 1 at "
        "the upper one. The equations stand for the simulations, because the truth is then known "
        "everywhere and they are what `mesocast ask` meets; of how wrong equations are of "
        f"simulations, this tells nothing. The lowest objective on the line is {lowest:.3f}."
    )
    correction = (
        f"- {MEASURED} measured electrodes: the corrected optimum is better on the line than the "
        f"uncorrected one in {better} of {seeds} seeds; 95 % intervals hold "
        f"{100 * first['inside'].mean():.1f} % of {NEW} new electrodes "
        f"({100 * first['inside'].min():.1f} to {100 * first['inside'].max():.1f} % by seed; of "
        f"the tortuosity factor {100 * first['inside_tortuosity_factor'].min():.1f} to "
        f"{100 * first['inside_tortuosity_factor'].max():.1f} %)."
    )
    asking = (
        f"- {ROUNDS} rounds of asking and telling, {PER_ROUND} electrodes each, against a Sobol "
        f"design of as many: the electrode that one would choose among those made is better on the "
        f"line in {chosen} of {seeds} seeds (mean {means['chosen_asked']:.3f} against "
        f"{means['chosen_sobol']:.3f}), the best electrode that was made in {best} "
        f"({means['best_asked']:.3f} against {means['best_sobol']:.3f}), the recipe that one would "
        f"make next in {recipe} ({means['recipe_asked']:.3f} against {means['recipe_sobol']:.3f}). "
        f"What was asked for took {means['slurries_asked']:.1f} slurries, the design "
        f"{ROUNDS * PER_ROUND}."
    )
    provenance = (
        "Objectives on the line without noise; 0 is best. Chosen: of the electrodes made, by the "
        "corrected equations. Recipe: the best one by them. Best: of the electrodes made, which "
        f"nobody knows. Made with `scripts/measured_line.py --seeds {arguments.seeds} --first-seed "
        f"{arguments.first_seed} --share {arguments.share:g}`, Mesocast {VERSION}, "
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
            ("seed", *(f"{what}, {way}" for what in COMPARED for way in ("asked", "Sobol"))),
            [
                (
                    int(row["seed"]),
                    *(
                        f"{row[f'{what}_{way}']:.3f}"
                        for what in COMPARED
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
