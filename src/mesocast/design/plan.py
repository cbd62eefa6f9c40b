"""Which recipes a campaign simulates: a Sobol design with few slurries and many compressions."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mesocast.columns import PARAMETERS, variables_of
from mesocast.design import sampling
from mesocast.design.sampling import DECIMALS, Space, dealt, first_distinct, points, rotated
from mesocast.errors import InputError
from mesocast.seeds import derived_seed
from mesocast.storage.files import read_json, write_json
from mesocast.storage.layout import Layout
from mesocast.storage.once import digest, file_digest

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from mesocast.columns.variables import Value
    from mesocast.config.campaign import Campaign

# Recipes are drawn up to so many times over where formulas forbid some.
_MOST_DRAWN = 64


@dataclass(frozen=True)
class Slurry:
    """A slurry to be mixed and dried.

    Parameters
    ----------
    slurry_id, am_pct, sc_pct, seed
        Identifier, recipe in percent, and seed of the random placement.
    further
        Values of the campaign's own design variables up to the drying, by column.
    mixed_as
        The slurry of which this one is another film, dried otherwise; empty where it is mixed
        itself.
    """

    slurry_id: str
    am_pct: float
    sc_pct: float
    seed: int
    further: dict[str, Value] = field(default_factory=dict, hash=False)
    mixed_as: str = ""

    @property
    def recipe(self) -> dict[str, Value]:
        """What the film is made of and how, by column."""
        return {"am_pct": self.am_pct, "sc_pct": self.sc_pct, **self.further}


@dataclass(frozen=True)
class Condition:
    """An electrode: a slurry, a compression rate, and what else it is made with after drying."""

    condition_id: str
    slurry_id: str
    cr_pct: float
    further: dict[str, Value] = field(default_factory=dict, hash=False)


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
                    **slurries[c.slurry_id].further,
                    **c.further,
                }
                for c in self.conditions
            ]
        )


def make_plan(campaign: Campaign) -> Plan:
    """Design of round 0: the same config and seed give the same plan.

    The identifiers and recipes of the first n conditions do not depend on how many follow, so a
    longer design reruns nothing (of a Latin hypercube, as long as the slurries are as many).
    """
    design, seed = campaign.design, campaign.seed
    if design.dataset is not None:
        return _given_plan(Path(design.dataset))
    if design.recipes:
        return _listed_plan(campaign)
    space = Space.of(campaign)
    films, starts, sample = _films(campaign, space)
    each = design.seeds_per_slurry * design.dryings_per_slurry
    if not space.later and design.conditions > len(films):
        raise InputError(
            f"design.conditions = {design.conditions} with {len(films)} films: electrodes of one "
            "film differ in nothing; allowed: as many conditions as films, or a free cr_pct"
        )
    rates = dealt(design, space, sample, starts, derived_seed(seed, "design"))
    allowed = [
        _allowed_rates(campaign, space, rates[pair], starts[pair], films[each * pair])
        for pair in range(design.slurries)
    ]

    def condition(number: int) -> Condition:
        turn, pair = divmod(number, design.slurries)
        place = turn // each
        name = films[each * pair + _film_of(turn, each)].slurry_id
        values = allowed[pair][turn]
        return Condition(
            f"{name}-C{place + 1:02d}",
            name,
            float(values.pop("cr_pct", campaign.fixed.get("cr_pct", 0.0))),
            values,
        )

    conditions = tuple(condition(number) for number in range(design.conditions))
    again = [
        _again(campaign, films[each * pair], conditions[pair], turn)
        for pair in range(design.repeated.recipes)
        for turn in range(2, design.repeated.seeds + 1)
    ]
    return Plan(
        (*films, *(film for film, _ in again)),
        (*conditions, *(electrode for _, electrode in again)),
    )


def _again(
    campaign: Campaign, film: Slurry, electrode: Condition, turn: int
) -> tuple[Slurry, Condition]:
    """One recipe from another random start; it is named after the film that it repeats."""
    name = f"{film.slurry_id}R{turn:02d}"
    place = electrode.condition_id.removeprefix(film.slurry_id)
    return (
        replace(film, slurry_id=name, seed=derived_seed(campaign.seed, name)),
        replace(electrode, condition_id=f"{name}{place}", slurry_id=name),
    )


def _film_of(turn: int, films: int) -> int:
    """Which of a slurry's films an electrode is of: each once in a round.

    By the sum of every other digit of the turn. What a slurry's electrodes differ by lies in the
    lower and the upper half in turns, so dealt one after the other one film would have all the low
    compression rates and the other all the high ones, and chance in a film would pass for theirs.
    """
    total = 0
    while turn and films > 1:
        total += turn % films
        turn //= films**2
    return total % films


def _films(
    campaign: Campaign, space: Space
) -> tuple[tuple[Slurry, ...], NDArray[np.float64], NDArray[np.float64]]:
    """Films of all slurries, where the electrodes of each slurry begin, and the whole sample."""
    design, seed = campaign.design, campaign.seed
    count, size = design.slurries, max(len(space.names), 1)
    drawn, own = count, len(space.slurry)
    while True:
        sample = points(design, size, derived_seed(seed, "design"), drawn)
        distinct = first_distinct(sample[:, :own], len(sample)) if own else sample[:, :0]
        chosen = [p for p in distinct if _is_allowed(campaign, _scaled(campaign, space.slurry, p))]
        if len(chosen) >= count:
            break
        if drawn > _MOST_DRAWN * count:
            raise InputError(
                f"design.formulas: of {drawn} recipes {len(chosen)} are allowed; allowed: bounds "
                "within which more of them are"
            )
        drawn *= 2
    whole = {tuple(point[:own]): point[own:] for point in reversed(sample)}
    rest = [whole[tuple(point)] for point in chosen[:count]] if own else list(sample[:count])
    cut = len(space.drying)
    films = []
    # Films of one slurry stand side by side, so that more slurries leave those before as they are.
    for pair, point in enumerate(chosen[:count]):
        recipe = {**campaign.fixed, **_scaled(campaign, space.slurry, point)}
        further = {n: value for n, value in recipe.items() if n not in PARAMETERS}
        dryings = rotated(rest[pair][:cut], design.dryings_per_slurry)
        for turn in range(design.seeds_per_slurry):
            name = f"S{design.seeds_per_slurry * pair + turn + 1:03d}"
            shares = float(recipe["am_pct"]), float(recipe["sc_pct"])
            numbers = (*shares, derived_seed(seed, name))
            for place, drying in enumerate(dryings):
                values = {**further, **_scaled(campaign, space.drying, drying)}
                if place:
                    films.append(Slurry(f"{name}D{place + 1:02d}", *numbers, values, name))
                else:
                    films.append(Slurry(name, *numbers, values))
    return tuple(films), np.array([one[cut:] for one in rest]), sample


def _allowed_rates(
    campaign: Campaign,
    space: Space,
    rates: NDArray[np.float64],
    start: NDArray[np.float64],
    film: Slurry,
) -> list[dict[str, Value]]:
    """Values of a slurry's electrodes, in their order, without those that a formula forbids."""
    design = campaign.design
    scaled = [_scaled(campaign, space.later, point) for point in rates]
    if not design.formulas or not space.later:
        return scaled
    count, drawn = len(rates), len(rates)
    while True:
        found = [values for values in scaled if _is_allowed(campaign, {**film.recipe, **values})]
        if len(found) >= count:
            return found
        if drawn > _MOST_DRAWN * count:
            raise InputError(
                f"design.formulas: of {drawn} electrodes of {film.slurry_id} {len(found)} are "
                "allowed; allowed: bounds within which more of them are"
            )
        drawn *= 2
        scaled = [_scaled(campaign, space.later, point) for point in rotated(start, drawn)]


