"""The campaign's plan: everything that the rules need to know, as plain numbers and strings."""

import json
import os
import re
import sys
from pathlib import Path

from mesocast.calibration.jobs import read_plan
from mesocast.calibration.plan import NO_CALIBRATION, film_seed, round_settings
from mesocast.campaign.calibration_costs import film_request
from mesocast.design import rounds
from mesocast.verification.recipes import recipe_path, slurry_ids
from mesocast.optimization.asked import goals_of, proposal_identity
from mesocast.campaign.checks import load
from mesocast.cell.jobs import cell_identity
from mesocast.columns import ADDED
from mesocast.campaign.costs import Costs, request
from mesocast.seeds import derived_seed
from mesocast.design.plan import check_packing, kept_plan, packs
from mesocast.errors import InputError
from mesocast.storage.files import write_json
from mesocast.storage.layout import STAGES, Layout

CONFIG = str(config.get("campaign", "config/demo.yaml"))
try:
    CAMPAIGN = load(Path(CONFIG))
    RESULTS = f"results/{CAMPAIGN.campaign}"
    PLAN = kept_plan(CAMPAIGN, Path(RESULTS))
    check_packing(CAMPAIGN, PLAN, Path(RESULTS))
    COSTS = Costs(CAMPAIGN, PLAN)
    LAYOUT = Layout(Path(RESULTS))
    MEASURED = str(config.get("measured", ""))
    CALIBRATION = read_plan(CAMPAIGN, Path(MEASURED)) if MEASURED else NO_CALIBRATION
    CELL_IDENTITY = cell_identity(CAMPAIGN) if CAMPAIGN.cell.enabled else ""
except InputError as error:
    print(error, file=sys.stderr)
    sys.exit(2)

LOGS = f"{RESULTS}/logs"
BENCHMARKS = str(LAYOUT.benchmarks)
# Jobs find the config and the package of the interpreter that runs Snakemake. Neither path is a
# parameter: another path to the same physics must not rerun a simulation.
os.environ["MESOCAST_CONFIG"] = CONFIG
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
OWN_METHOD = CAMPAIGN.surrogate_method
SLURRY_FOLDER = LAYOUT.slurry("{slurry}")
CONDITION_FOLDER = LAYOUT.condition("{slurry}-{turn}")
# Bounds of the recipes: surrogates hold, and recipes are sought, within them. With recipes or a
# dataset of the user's own they change without any electrode.
BOX = json.dumps(CAMPAIGN.box_pct)
if CAMPAIGN.design.variables:
    BOX = json.dumps([CAMPAIGN.box_pct, CAMPAIGN.resolution, CAMPAIGN.tolerance])
    BOX += "".join(
        json.dumps({name: one.choices or one.levels})
        for name, one in CAMPAIGN.design.variables.items()
        if one.choices or one.levels
    )
if CAMPAIGN.fixed or CAMPAIGN.design.formulas:
    BOX += json.dumps([CAMPAIGN.fixed, CAMPAIGN.design.formulas])


envvars:
    "MESOCAST_CONFIG",
    "PATH",


def own_variables(further, *stages):
    """Options that give values of the campaign's own design variables of these stages."""
    return "".join(
        f" --set {name}={value}"
        for name, value in further.items()
        if CAMPAIGN.stage_of(name) in stages
    )


SLURRIES = {
    s.slurry_id: f"--am-pct {s.am_pct} --sc-pct {s.sc_pct} --seed {s.seed}"
    f"{own_variables(s.further, 'slurry')}"
    for s in PLAN.slurries
    if not s.mixed_as
}
# How films are dried that are each dried otherwise, several of them from a slurry that is mixed once.
FILMS = {
    s.slurry_id: own
    for s in PLAN.slurries
    if (own := own_variables(s.further, "drying"))
}
DRIED = {s.slurry_id: s for s in PLAN.slurries if s.slurry_id in FILMS}
CONDITIONS = {
    c.condition_id: f"--cr-pct {c.cr_pct}{own_variables(c.further, 'calendering', 'characterization')}"
    for c in PLAN.conditions
}
# Short jobs share one; then the pack is what Snakemake plans, and its file is what it asks for.
PACKS = packs(PLAN, CAMPAIGN.jobs.conditions_per_job)
PACKED = {c.condition_id for conditions in PACKS.values() for c in conditions}
# What is verified is simulated like any other electrode; its recipe is known when the search has
# ended.
OPTIMUM = str(LAYOUT.optimum)
VERIFICATION = {
    slurry: str(recipe_path(Path(RESULTS), name))
    for name, slurries in slurry_ids(CAMPAIGN).items()
    for slurry in slurries
}
EXTREMES = [str(recipe_path(Path(RESULTS), n)) for n in goals_of(CAMPAIGN)]


