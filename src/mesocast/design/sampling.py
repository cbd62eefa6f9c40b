"""Points spread evenly: Sobol samples, Latin hypercubes, dealt electrodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesocast.errors import InputError
from mesocast.seeds import derived_seed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mesocast.config.campaign import Campaign
    from mesocast.config.design import Design

# The machines that will make these electrodes set a tenth of a per cent at best; a recipe with
# more digits promises what nobody can mix. It also keeps the recorded parameters plain.
DECIMALS = 2

# Latin hypercubes of which the best is taken.
_HYPERCUBES = 100


@dataclass(frozen=True)
class Space:
    """Free design variables of a campaign, by the part of an electrode that they belong to.

    Parameters
    ----------
    slurry
        Those that a slurry is mixed by: shared by all that is made of it.
    drying
        Those that only the drying and what follows knows.
    later
        Those that single electrodes differ by: compression and what comes after.
    """

    slurry: tuple[str, ...]
    drying: tuple[str, ...]
    later: tuple[str, ...]

    @classmethod
    def of(cls, campaign: Campaign) -> Space:
        """Sort a campaign's free variables by the first stage that each changes."""
        stages = {name: campaign.stage_of(name) for name in campaign.box_pct}
        return cls(
            tuple(name for name, stage in stages.items() if stage == "slurry"),
            tuple(name for name, stage in stages.items() if stage == "drying"),
            tuple(name for name, stage in stages.items() if stage not in ("slurry", "drying")),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, in the order of the sample's columns."""
        return (*self.slurry, *self.drying, *self.later)


def _saltelli(count: int, seed: int, size: int) -> NDArray[np.float64]:
    """Saltelli's extension of a scrambled Sobol sequence, on the unit cube, shape (count, size).

    Rows with a first block of N base points stay the same when N grows (Saltelli et al. 2010,
    Comput. Phys. Commun. 181, 259).
    """
    from SALib.sample import sobol

    names = [f"x{number}" for number in range(size)]
    problem = {"num_vars": size, "names": names, "bounds": [[0.0, 1.0]] * size}
    base = 2 ** int(np.ceil(np.log2(max(count, 2))))
    sample = sobol.sample(problem, base, calc_second_order=False, scramble=True, seed=seed)
    return np.asarray(sample)[:count]


def _latin_hypercube(count: int, seed: int, size: int) -> NDArray[np.float64]:
    """Latin hypercube of which the two nearest points are farthest apart, of many, (count, size).

    Johnson, Moore, Ylvisaker, J. Stat. Plan. Inference 26 (1990) 131.
    """
    from scipy.spatial.distance import pdist
    from scipy.stats import qmc

    sampler = qmc.LatinHypercube(d=size, rng=seed)
    found = [sampler.random(count) for _ in range(_HYPERCUBES)]
    return np.asarray(max(found, key=lambda one: pdist(one).min(initial=np.inf)))


def first_distinct(points: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """First rows of a sequence that differ from all before them."""
    _, first = np.unique(points, axis=0, return_index=True)
    return np.asarray(points[np.sort(first)[:count]])


def rotated(start: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Points that go on from a start evenly, on the unit cube, shape (count, axes).

    A Halton sequence (of one axis that of van der Corput) that is moved to begin there (Cranley
    and Patterson 1976, SIAM J. Numer. Anal. 13, 904): more points leave those before as they are.
    """
    from scipy.stats import qmc

    sequence = np.asarray(qmc.Halton(d=max(len(start), 1), scramble=False).random(count))
    return np.asarray((start + sequence[:, : len(start)]) % 1.0)


def dealt(
    design: Design,
    space: Space,
    sample: NDArray[np.float64],
    starts: NDArray[np.float64],
    seed: int,
) -> list[NDArray[np.float64]]:
    """Values on [0, 1] of what a slurry's electrodes differ by, as many as the fullest slurry gets.

    Parameters
    ----------
    design, space
        Of the campaign.
    sample
        Points of the sequence, shape (n, variables).
    starts
        Where each slurry begins, shape (slurries, variables of single electrodes).
    seed
        Of the design.

    Returns
    -------
    list
        Per slurry, shape (electrodes, variables of single electrodes).
    """
    each = -(-design.conditions // design.slurries)
    if design.pairing == "rotated":
        # Each slurry starts at its own Sobol point and goes on evenly; a longer design leaves
        # those before it as they are.
        return [rotated(start, each) for start in starts]
    rates = np.unique(sample[:, -len(space.later) :], axis=0) if space.later else np.zeros((1, 0))
    if len(rates) < each:
        raise InputError(
            f"design.conditions = {design.conditions} with {design.slurries} slurries: the "
            f"sequence has {len(rates)} compression rates; allowed: fewer conditions per slurry"
        )
    numbers = np.arange(len(rates))
    return [
        rates[np.random.default_rng(derived_seed(seed, "pairing", str(i))).permutation(numbers)][
            :each
        ]
        for i in range(design.slurries)
    ]


def points(design: Design, size: int, seed: int, count: int) -> NDArray[np.float64]:
    """Points of the design's sample from which slurries are taken, shape (n, size).

    Base points of the sequence for `rotated`, all rows for `random`; at least ``count``.
    """
    if design.sampling == "latin_hypercube":
        return _latin_hypercube(count, seed, size)
    block = size + 2
    if design.pairing == "rotated":
        # The first row of each of Saltelli's blocks is a base point of the Sobol sequence.
        return _saltelli(block * count, seed, size)[::block]
    return _saltelli(max(block * count, 160), seed, size)
