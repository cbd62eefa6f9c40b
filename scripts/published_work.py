"""Draw the figures and count the tables of the published work from a campaign of the open dataset.

    .venv/bin/mesocast run config/paper-optimum.yaml
    scripts/published_work.py results/paper-optimum docs/published --stages results/paper-optimum

FOLDER gets the figures as SVG and a Markdown table for each published table, the published numbers
beside ours. With ``--stages`` also the electrode after slurry, drying and calendering, of a
campaign that was simulated here.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from scipy.stats import qmc

from mesocast.cli.ending import ended
from mesocast.columns import PARAMETERS, name_of, with_unit
from mesocast.electrode import Electrode
from mesocast.errors import InputError, reading
from mesocast.optimization.hedge.posterior import Posterior, fit_prior
from mesocast.optimization.optimum.partial_dependence import partial_dependence
from mesocast.report.blocks import Figure
from mesocast.report.drawing import draw
from mesocast.report.figures.design import plane
from mesocast.report.figures.electrodes import spheres
from mesocast.report.figures.optimizer import dependence
from mesocast.report.numbers import fixed, number
from mesocast.report.page import sections_of
from mesocast.report.results import open_results
from mesocast.seeds import derived_seed
from mesocast.storage import markdown
from mesocast.storage.files import write_text
from mesocast.verification.published import published_electrodes
from mesocast.verification.published_accuracy import PUBLISHED, PUBLISHED_TRAINING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mesocast.optimization.optimum.result import Optimum
    from mesocast.report.results import Results

#: The electrode that was measured, as dried and as pressed (Duquesnoy et al., Energy Storage Mater.
#: 56 (2023) 50, table 3; thicknesses without the foil of 22 um, which makes 30 % of it 43.5 % net).
MEASURED = {
    "mass_loading_mg_cm2": (6.7, 6.7),
    "thickness_um": (46.0, 26.0),
    "density_g_cm3": (1.6, 2.6),
    "tortuosity_factor": (3.5, 1.8),
    "porosity_total": (0.60, 0.29),
}
MEASURED_RECIPES = ((90.0, 57.0, 0.0), (90.0, 57.0, 43.5))
_LABELS = {"mass_loading_mg_cm2": "Mass loading (mg/cm²)"}
_WIDTH_MM = 88
_STAGE_WIDTH_MM = 60


def figures_of(results: Results) -> list[Figure]:
    """Give the figures that correspond to published ones."""
    page = {f.name: f for section in sections_of(results) for f in section.figures()}
    names = ["design-space", "radar", "convergence"]
    names += [
        f"{kind}-{name.replace('_', '-')}"
        for kind in ("radar", "fit", "distribution")
        for name in results.campaign.targets
    ]
    return [*_samplings(results), *_dependences(results.optimum), *(page[name] for name in names)]


def _samplings(results: Results) -> list[Figure]:
    """Sobol sequence, uniform and Gaussian random numbers in the plane of the slurries."""
    count = results.dataset["slurry_id"].nunique()
    low, high = np.array([results.bounds_pct[name] for name in PARAMETERS[:2]]).T
    random = np.random.default_rng(derived_seed(results.campaign.seed, "samplings"))
    gaussian = np.empty((0, 2))
    while len(gaussian) < count:  # those outside of the bounds are drawn again
        drawn = random.normal(0.5, 0.25, (1, 2))
        gaussian = np.vstack([gaussian, drawn[((drawn > 0) & (drawn < 1)).all(axis=1)]])
    slurries = results.dataset.drop_duplicates("slurry_id")[list(PARAMETERS[:2])].to_numpy(float)
    ways = {
        "Sobol": (slurries - low) / (high - low),
        "uniform": random.random((count, 2)),
        "gaussian": gaussian,
    }
    found = [
        Figure(
            f"sampling-{name.lower()}",
            name,
            f"Centred L2 discrepancy {number(float(qmc.discrepancy(np.clip(unit, 0, 1))), 3)}",
            "dataset.parquet",
            plane(*PARAMETERS[:2], low + unit * (high - low), results.bounds_pct),
        )
        for name, unit in ways.items()
    ]
    pressed = results.dataset[["sc_pct", "cr_pct"]].to_numpy(float)
    figure = plane("sc_pct", "cr_pct", pressed, results.bounds_pct)
    return [*found, Figure("plane-sc-cr", "CR against SC", "", "dataset.parquet", figure)]


def _dependences(optimum: Optimum) -> list[Figure]:
    """Partial dependence of the Gaussian process that the search fitted to what it visited."""
    names = list(optimum.bounds_pct)
    low, high = np.array(list(optimum.bounds_pct.values())).T
    visited = np.array([[visit.parameters[name] for name in names] for visit in optimum.trace])
    # The search ends with hundreds of points on one spot, which no fit tells apart.
    unit, rows = np.unique(((visited - low) / (high - low)).round(4), axis=0, return_index=True)
    points, values = (
        torch.tensor(array)
        for array in (unit, np.array([optimum.trace[row].objective for row in rows]))
    )
    process = Posterior(fit_prior(points, values), points, values)

    def mean(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(process(torch.tensor((x - low) / (high - low)))[0])

    found = []
    for panel in optimum.partial_dependence:
        pair = (names.index(panel.first), names.index(panel.second))
        _, _, drawn = partial_dependence(mean, list(low), list(high), pair)
        own = replace(panel, objective=tuple(tuple(row) for row in drawn.tolist()))
        found.append(
            Figure(
                f"process-{panel.first}-{panel.second}".replace("_", "-"),
                f"{name_of(panel.first)} and {name_of(panel.second).lower()}",
                "",
                "optimum.json",
                dependence(own, optimum.trace, optimum.parameters),
                height_px=340,
            )
        )
    return found


def stages_of(results: Results) -> list[Figure]:
    """Give the electrode of the optimum after slurry, drying and calendering."""
    row = results.shown.iloc[0]
    slurry, condition = (results.stage_folder(s, row) for s in ("slurry", "calendering"))
    paths = {
        "slurry": slurry / "slurry.dump.gz",
        "drying": slurry / "dried.dump.gz",
        "calendering": condition / "electrode.dump.gz",
    }
    found = []
    for stage, path in paths.items():
        electrode = Electrode.read_dump(path)
        figure = spheres(electrode)
        # Plotly scales a scene by the geometric mean of its sides; a tall one needs to stand back.
        height = electrode.highest_um
        back = max(1.0, 0.55 * height / (height * electrode.area_um2) ** (1 / 3))
        eye = {axis: back * figure.layout.scene.camera.eye[axis] for axis in "xyz"}
        figure.update_layout(scene={"camera": {"eye": eye}})
        figure.update_scenes(xaxis={"nticks": 3}, yaxis={"nticks": 3})
        found.append(Figure(f"stage-{stage}", stage, "", str(path), figure, height_px=420))
    return found


def extremes(results: Results) -> list[str]:
    """Rows that belong to the four radars: recipe and porosity of each best electrode."""
    rows = [
        (f.title, f.caption.split(". ")[0])
        for section in sections_of(results)
        for f in section.figures()
        if f.name.startswith("radar-")
    ]
    return markdown.table(("Radar", "AM/SC/CR of both"), rows)


def accuracy(results: Results, *, of_test: bool) -> list[str]:
    """Rows of table 1, or of table S1 for the training rows."""
    rows = []
    for name in results.campaign.targets:
        surrogate, study = results.surrogates[name], results.validations[name].random
        errors = surrogate.test if of_test else surrogate.train
        if of_test:
            published = PUBLISHED[name]
            theirs = (published.rmse_pct, published.r2)
            spread = f"{fixed(published.r2_ci95[0], 3)} to {fixed(published.r2_ci95[1], 3)}"
        else:
            theirs, spread = PUBLISHED_TRAINING[name], "–"
        own = study.test_r2 if of_test else study.train_r2
        low, high = own.mean_ci95
        rows.append(
            (
                name_of(name),
                fixed(theirs[0], 2),
                fixed(errors.rmse_pct, 2),
                fixed(theirs[1], 3),
                fixed(errors.r2, 3),
                spread,
                f"{fixed(low, 3)} to {fixed(high, 3)}",
            )
        )
    header = ["Property"]
    for title in ("RMSE %", "R²", "95 % interval of the mean R² over 75 splits"):
        header += [f"{title}: published", "ours"]
    return markdown.table(header, rows)


def recipes(results: Results, electrodes: pd.DataFrame) -> list[str]:
    """Rows of table 2: the optimal recipe and its properties, also as simulated by now."""
    published = published_electrodes()
    theirs = published[published["name"] == "optimum"].set_index("column")
    optimum, best = results.optimum, results.simulated.iloc[0]
    own = _of_recipe(electrodes, optimum.parameters)
    names = [*PARAMETERS, *theirs.index]
    rows = [
        (
            with_unit(name),
            number(theirs["published"][name] if name in theirs.index else theirs[name].iloc[0]),
            number({**optimum.parameters, **optimum.predicted}.get(name)),
            number(own[name].mean())
            + ("" if name in PARAMETERS else f" ± {number(own[name].std(), 2)}"),
            number(float(best[name])),
        )
        for name in names
    ]
    header = (
        "",
        "Published",
        "Ours: predicted",
        f"The same, simulated ({len(own)} seeds)",
        f"Best of our {len(results.simulated)} electrodes, {best['condition_id']}",
    )
    return markdown.table(header, rows)


def _of_recipe(electrodes: pd.DataFrame, recipe: Mapping[str, float]) -> pd.DataFrame:
    """Electrodes of a recipe in percent that are ok."""
    same = (electrodes[list(recipe)] == list(recipe.values())).all(axis=1)
    own = electrodes[same & (electrodes["status"] == "ok")]
    if own.empty:
        raise InputError(f"no electrode of {dict(recipe)}; allowed: tables that hold one")
    return own


def measured_electrode(electrodes: pd.DataFrame) -> list[str]:
    """Rows of table 3: the measured electrode, pristine and calendered, beside simulated ones."""
    found = [
        _of_recipe(electrodes, dict(zip(PARAMETERS, recipe, strict=True)))
        for recipe in MEASURED_RECIPES
    ]
    rows = [
        (
            _LABELS.get(name) or with_unit(name),
            *(
                text
                for own, value in zip(found, values, strict=True)
                for text in (
                    number(value, 3),
                    f"{number(own[name].mean(), 3)} ± {number(own[name].std(), 2)}",
                )
            ),
        )
        for name, values in MEASURED.items()
    ]
    header = [""]
    for title, own in zip(("Pristine", "Calendered"), found, strict=True):
        header += [f"{title}: measured", f"simulated ({len(own)} seeds)"]
    return markdown.table(header, rows)


def main() -> int:
    """Read the words and publish."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("results", type=Path, help="of a campaign of the open dataset")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--stages", type=Path, help="results of a campaign that was simulated")
    parser.add_argument(
        "--electrodes",
        type=Path,
        nargs="+",
        default=[Path(f"docs/{name}/electrodes.csv") for name in ("optimization", "validation")],
        help="simulated electrodes of the optimum and of the recipes that were measured",
    )
    arguments = parser.parse_args()
    return ended(lambda: publish(arguments), results=arguments.results)


def publish(arguments: argparse.Namespace) -> None:
    """Publish.

    Raises
    ------
    InputError
        The results are not those of a finished campaign, or a file is not there.
    """
    results, folder = open_results(arguments.results), arguments.folder
    found = []
    for path in arguments.electrodes:
        with reading(path, "a table of electrodes"):
            found.append(pd.read_csv(path))
    electrodes = pd.concat(found)
    tables = {
        "figure-5": extremes(results),
        "table-1": accuracy(results, of_test=True),
        "table-s1": accuracy(results, of_test=False),
        "table-2": recipes(results, electrodes),
        "table-3": measured_electrode(electrodes),
    }
    for name, lines in tables.items():
        write_text(folder / f"{name}.md", "\n".join(lines) + "\n")
    draw(figures_of(results), folder, (_WIDTH_MM,), ("svg",))
    if arguments.stages:
        draw(stages_of(open_results(arguments.stages)), folder, (_STAGE_WIDTH_MM,), ("svg",))
    print(folder)


if __name__ == "__main__":
    sys.exit(main())
