"""Which recipes a campaign simulates: a Sobol design with few slurries and many compressions."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mesocast.design.sampling import DECIMALS, dealt_rates, first_distinct, slurry_sample
from mesocast.errors import InputError
from mesocast.seeds import derived_seed
from mesocast.storage.files import read_json, write_json
from mesocast.storage.layout import Layout
from mesocast.storage.once import digest, file_digest

if TYPE_CHECKING:
    import pandas as pd

    from mesocast.config.campaign import Campaign
    from mesocast.config.design import Design


@dataclass(frozen=True)
class Slurry:
    """A slurry to be mixed and dried."""

    slurry_id: str
    am_pct: float
    sc_pct: float
    seed: int


@dataclass(frozen=True)
class Condition:
    """An electrode: a slurry and a compression rate."""

    condition_id: str
    slurry_id: str
    cr_pct: float


@dataclass(frozen=True)
class Plan:
    """All slurries and conditions of a round."""

    slurries: tuple[Slurry, ...]
    conditions: tuple[Condition, ...]

    def table(self) -> pd.DataFrame:
        """One row per condition, with its recipe."""
        import pandas as pd

        slurries = {s.slurry_id: s for s in self.slurries}
        return pd.DataFrame(
            [
                {
                    "condition_id": c.condition_id,
                    "slurry_id": c.slurry_id,
                    "round": 0,
                    "seed": slurries[c.slurry_id].seed,
                    "am_pct": slurries[c.slurry_id].am_pct,
                    "sc_pct": slurries[c.slurry_id].sc_pct,
                    "cr_pct": c.cr_pct,
                }
                for c in self.conditions
            ]
        )


def make_plan(campaign: Campaign) -> Plan:
    """Design of round 0: the same config and seed give the same plan.

    The identifiers and recipes of the first n conditions do not depend on how many follow, so a
    longer design reruns nothing.
    """
    design, seed = campaign.design, campaign.seed
    if design.dataset is not None:
        return _given_plan(Path(design.dataset))
    if design.recipes:
        return _listed_plan(design, seed)
    sample = slurry_sample(design, derived_seed(seed, "design"))
    pairs = first_distinct(sample[:, :2], design.slurries)
    rates = dealt_rates(design, sample, derived_seed(seed, "design"))
    bounds = (design.am_pct, design.sc_pct, design.cr_pct)

    def scaled(value: float, axis: int) -> float:
        low, high = bounds[axis].min, bounds[axis].max
        return round(float(low + value * (high - low)), DECIMALS)

    seeds = design.seeds_per_slurry
    # Films of one slurry stand side by side, so that more slurries leave those before as they are.
    slurries = tuple(
        Slurry(name, scaled(am, 0), scaled(sc, 1), derived_seed(seed, name))
        for name, (am, sc) in zip(
            (f"S{i:03d}" for i in range(1, seeds * len(pairs) + 1)),
            np.repeat(pairs, seeds, axis=0),
            strict=True,
        )
    )

    def condition(number: int) -> Condition:
        turn, pair = divmod(number, design.slurries)
        place, film = divmod(turn, seeds)
        name = slurries[seeds * pair + film].slurry_id
        return Condition(f"{name}-C{place + 1:02d}", name, scaled(rates[pair][turn], 2))

    return Plan(slurries, tuple(condition(number) for number in range(design.conditions)))


def kept_plan(campaign: Campaign, results: Path) -> Plan:
    """Plan of a campaign, as an earlier process kept it in the results folder, or made and kept.

    The libraries of the sequence take longer to import than all else that a dry-run needs of
    Mesocast, and each job on a cluster parses the workflow twice.
    """
    path, given = Layout(results).plan, campaign.design.dataset
    key = digest(
        {
            "design": campaign.design.model_dump(mode="json"),
            "seed": campaign.seed,
            "dataset": file_digest(Path(given)) if given else "",
            "code": file_digest(Path(__file__)),
            "libraries": [version(name) for name in ("numpy", "scipy", "SALib")],
        }
    )
    with contextlib.suppress(InputError, OSError, KeyError, TypeError):  # it can be made again
        kept = read_json(path)
        if kept["key"] == key:
            return Plan(
                tuple(Slurry(**slurry) for slurry in kept["slurries"]),
                tuple(Condition(**condition) for condition in kept["conditions"]),
            )
    plan = make_plan(campaign)
    with contextlib.suppress(OSError):  # a folder that cannot be written to, or is being read
        write_json(path, {"key": key, **asdict(plan)})
    return plan


def _listed_plan(design: Design, seed: int) -> Plan:
    """Plan of the user's own recipes: all of them once, then once more for each further seed."""
    slurries, conditions = [], []
    for index, recipe in enumerate(design.recipes * design.seeds_per_recipe, start=1):
        name = f"S{index:03d}"
        slurries.append(Slurry(name, recipe.am_pct, recipe.sc_pct, derived_seed(seed, name)))
        conditions += [
            Condition(f"{name}-C{turn:02d}", name, rate)
            for turn, rate in enumerate(recipe.cr_pct, start=1)
        ]
    return Plan(tuple(slurries), tuple(conditions))


def _given_plan(path: Path) -> Plan:
    """Plan of electrodes that are there already."""
    from mesocast.storage.rows import read_file

    table = read_file(path)
    slurries = table.drop_duplicates("slurry_id")[["slurry_id", "am_pct", "sc_pct", "seed"]]
    conditions = table[["condition_id", "slurry_id", "cr_pct"]]
    return Plan(
        tuple(Slurry(*row) for row in slurries.to_numpy().tolist()),
        tuple(Condition(*row) for row in conditions.to_numpy().tolist()),
    )


def packs(plan: Plan, conditions_per_job: int) -> dict[str, tuple[Condition, ...]]:
    """Conditions that share a job, by the pack's identifier; none if each has its own jobs.

    A longer design adds to the last pack of a slurry or begins a new one.
    """
    if conditions_per_job == 1:
        return {}
    found: dict[str, list[Condition]] = {}
    turns: dict[str, int] = {}
    for condition in plan.conditions:
        turn = turns[condition.slurry_id] = turns.get(condition.slurry_id, -1) + 1
        name = f"{condition.slurry_id}-P{turn // conditions_per_job + 1:02d}"
        found.setdefault(name, []).append(condition)
    return {name: tuple(conditions) for name, conditions in found.items()}
