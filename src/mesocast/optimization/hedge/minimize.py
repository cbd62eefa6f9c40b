"""The published search rule: a Gaussian process with a GP-Hedge portfolio of acquisitions.

Hoffman, Brochu and de Freitas, *Portfolio allocation for Bayesian optimization*, UAI 2011, with the
constants of scikit-optimize's ``gp_minimize(acq_func="gp_hedge")``, which Duquesnoy et al. 2023
used. In each iteration

1. the process is conditioned on all values so far;
2. every acquisition function's gain is lowered by the posterior mean at its *previous* candidate;
3. lower confidence bound (LCB), expected improvement (EI) and probability of improvement (PI) each
   propose a candidate;
4. one of the three is drawn with probability softmax(eta * gains), and evaluated.

Two things differ from scikit-optimize, for speed: hyper-parameters are fitted again when the number
of values has grown by 30 % and not in every iteration, and the three acquisitions are optimized on
one shared set of candidates that is refined around the best of each, not by L-BFGS.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from mesocast.errors import InputError
from mesocast.optimization.hedge.acquisition import ACQUISITIONS, propose
from mesocast.optimization.hedge.posterior import Posterior, fit_prior
from mesocast.optimization.hedge.trace import TraceFile, Visit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

_REFIT_GROWTH = 1.3


@dataclass(frozen=True)
class HedgeSettings:
    """Constants of the rule; the defaults are scikit-optimize's.

    Parameters
    ----------
    initial
        Number of Sobol points before the first proposal, at least 2.
    eta
        How sharply the softmax follows the gains; in units of 1 / (value of the function).
    kappa
        LCB = mean - kappa * standard deviation.
    xi
        Improvement that EI and PI ask for, in units of the function's value.
    """

    initial: int = 10
    eta: float = 1.0
    kappa: float = 1.96
    xi: float = 0.01

    def __post_init__(self) -> None:
        if self.initial < 2:
            raise InputError(f"optimizer: initial is {self.initial}; it must be at least 2")
        for name in ("eta", "kappa", "xi"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise InputError(f"optimizer: {name} is {value!r}; it must be a number >= 0")


def minimize(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    lower: Sequence[float],
    upper: Sequence[float],
    *,
    evaluations: int = 300,
    seed: int = 0,
    settings: HedgeSettings | None = None,
    trace_path: Path | None = None,
) -> list[Visit]:
    """Search the minimum of a deterministic function over a box.

    Every iteration depends only on the visits before it, the seed and the settings. So a run that
    is continued from its trace gives the same visits as one that was never interrupted, and a
    longer run begins like a shorter one.

    Parameters
    ----------
    function
        Maps points of shape (n, d) to values of shape (n,); called with n = 1.
    lower, upper
        Corners of the box, length d, in the units of the function's argument.
    evaluations
        Total number of evaluations, with the initial ones.
    seed
        Seed of all random choices, at least 0.
    settings
        Constants of the rule.
    trace_path
        File in which the visits are saved as they are made, and from which a run continues. A
        trace of another request or of another function is replaced.

    Returns
    -------
    list of Visit
        In the order of evaluation.

    Raises
    ------
    InputError
        The box is empty, the seed is negative, ``evaluations`` is below the number of initial
        points, or the function returns a value that is not finite.
    """
    settings = settings or HedgeSettings()
    low, high = np.asarray(lower, dtype=float), np.asarray(upper, dtype=float)
    if low.shape != high.shape or low.ndim != 1 or not (low < high).all():
        raise InputError(
            f"optimizer: bounds are {low} and {high}; each lower must be below its upper"
        )
    if seed < 0:
        raise InputError(f"optimizer: seed is {seed}; it must be at least 0")
    if evaluations < settings.initial:
        raise InputError(
            f"optimizer: evaluations is {evaluations}; it must be at least the "
            f"{settings.initial} initial points"
        )
    trace = trace_path and TraceFile(
        trace_path,
        {"seed": seed, "lower": low.tolist(), "upper": high.tolist(), **asdict(settings)},
    )

    visits: list[Visit] = []
    if trace:
        visits = trace.read()
        if not all(
            math.isclose(_evaluate(function, v.point), v.value, rel_tol=1e-9) for v in visits
        ):
            visits = []
        trace.write(visits)

    with _one_thread():
        rule = _Rule(low, high, seed, settings)
        while len(visits) < evaluations:
            visit = rule.next_visit(function, visits)
            visits.append(visit)
            if trace:
                trace.append(visit)
    return visits[:evaluations]


class _Rule:
    """The rule for one box and seed; it keeps only the latest fit between iterations."""

    def __init__(
        self,
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        seed: int,
        settings: HedgeSettings,
    ) -> None:
        self._low, self._high = low, high
        self._seed = seed
        self._settings = settings
        engine = torch.quasirandom.SobolEngine(len(low), scramble=True, seed=seed)  # type: ignore[no-untyped-call]
        self._initial = engine.draw(settings.initial, dtype=torch.float64)
        self._fitted_values = 0

    def next_visit(
        self,
        function: Callable[[NDArray[np.float64]], NDArray[np.float64]],
        visits: list[Visit],
    ) -> Visit:
        number = len(visits)
        if number < len(self._initial):
            point = self._natural(self._initial[number])
            return Visit(point, _evaluate(function, point))

        points = self._unit([visit.point for visit in visits])
        values = torch.tensor([visit.value for visit in visits], dtype=torch.float64)
        size = self._settings.initial
        while (larger := math.ceil(_REFIT_GROWTH * size)) <= number:
            size = larger
        if size != self._fitted_values:
            self._prior = fit_prior(points[:size], values[:size])
            self._fitted_values = size
        posterior = Posterior(self._prior, points, values)

        previous = visits[-1]
        gains = np.zeros(len(ACQUISITIONS))
        if previous.candidates:
            gains = previous.gains - posterior(self._unit(previous.candidates))[0].numpy()
        weights = np.exp(self._settings.eta * (gains - gains.max()))
        probabilities = weights / weights.sum()

        random = np.random.default_rng([self._seed, number])
        proposals = propose(
            posterior,
            points,
            values,
            kappa=self._settings.kappa,
            xi=self._settings.xi,
            random=random,
        )
        candidates = tuple(self._natural(proposal) for proposal in proposals)
        chosen = random.choice(len(ACQUISITIONS), p=probabilities)
        return Visit(
            point=candidates[chosen],
            value=_evaluate(function, candidates[chosen]),
            acquisition=ACQUISITIONS[chosen],
            candidates=candidates,
            gains=tuple(gains.tolist()),
            probabilities=tuple(probabilities.tolist()),
        )

    def _natural(self, unit: Tensor) -> tuple[float, ...]:
        point = self._low + unit.numpy() * (self._high - self._low)
        return tuple(np.clip(point, self._low, self._high).tolist())

    def _unit(self, points: Sequence[tuple[float, ...]]) -> Tensor:
        return torch.from_numpy((np.array(points) - self._low) / (self._high - self._low))


def _evaluate(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]], point: tuple[float, ...]
) -> float:
    value = float(function(np.array([point]))[0])
    if not math.isfinite(value):
        raise InputError(f"optimizer: the function is {value} at {point}; it must be finite")
    return value


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let PyTorch use one thread: sums over several depend on their number."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
