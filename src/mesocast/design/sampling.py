"""Points spread evenly: Saltelli's Sobol sample, dealt compression rates, discrepancy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.columns import PARAMETERS
from mesocast.errors import InputError
from mesocast.seeds import derived_seed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.config.design import Design
    from mesocast.design.plan import Plan

# The machines that will make these electrodes set a tenth of a per cent at best; a recipe with
# more digits promises what nobody can mix. It also keeps the recorded parameters plain.
DECIMALS = 2


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


def first_distinct(points: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """First rows of a sequence that differ from all before them."""
    _, first = np.unique(points, axis=0, return_index=True)
    return np.asarray(points[np.sort(first)[:count]])


def _van_der_corput(count: int) -> NDArray[np.float64]:
    from scipy.stats import qmc

    return np.asarray(qmc.Halton(d=1, scramble=False).random(count)[:, 0])


def dealt_rates(design: Design, sample: NDArray[np.float64], seed: int) -> list[list[float]]:
    """Compression rates on [0, 1] of each slurry, as many as the fullest slurry gets."""
    each = -(-design.conditions // design.slurries)
    if design.pairing == "rotated":
        # Each slurry starts at its own Sobol point and goes on with a van der Corput sequence
        # (Cranley and Patterson 1976, SIAM J. Numer. Anal. 13, 904): its rates are spread
        # evenly, and a longer design leaves those before it as they are.
        starts = first_distinct(slurry_sample(design, seed), design.slurries)[:, 2]
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


def slurry_sample(design: Design, seed: int) -> NDArray[np.float64]:
    """Sequence from which slurries are taken: base points for `rotated`, all rows for `random`."""
    if design.pairing == "rotated":
        # Row 0 of each Saltelli block of five is a base point of the Sobol sequence.
        return _saltelli(5 * design.slurries, seed)[::5]
    return _saltelli(max(5 * design.slurries, 160), seed)


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
    points = plan.table()[list(PARAMETERS)].to_numpy()
    unit = np.clip((points - low) / np.subtract(high, low), 0.0, 1.0)
    ours = float(qmc.discrepancy(unit))
    random = np.random.default_rng(0)
    theirs = [float(qmc.discrepancy(random.random(unit.shape))) for _ in range(comparisons)]
    return {
        "design": ours,
        "random": float(np.mean(theirs)),
        "better_than_random": float(np.mean(np.array(theirs) > ours)),
    }