# A round has a fixed number of places; what they hold is known when the rounds before have ended.
# R1-C01 is the first condition of round 1, of whichever slurry its proposal takes.
ROUNDS = {f"R{i}": i for i in range(1, CAMPAIGN.rounds.count + 1)}
ROUND_OF = {
    s: i for i in ROUNDS.values() for s in rounds.slurry_ids(CAMPAIGN, i)
} | ROUNDS


def recipe_file(name):
    """File that tells the recipe of a slurry or a round; none for those of the design."""
    if name in ROUND_OF:
        return str(LAYOUT.proposal(ROUND_OF[name]))
    return VERIFICATION.get(name, [])


def recipe_option(name):
    """Option that gives a recipe from a file."""
    return f"--{'proposal' if name in ROUND_OF else 'recipe'} {recipe_file(name)}"


def slurry_recipe(wildcards):
    name = wildcards.slurry
    if recipe_file(name):
        return f"{recipe_option(name)} --seed {derived_seed(CAMPAIGN.seed, name)}"
    return SLURRIES[name]


def condition_recipe(wildcards):
    if recipe_file(wildcards.slurry):
        return recipe_option(wildcards.slurry)
    return CONDITIONS[f"{wildcards.slurry}-{wildcards.turn}"]


def dried_films(wildcards):
    """What drying gives of a condition's slurry; for a round's condition, of all new slurries."""
    name = wildcards.slurry
    names = rounds.slurry_ids(CAMPAIGN, ROUNDS[name]) if name in ROUNDS else [name]
    return expand(rules.drying.output, slurry=names)


def slurry_folder(wildcards):
    """Folder of a condition's slurry; for a round's condition, of all slurries."""
    folder = LAYOUT.slurry(wildcards.slurry)
    return str(folder.parent if wildcards.slurry in ROUNDS else folder)


def result(path, caption, label):
    """A result that Snakemake's report shows."""
    return report(
        path,
        caption=f"../report/{caption}.rst",
        category="Results",
        labels={"result": label},
    )


def picture(name, label):
    """A picture of an electrode, which Snakemake's report shows."""
    return report(
        f"{CONDITION_FOLDER}/{name}.png",
        caption=f"../report/{name}.rst",
        category="Electrodes",
        subcategory="{slurry}",
        labels={"electrode": "{slurry}-{turn}", "picture": label},
    )


def comparison_with_published(name, label):
    """A folder that Snakemake's report shows: figure and table with one stem."""
    return report(
        directory(f"{RESULTS}/{name}"),
        patterns=[f"{name}.{{kind}}"],
        caption=f"../report/{name}.rst",
        category="Against published numbers",
        labels={"result": f"{label} ({{kind}})"},
    )


def folder(wildcards, output):
    """The folder of a job's outputs."""
    return str(Path(output[0]).parent)


# Properties of packages beside Mesocast, with their versions: no parameter where there are none.
ADDED_PROPERTIES = {f"added_{name}": added.version for name, added in ADDED.items()}


def row_files(before=None):
    """Files that hold the rows of the design and its rounds, or of those before a round."""
    return map(str, rounds.row_files(CAMPAIGN, PLAN, Path(RESULTS), before=before))


def cell_job(batch):
    """List of the electrodes of a batch that are in cells; nothing where none are wanted."""
    return [str(LAYOUT.cells(batch))] if CAMPAIGN.cell.enabled else []


def origin_file():
    """File that says where a dataset that was given comes from, if it is there."""
    if CAMPAIGN.design.dataset is None:
        return []
    path = Path(CAMPAIGN.design.dataset).with_name("datapackage.json")
    return [str(path)] if path.exists() else []


