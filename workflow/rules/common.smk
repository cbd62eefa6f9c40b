"""The campaign's plan: everything that the rules need to know, as plain numbers and strings."""

import os
import sys
from pathlib import Path

from mesocast.config import load
from mesocast.costs import Costs, request
from mesocast.design import derived_seed, make_plan, packs
from mesocast.errors import InputError
from mesocast.files import write_json
from mesocast.properties import TARGETS

CONFIG = str(config.get("campaign", "config/demo.yaml"))
try:
    CAMPAIGN = load(Path(CONFIG))
    PLAN = make_plan(CAMPAIGN)
    COSTS = Costs(CAMPAIGN, PLAN)
except InputError as error:
    print(error, file=sys.stderr)
    sys.exit(2)

RESULTS = f"results/{CAMPAIGN.campaign}"
LOGS = f"{RESULTS}/logs"
BENCHMARKS = f"{RESULTS}/benchmarks"
# Jobs find the config and the package of the interpreter that runs Snakemake. Neither path is a
# parameter: another path to the same physics must not rerun a simulation.
os.environ["MESOCAST_CONFIG"] = CONFIG
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
SURROGATES = f"{RESULTS}/surrogates/{CAMPAIGN.surrogates.method}"


envvars:
    "MESOCAST_CONFIG",
    "PATH",


SLURRIES = {
    s.slurry_id: f"--am-pct {s.am_pct} --sc-pct {s.sc_pct} --seed {s.seed}"
    for s in PLAN.slurries
}
CONDITIONS = {c.condition_id: f"--cr-pct {c.cr_pct}" for c in PLAN.conditions}
# Short jobs share one; then the pack is what Snakemake plans, and its file is what it asks for.
PACKS = packs(PLAN, CAMPAIGN.jobs.conditions_per_job)
PACKED = {c.condition_id for conditions in PACKS.values() for c in conditions}
# The optimum is simulated like any other electrode; its recipe is known when the search has ended.
VERIFICATION = [f"V{i:02d}" for i in range(1, CAMPAIGN.verification.seeds + 1)]
OPTIMUM = f"{RESULTS}/optimum.json"


def optimum_of(name):
    """The optimum's file as input of the electrodes that are made from it, and of no others."""
    return OPTIMUM if name.split("-")[0] in VERIFICATION else []


def slurry_recipe(wildcards):
    if wildcards.slurry in VERIFICATION:
        seed = derived_seed(CAMPAIGN.seed, wildcards.slurry)
        return f"--recipe {OPTIMUM} --seed {seed}"
    return SLURRIES[wildcards.slurry]


def condition_recipe(wildcards):
    if wildcards.slurry in VERIFICATION:
        return f"--recipe {OPTIMUM}"
    return CONDITIONS[f"{wildcards.slurry}-{wildcards.turn}"]


def folder(wildcards, output):
    """The folder of a job's outputs."""
    return str(Path(output[0]).parent)


def row_files():
    """Files that hold the rows of the dataset: a pack's, or an electrode's own."""
    alone = [name for name in CONDITIONS if name not in PACKED]
    return expand(f"{RESULTS}/packs/{{pack}}.json", pack=PACKS) + expand(
        f"{RESULTS}/conditions/{{condition}}/properties.json", condition=alone
    )


def pack_recipe(wildcards):
    conditions = PACKS[f"{wildcards.slurry}-{wildcards.pack}"]
    return " ".join(f"{c.condition_id}={c.cr_pct}" for c in conditions)


def requested(quantity, *stages):
    """Memory (MB) or run time (min) of a job, by the cost model and what went wrong before."""

    def ask(wildcards, attempt):
        name = wildcards.slurry
        if "pack" in wildcards.keys():
            names = [c.condition_id for c in PACKS[f"{name}-{wildcards.pack}"]]
        else:
            names = [f"{name}-{wildcards.turn}"] if "turn" in wildcards.keys() else []
        folders = [f"conditions/{n}" for n in names] or [f"slurries/{name}"]
        asked = request(
            COSTS,
            stages,
            name,
            attempt=attempt,
            works=[Path(RESULTS, folder, "work") for folder in folders],
            conditions=len(folders),
        )
        return getattr(asked, quantity)

    return ask


wildcard_constraints:
    pack=r"P\d+",
    slurry="|".join([*SLURRIES, *VERIFICATION]),
    turn=r"C\d+",
