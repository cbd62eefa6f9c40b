"""Which recipes a campaign simulates: a Sobol design with few slurries and many compressions."""

from __future__ import annotations

import contextlib
import zlib
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mesocast.errors import InputError
from mesocast.files import read_json, write_json
from mesocast.jobs import digest, file_digest

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from mesocast.config import Campaign, Design

# The machines that will make these electrodes set a tenth of a per cent at best; a recipe with
# more digits promises what nobody can mix. It also keeps the recorded parameters plain.
_DECIMALS = 2


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


def derived_seed(seed: int, *names: str) -> int:
    """Seed for one purpose: depends on the campaign's seed and on names, on nothing else."""
    entropy = [seed, *(zlib.crc32(name.encode()) for name in names)]
    return int(np.random.SeedSequence(entropy).generate_state(1)[0] >> 1)


def _saltelli(count: int, seed: int) -> NDArray[np.float64]:
    """Saltelli's extension of a scrambled Sobol sequence, on the unit cube, shape (count, 3).

    Rows with a first block of N base points stay the same when N grows (Saltelli et al. 2010,
    Comput. Phys. Commun. 181, 259).
    """
    from SALib.sample import sobol

    problem = {"num_vars": 3, "names": ["am", "sc", "cr"], "bounds": [[0.0, 1.0]] * 3}
    base = 2 ** int(np.ceil(np.log2(max(count, 2))))
    sample = sobol.sample(problem, base, calc_second_order=False, scramble=True, seed=seed)
    return np.asarray(sample)[:count]


def _first_distinct(points: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """First rows of a sequence that differ from all before them."""
    _, first = np.unique(points, axis=0, return_index=True)
    return np.asarray(points[np.sort(first)[:count]])


def _van_der_corput(count: int) -> NDArray[np.float64]:
    from scipy.stats import qmc

    return np.asarray(qmc.Halton(d=1, scramble=False).random(count)[:, 0])


def _dealt_rates(design: Design, sample: NDArray[np.float64], seed: int) -> list[list[float]]:
    """Compression rates on [0, 1] of each slurry, as many as the fullest slurry gets."""
    each = -(-design.conditions // design.slurries)
    if design.pairing == "rotated":
        # Each slurry starts at its own Sobol point and goes on with a van der Corput sequence
        # (Cranley and Patterson 1976, SIAM J. Numer. Anal. 13, 904): its rates are spread
        # evenly, and a longer design leaves those before it as they are.
        starts = _first_distinct(_slurry_sample(design, seed), design.slurries)[:, 2]
        return [list((start + _van_der_corput(each)) % 1.0) for start in starts]
    rates = np.unique(sample[:, 2])
    if len(rates) < each:
        raise InputError(
            f"design.conditions = {design.conditions} with {design.slurries} slurries: the "
            f"sequence has {len(rates)} compression rates; allowed: fewer conditions per slurry"
        )
    return [
        list(np.random.default_rng(derived_seed(seed, "pairing", str(i))).permutation(rates)[:each])
        for i in range(design.slurries)
    ]


def _slurry_sample(design: Design, seed: int) -> NDArray[np.float64]:
    """Sequence from which slurries are taken: base points for `rotated`, all rows for `random`."""
    if design.pairing == "rotated":
        # Row 0 of each Saltelli block of five is a base point of the Sobol sequence.
        return _saltelli(5 * design.slurries, seed)[::5]
    return _saltelli(max(5 * design.slurries, 160), seed)


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
    sample = _slurry_sample(design, derived_seed(seed, "design"))
    pairs = _first_distinct(sample[:, :2], design.slurries)
    rates = _dealt_rates(design, sample, derived_seed(seed, "design"))
    bounds = (design.am_pct, design.sc_pct, design.cr_pct)

    def scaled(value: float, axis: int) -> float:
        low, high = bounds[axis].min, bounds[axis].max
        return round(float(low + value * (high - low)), _DECIMALS)

    slurries = tuple(
        Slurry(
            slurry_id=f"S{i:03d}",
            am_pct=scaled(am, 0),
            sc_pct=scaled(sc, 1),
            seed=derived_seed(seed, f"S{i:03d}"),
        )
        for i, (am, sc) in enumerate(pairs, start=1)
    )
    conditions = tuple(
        Condition(
            condition_id=f"{slurries[i].slurry_id}-C{turn + 1:02d}",
            slurry_id=slurries[i].slurry_id,
            cr_pct=scaled(rates[i][turn], 2),
        )
        for turn, i in (divmod(j, design.slurries) for j in range(design.conditions))
    )
    return Plan(slurries, conditions)


def kept_plan(campaign: Campaign, results: Path) -> Plan:
    """Plan of a campaign, as an earlier process kept it in the results folder, or made and kept.

    The libraries of the sequence take longer to import than all else that a dry-run needs of
    Mesocast, and each job on a cluster parses the workflow twice.
    """
    path, given = results / "work/plan.json", campaign.design.dataset
    key = digest(
        {
            "design": campaign.design.model_dump(mode="json"),
            "seed": campaign.seed,
            "dataset": file_digest(Path(given)) if given else "",
            "code": file_digest(Path(__file__)),
            "libraries": [version(name) for name in ("numpy", "scipy", "SALib")],
        }
    )
    with contextlib.suppress(InputError, KeyError, TypeError):
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
    from mesocast.dataset import read_file

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


def discrepancy(plan: Plan, design: Design, *, comparisons: int = 20) -> dict[str, float]:
    """Centred L2 discrepancy of the design beside that of plain random sampling.

    Parameters
    ----------
    plan, design
        The design and its bounds.
    comparisons
        Random samples over which the comparison is averaged.

    Returns
    -------
    dict
        ``design`` and ``random`` (mean): smaller is more even; ``better_than_random``: share of
        the random samples that are less even.
    """
    from scipy.stats import qmc

    low = [design.am_pct.min, design.sc_pct.min, design.cr_pct.min]
    high = [design.am_pct.max, design.sc_pct.max, design.cr_pct.max]
    points = plan.table()[["am_pct", "sc_pct", "cr_pct"]].to_numpy()
    unit = np.clip((points - low) / np.subtract(high, low), 0.0, 1.0)
    ours = float(qmc.discrepancy(unit))
    random = np.random.default_rng(0)
    theirs = [float(qmc.discrepancy(random.random(unit.shape))) for _ in range(comparisons)]
    return {
        "design": ours,
        "random": float(np.mean(theirs)),
        "better_than_random": float(np.mean(np.array(theirs) > ours)),
    }