def _scaled(
    campaign: Campaign, names: tuple[str, ...], point: NDArray[np.float64]
) -> dict[str, Value]:
    """Values of design variables at a point of the unit cube."""
    found: dict[str, Value] = {}
    for name, share in zip(names, point.tolist(), strict=True):
        if name in PARAMETERS:
            low, high = campaign.box_pct[name]
            found[name] = round(float(low + share * (high - low)), DECIMALS)
        else:
            found[name] = campaign.design.variables[name].at(share)
    return found


def _is_allowed(campaign: Campaign, values: dict[str, Value]) -> bool:
    """Whether all keys that follow from values by formulas are allowed."""
    if not campaign.design.formulas:
        return True
    try:
        campaign.at({**campaign.fixed, **values})
    except InputError:
        return False
    return True


def kept_plan(campaign: Campaign, results: Path) -> Plan:
    """Plan of a campaign, as an earlier process kept it in the results folder, or made and kept.

    The libraries of the sequence take longer to import than all else that a dry-run needs of
    Mesocast, and each job on a cluster parses the workflow twice.
    """
    path, given = Layout(results).plan, campaign.design.dataset
    key = digest(
        {
            "design": campaign.design.model_dump(mode="json"),
            # Which recipes formulas allow hangs on all keys.
            "config": campaign.model_dump(mode="json") if campaign.design.formulas else "",
            "stages": {name: campaign.stage_of(name) for name in campaign.design.variables},
            "seed": campaign.seed,
            "dataset": file_digest(Path(given)) if given else "",
            "code": [file_digest(Path(file)) for file in (__file__, str(sampling.__file__))],
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


def _listed_plan(campaign: Campaign) -> Plan:
    """Plan of the user's own recipes: all of them once, then once more for each further seed."""
    design, seed = campaign.design, campaign.seed
    films = ("slurry", "drying")
    slurries, conditions = [], []
    for index, recipe in enumerate(design.recipes * design.seeds_per_recipe, start=1):
        name = f"S{index:03d}"
        early = {n: v for n, v in recipe.set.items() if campaign.stage_of(n) in films}
        later = {n: v for n, v in recipe.set.items() if n not in early}
        slurries.append(Slurry(name, recipe.am_pct, recipe.sc_pct, derived_seed(seed, name), early))
        conditions += [
            Condition(f"{name}-C{turn:02d}", name, rate, later)
            for turn, rate in enumerate(recipe.cr_pct, start=1)
        ]
    return Plan(tuple(slurries), tuple(conditions))


def _given_plan(path: Path) -> Plan:
    """Plan of electrodes that are there already."""
    from mesocast.storage.rows import read_file

    table = read_file(path)
    slurries = table.drop_duplicates("slurry_id")[["slurry_id", "am_pct", "sc_pct", "seed"]]
    conditions = table[["condition_id", "slurry_id", "cr_pct"]]
    own = table[list(variables_of(table.columns)[len(PARAMETERS) :])].to_dict("records")
    return Plan(
        tuple(Slurry(*row) for row in slurries.to_numpy().tolist()),
        tuple(
            Condition(condition, slurry, rate, {str(name): one for name, one in values.items()})
            for (condition, slurry, rate), values in zip(
                conditions.to_numpy().tolist(), own, strict=True
            )
        ),
    )


def check_packing(campaign: Campaign, plan: Plan, results: Path) -> None:
    """Refuse jobs of single electrodes where packs were made.

    What a pack has written is no output of a rule, so Snakemake would take electrodes of another
    physics for what the single jobs write.

    Raises
    ------
    InputError
        The results hold packs, and the config asks for none.
    """
    if campaign.jobs.conditions_per_job > 1:
        return
    folder = Layout(results).pack("any").parent
    packed = {path.stem.rpartition("-")[0] for path in folder.glob("*-P*.json")}
    if packed & {slurry.slurry_id for slurry in plan.slurries}:
        raise InputError(
            f"jobs.conditions_per_job = 1: {folder} holds electrodes that shared jobs; allowed: at "
            "least 2, or another campaign"
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
