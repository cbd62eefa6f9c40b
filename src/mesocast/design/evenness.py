"""How evenly a design fills the space of its variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.columns.variables import Discrete, variables_of
from mesocast.design.sampling import Space

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from mesocast.config.campaign import Campaign
    from mesocast.design.plan import Plan


def discrepancy(plan: Plan, campaign: Campaign, *, comparisons: int = 20) -> dict[str, float]:
    """Centred L2 discrepancy of the design beside that of plain random sampling.

    Parameters
    ----------
    plan, campaign
        The design, and the bounds of its variables.
    comparisons
        Random samples over which the comparison is averaged.

    Returns
    -------
    dict
        ``design`` and ``random`` (mean): smaller is more even; ``better_than_random``: share of
        the random samples that are less even. With variables of the campaign's own also
        ``slurries``: of the slurries alone, in the variables that they are mixed by.
    """
    from scipy.stats import qmc

    bounds, table = campaign.box_pct, plan.table()
    # What is made again fills no further space.
    table = table.drop_duplicates(list(variables_of(table.columns)))

    def unit(rows: pd.DataFrame, names: tuple[str, ...]) -> NDArray[np.float64]:
        return np.stack([_shares(rows[name], bounds[name]) for name in names], axis=1)

    names = tuple(bounds)
    ours = float(qmc.discrepancy(unit(table, names)))
    random = np.random.default_rng(0)
    shape = (len(table), len(names))

    def drawn() -> NDArray[np.float64]:
        sample = random.random(shape)
        for axis, name in enumerate(names):
            if isinstance(one := bounds[name], Discrete):
                place = np.floor(sample[:, axis] * len(one.allowed)).astype(int)
                sample[:, axis] = _shares_of(np.array(one.allowed)[place], one)
        return sample

    theirs = [float(qmc.discrepancy(drawn())) for _ in range(comparisons)]
    found = {
        "design": ours,
        "random": float(np.mean(theirs)),
        "better_than_random": float(np.mean(np.array(theirs) > ours)),
    }
    shared = Space.of(campaign).slurry if campaign.design.variables else ()
    if shared:
        slurries = table.drop_duplicates(list(shared))
        found["slurries"] = float(qmc.discrepancy(unit(slurries, shared)))
    return found


def _shares(column: pd.Series, bounds: tuple[float, float]) -> NDArray[np.float64]:
    """Where values of a design variable lie in its range, 0 to 1."""
    if isinstance(bounds, Discrete) and bounds.words:
        column = column.map(bounds.words.index)
    return _shares_of(column.to_numpy(float), bounds)


def _shares_of(numbers: NDArray[np.float64], bounds: tuple[float, float]) -> NDArray[np.float64]:
    """Where numbers lie in a range; those of choices in the middles of their equal shares."""
    if isinstance(bounds, Discrete) and bounds.words:
        return (numbers + 0.5) / len(bounds.words)
    low, high = bounds
    return np.clip((numbers - low) / (high - low), 0.0, 1.0)
