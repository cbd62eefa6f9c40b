"""Which number of the recipe decides a property: Sobol indices of a surrogate."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.columns.variables import Discrete
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class SobolIndices:
    """Shares of the variance that uniform recipes in the box give a property.

    Parameters
    ----------
    inputs
        Columns, in order.
    first_order, first_order_half_width
        Share that goes when only this input is fixed, and half of its 95 % interval.
    total, total_half_width
        Share that stays when only this input varies along with its interactions, and half of its
        95 % interval.
    samples, seed
        Base samples N of Saltelli's design; the surrogate is evaluated N (inputs + 2) times.
    """

    inputs: tuple[str, ...]
    first_order: tuple[float, ...]
    first_order_half_width: tuple[float, ...]
    total: tuple[float, ...]
    total_half_width: tuple[float, ...]
    samples: int
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """Give plain numbers, strings and lists."""
        return asdict(self)


def sobol_indices(
    model: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    inputs: Sequence[str],
    box: Sequence[tuple[float, float]],
    *,
    samples: int = 4096,
    seed: int = 0,
) -> SobolIndices:
    """Estimate first-order and total indices with SALib.

    The design of a campaign shares slurries between conditions, so it is no Saltelli design; the
    indices are those of the surrogate, sampled anew. Their intervals (bootstrap) hold for the
    sampling only, not for the surrogate's own error.

    Saltelli et al., Comput. Phys. Commun. 181 (2010) 259.

    Parameters
    ----------
    model
        Function of inputs of shape (n, inputs).
    inputs, box
        Names and bounds. Levels and choices have equal shares of the recipes each.
    samples
        Base samples, a power of two.
    seed
        Of the scrambled Sobol sequence and of the bootstrap.

    Raises
    ------
    InputError
        ``samples`` is not a power of two, or the model is not finite or is constant in the box.
    """
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    if samples < 2 or samples & (samples - 1):
        raise InputError(f"sensitivity: samples = {samples}; allowed: a power of two of at least 2")
    problem = {"num_vars": len(inputs), "names": list(inputs), "bounds": [list(b) for b in box]}
    recipes = sampling.sample(problem, samples, calc_second_order=False, seed=seed)
    for axis, one in enumerate(box):
        if isinstance(one, Discrete):
            shares = (recipes[:, axis] - one[0]) / (one[1] - one[0])
            places = np.minimum((shares * len(one.allowed)).astype(int), len(one.allowed) - 1)
            recipes[:, axis] = np.array(one.allowed)[places]
    values = model(recipes)
    if not np.isfinite(values).all() or np.ptp(values) == 0:
        raise InputError("sensitivity: the surrogate is constant or not finite in the box")
    # A generator, since SALib takes the number 0 for no seed.
    found = analysis.analyze(
        problem, values, calc_second_order=False, seed=np.random.default_rng(seed)
    )

    def column(name: str) -> tuple[float, ...]:
        return tuple(float(value) for value in found[name])

    return SobolIndices(
        inputs=tuple(inputs),
        first_order=column("S1"),
        first_order_half_width=column("S1_conf"),
        total=column("ST"),
        total_half_width=column("ST_conf"),
        samples=samples,
        seed=seed,
    )
