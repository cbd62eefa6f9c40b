"""Which electrodes to simulate next: expected gain per cost, with those already asked for pending.

The gain of an electrode is the mean, over joint samples of the properties' Gaussian processes, of
what it adds to the hypervolume of the front of all electrodes before it (noisy expected
hypervolume improvement: Daulton, Balandat and Bakshy, NeurIPS 2021), plus what it takes from the
objective, each relative to its present value: the front says what is possible, the objective what
is wanted. Electrodes already chosen join the samples, so that a batch does not ask the same twice.
Where a sample breaks a constraint, its electrode gains nothing.

The hypervolume is measured by rays (`mesocast.optimization.tradeoffs.front`) and candidates are a
list, so that one matrix of samples answers for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from mesocast.optimization.tradeoffs.front import rays

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mesocast.optimization.problem import Problem

_SAMPLES = 64
_RAYS_PER_OBJECTIVE = 32
# What hypervolume and objective count as at least, where gains are shares of them.
_SMALLEST = 1e-3
# New slurries that are looked at with all their compressions, the most promising first.
_FINALISTS = 8


class Sampled(Protocol):
    """What draws joint samples of a property."""

    def sample(
        self, x: NDArray[np.float64], count: int, random: np.random.Generator, /
    ) -> NDArray[np.float64]:
        """Draw values that belong together at recipes, shape (count, n)."""


class Gains:
    """Expected gain of candidates, given what is there and what was chosen.

    Parameters
    ----------
    problem
        Objective and constraints.
    processes
        Per property of the problem what is known of it from all electrodes so far.
    present
        Recipes of the electrodes so far, shape (p, 3), in percent.
    candidates
        Shape (n, 3).
    seed
        Of the samples.
    """

    def __init__(
        self,
        problem: Problem,
        processes: Mapping[str, Sampled],
        present: NDArray[np.float64],
        candidates: NDArray[np.float64],
        *,
        seed: int,
    ) -> None:
        random, objective = np.random.default_rng(seed), problem.objective
        everything = np.concatenate([present, candidates])
        samples = {
            name: process.sample(everything, _SAMPLES, random)
            for name, process in processes.items()
        }
        is_allowed = np.ones((_SAMPLES, len(everything)), dtype=bool)
        for name, limits in problem.limited.items():
            is_allowed &= (samples[name] >= limits.minimum) & (samples[name] <= limits.maximum)
        scores = objective(samples)
        worst = float(scores.max())
        scores = np.where(is_allowed, scores, worst)
        distances = np.stack(
            [objective.distance(name, samples[name]) for name in objective.goals], axis=-1
        )
        size = distances.shape[-1]
        directions = rays(_RAYS_PER_OBJECTIVE, size)
        powers = np.empty((*scores.shape, len(directions)), dtype=np.float32)
        for number, ray in enumerate(directions):
            lengths = np.maximum(((1 - distances) / ray).min(axis=-1), 0.0)
            powers[..., number] = np.where(is_allowed, lengths**size, 0.0)
        there = len(present)
        self._powers, self._scores = powers[:, there:], scores[:, there:]
        self._front = powers[:, :there].max(axis=1, initial=0.0)
        self._best = scores[:, :there].min(axis=1, initial=worst)
        self._hypervolume = max(float(self._front.mean()), _SMALLEST)
        self._objective = max(float(self._best.mean()), _SMALLEST)

    def of(self, numbers: NDArray[np.intp]) -> NDArray[np.float64]:
        """Relative gain of each of these candidates by itself, shape (numbers,)."""
        front = np.maximum(self._powers[:, numbers] - self._front[:, None], 0.0).mean(axis=(0, 2))
        score = np.maximum(self._best[:, None] - self._scores[:, numbers], 0.0).mean(axis=0)
        return np.asarray(front / self._hypervolume + score / self._objective)

    def choose(self, number: int) -> None:
        """Count a candidate as asked for."""
        self._front = np.maximum(self._front, self._powers[:, number])
        self._best = np.minimum(self._best, self._scores[:, number])

    def together(self, numbers: NDArray[np.intp], count: int) -> tuple[list[int], list[float]]:
        """Choose some of these candidates one after another, and give what each adds.

        What is chosen here does not count as asked for.
        """
        before = self._front, self._best
        chosen, added = list[int](), list[float]()
        for _ in range(min(count, len(numbers))):
            gains = self.of(numbers)
            best = int(gains.argmax())
            chosen.append(int(numbers[best]))
            added.append(float(gains[best]))
            self.choose(chosen[-1])
        self._front, self._best = before
        return chosen, added


@dataclass(frozen=True)
class BatchLimits:
    """What a batch may hold, and what it costs in units of one condition.

    Parameters
    ----------
    slurries, conditions
        New slurries and electrodes at most.
    slurry_cost
        Of a new slurry, without its electrodes.
    budget
        Of the batch.
    smallest_gain
        Per unit of cost, below which nothing more is chosen.
    """

    slurries: int
    conditions: int
    slurry_cost: float
    budget: float
    smallest_gain: float


@dataclass(frozen=True)
class Choice:
    """Candidates of one slurry that are chosen together, their gain and their cost."""

    slurry: int
    candidates: tuple[int, ...]
    gain: float
    cost: float

    @property
    def gain_per_cost(self) -> float:
        """What choices are compared by."""
        return self.gain / self.cost


def choose_batch(
    gains: Gains, slurries: NDArray[np.intp], known: Sequence[int], limits: BatchLimits
) -> tuple[list[Choice], str]:
    """Choose what gains most per cost, one choice after another.

    A further compression of a slurry that is there costs 1. A new slurry is judged with as many of
    its compressions as give the most per cost.

    Parameters
    ----------
    gains
        Of the candidates; what is chosen counts there as asked for.
    slurries
        Number of each candidate's slurry.
    known
        Slurries that are there.
    limits
        Of the batch.

    Returns
    -------
    tuple
        The choices, and why there are no more of them.
    """
    there, batch = set(known), list[Choice]()
    is_free = np.ones(len(slurries), dtype=bool)
    new = 0
    while True:
        left = limits.conditions - sum(len(choice.candidates) for choice in batch)
        budget = limits.budget - sum(choice.cost for choice in batch)
        room = int(min(left, budget, is_free.sum()))
        room_new = int(min(left, budget - limits.slurry_cost)) if new < limits.slurries else 0
        options = _options(gains, slurries, is_free, there, room, room_new, limits.slurry_cost)
        if not options:
            if not is_free.any():
                return batch, "no candidate is left that is not chosen already"
            if budget < 1:
                return batch, f"what is left of the round's budget ({budget:g}) buys no electrode"
            return batch, (
                "no slurry is there to press, and neither the round's places for slurries "
                f"({limits.slurries - new} left) nor its budget ({budget:g} left) allows a new one"
                if new < limits.slurries
                else f"no slurry is there to press, and the round's {limits.slurries} places for "
                "slurries allow no new one"
            )
        best = max(options, key=lambda choice: choice.gain_per_cost)
        if best.gain_per_cost < limits.smallest_gain or best.gain_per_cost <= 0:
            return batch, (
                f"nothing gains enough: {best.gain_per_cost:.2g} per cost is expected, and "
                f"rounds.smallest_gain is {limits.smallest_gain:g}"
            )
        for number in best.candidates:
            gains.choose(number)
        is_free[list(best.candidates)] = False
        new += best.slurry not in there
        there.add(best.slurry)
        batch.append(best)
        if left == len(best.candidates):
            return batch, f"the round's {limits.conditions} places for electrodes are taken"


def _options(
    gains: Gains,
    slurries: NDArray[np.intp],
    is_free: NDArray[np.bool_],
    there: set[int],
    room: int,
    room_new: int,
    slurry_cost: float,
) -> list[Choice]:
    """Give the best electrode of a slurry that is there, and the best new slurries."""
    numbers = np.flatnonzero(is_free)
    alone = gains.of(numbers)
    is_known = np.isin(slurries[numbers], list(there))
    options = list[Choice]()
    if room > 0 and is_known.any():
        best = int(np.where(is_known, alone, -1.0).argmax())
        number = int(numbers[best])
        options.append(Choice(int(slurries[number]), (number,), float(alone[best]), 1.0))
    if room_new > 0:
        best_of = {
            int(slurry): float(alone[slurries[numbers] == slurry].max())
            for slurry in np.unique(slurries[numbers][~is_known])
        }
        for slurry in sorted(best_of, key=lambda s: (-best_of[s], s))[:_FINALISTS]:
            chosen, added = gains.together(numbers[slurries[numbers] == slurry], room_new)
            firsts = [
                Choice(slurry, tuple(chosen[:count]), sum(added[:count]), slurry_cost + count)
                for count in range(1, len(chosen) + 1)
            ]
            options.append(max(firsts, key=lambda choice: choice.gain_per_cost))
    return options