def pack_recipe(wildcards):
    conditions = PACKS[f"{wildcards.slurry}-{wildcards.pack}"]
    own = {c.condition_id: c.further.items() for c in conditions}
    return " ".join(
        ",".join(
            [
                f"{c.condition_id}={c.cr_pct}",
                *(f"{n}={v}" for n, v in own[c.condition_id]),
            ]
        )
        for c in conditions
    )


def launcher(wildcards, resources):
    """What starts a simulation on several MPI ranks, where a profile sets `mpi` and `tasks`.

    A parameter that follows from resources is not recorded: other ranks rerun nothing.
    """
    if "mpi" not in resources.keys():
        return ""
    return f"{resources.mpi} -n {resources.tasks} "


def requested(quantity, *stages):
    """Memory (MB) or run time (min) of a job, by the cost model and what went wrong before."""

    def ask(wildcards, attempt):
        name = wildcards.slurry
        if "pack" in wildcards.keys():
            names = [c.condition_id for c in PACKS[f"{name}-{wildcards.pack}"]]
        else:
            names = [f"{name}-{wildcards.turn}"] if "turn" in wildcards.keys() else []
        folders = [LAYOUT.condition(n) for n in names] or [LAYOUT.slurry(name)]
        asked = request(
            COSTS,
            stages,
            name,
            attempt=attempt,
            works=[folder / "work" for folder in folders],
            conditions=len(folders),
        )
        return getattr(asked, quantity)

    return ask


def mixed_slurry(wildcards):
    """What mixing gives of the slurry that a film is dried from."""
    film = DRIED[wildcards.slurry]
    return expand(rules.slurry.output, slurry=film.mixed_as or film.slurry_id)


def dried_recipe(wildcards):
    """Options that give a film of a slurry: its identifier, its slurry, how it is dried."""
    film = DRIED[wildcards.slurry]
    slurry = LAYOUT.slurry(film.mixed_as or film.slurry_id)
    return (
        f"--slurry-id {film.slurry_id} --slurry-folder {slurry}{FILMS[film.slurry_id]}"
    )


ALIKE = [n for n in [*SLURRIES, *VERIFICATION, *ROUND_OF] if n not in DRIED]


wildcard_constraints:
    pack=r"P\d+",
    slurry="|".join(map(re.escape, [*SLURRIES, *VERIFICATION, *ROUND_OF, *DRIED])),
    turn=r"C\d+",


def cell_rows(wildcards):
    """Files that hold the rows of a batch: the design, a round, or what is verified."""
    batch = wildcards.batch
    if batch == "verification":
        return [str(LAYOUT.row(f"{name}-C01")) for name in VERIFICATION]
    if batch in ROUNDS:
        return list(
            map(str, rounds.round_files(CAMPAIGN, Path(RESULTS), ROUNDS[batch]))
        )
    return list(row_files(before=1))


def calibration_films(before):
    """Files of all films of the calibration's rounds before one."""
    return [
        str(LAYOUT.calibration_film(point, film))
        for points in CALIBRATION.rounds[:before]
        for point in points
        for film in CALIBRATION.films
    ]


def calibration_points(wildcards):
    """File that has the coefficients of a point."""
    return str(LAYOUT.calibration_round(CALIBRATION.round_of[wildcards.point]))


def calibration_recipe(wildcards):
    """Options that give a film's recipe, and how it is pressed."""
    recipe = CALIBRATION.films[wildcards.film]
    seed = film_seed(CAMPAIGN, wildcards.point, wildcards.film)
    voxels = "--voxels " if CALIBRATION.has_voxels else ""
    return (
        f"--am-pct {recipe.am_pct} --sc-pct {recipe.sc_pct} --seed {seed} {voxels}"
        + " ".join(recipe.pressings)
    )


def film_requested(quantity):
    """Memory (MB) or run time (min) of a calibration's film."""

    def ask(wildcards, attempt):
        folder = LAYOUT.calibration_film(wildcards.point, wildcards.film).parent
        asked = film_request(
            CAMPAIGN,
            CALIBRATION,
            wildcards.point,
            wildcards.film,
            folder,
            attempt=attempt,
        )
        return getattr(asked, quantity)

    return ask
