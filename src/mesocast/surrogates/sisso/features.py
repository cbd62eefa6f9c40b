"""The feature space of SISSO: what can be built from the inputs and is safe in the whole box.

Ouyang, Curtarolo, Ahmetcik, Scheffler, Ghiringhelli, Phys. Rev. Mater. 2 (2018) 083802. Rung 0 is
the inputs; each rung applies the operators to all that exists. The last rung is never built:
here are the features below it (the inner ones) and the rules by which they may be combined;
:mod:`mesocast.surrogates.sisso.screening` scores the combinations in blocks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from mesocast.errors import InputError
from mesocast.surrogates.equations.operators import OPERATORS
from mesocast.surrogates.sisso.units import exponents, numbered, resulting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from fractions import Fraction

    from numpy.typing import NDArray

    from mesocast.surrogates.equations.domain import Domain
    from mesocast.surrogates.equations.expressions import Expression
    from mesocast.surrogates.equations.operators import Bounds

    # An operator's symbol and the numbers of its inner features, of many features; -1 where an
    # operator takes no second one.
    Combination = tuple[str, NDArray[np.intp], NDArray[np.intp]]

#: An operator's symbol and the numbers of its (one or two) inner features.
Recipe = tuple[str, int, int]

# A denominator or the argument of a logarithm must not come closer to zero, anywhere in the box,
# than this share of its largest magnitude: nearer than that is a pole for all practical purposes.
_POLE_MARGIN = 1e-3
# Features beyond these magnitudes would lose the digits that least squares needs.
_LARGEST, _SMALLEST = 1e10, 1e-10
# Columns and bounds of this many features fill about 250 MB.
_MAX_INNER = 20_000
_CHUNK = 2048
# Operators whose result changes its sign, or can be built with the other sign, when one of their
# arguments does: -(a + b) is (-a) - b.
_KEEPING_SIGN = ("+", "*", "/", "inverse", "cube", "cbrt", "sin")


@dataclass
class FeatureSpace:
    """Inner features of a rung, and how the last rung may combine them.

    Parameters
    ----------
    domain
        Where every feature must be finite and away from poles.
    operators
        Symbols out of :data:`mesocast.surrogates.equations.operators.OPERATORS`.
    rung
        0 to 3: how often the operators are applied.
    units
        One mapping from base unit to exponent per input; ``None``: all are dimensionless.
    strict_units
        Whether exp, log, sin and cos need a dimensionless argument. The reference program asks
        for equal units in sums only.
    max_complexity
        Largest number of operators in a feature; ``None``: no limit.

    Attributes
    ----------
    recipes
        How each inner feature is made; inputs are ``("input", number, -1)``.
    complexity
        Operators in each inner feature.
    unit_id
        Equal numbers mean equal units; 0 is dimensionless.
    unary
        Per unary operator, the inner features that it may be applied to in the last rung.
    denominators
        Inner features by which the last rung may divide. One whose reciprocal is itself an inner
        feature is left out, because the product with that is the same.
    """

    domain: Domain
    operators: tuple[str, ...]
    rung: int
    units: Sequence[Mapping[str, int | Fraction]] | None = None
    strict_units: bool = True
    max_complexity: int | None = None
    recipes: list[Recipe] = field(init=False, default_factory=list)
    complexity: NDArray[np.int64] = field(init=False)
    unit_id: NDArray[np.int64] = field(init=False)
    unary: dict[str, NDArray[np.intp]] = field(init=False)
    denominators: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        unknown = [symbol for symbol in self.operators if symbol not in OPERATORS]
        if unknown:
            raise InputError(
                f"operators: unknown {' '.join(map(repr, unknown))}; allowed: {' '.join(OPERATORS)}"
            )
        if not 0 <= self.rung <= 3:
            raise InputError(f"rung: found {self.rung}; allowed: 0 to 3")
        n_inputs = len(self.domain.points)
        self._units = exponents(self.units, n_inputs)
        self.recipes = [("input", number, -1) for number in range(n_inputs)]
        self.complexity = np.zeros(n_inputs, dtype=np.int64)
        self._bounds: Bounds = (self.domain.lower, self.domain.upper)
        self._values = self.domain.points
        self._seen = {key: number for number, key in enumerate(_keys(self._values))}
        self._has_twin = np.zeros(n_inputs, dtype=bool)
        oldest_new = 0
        for _ in range(self.rung - 1):
            start = len(self.recipes)
            self._grow(oldest_new)
            oldest_new = start
        self._prepare_last_rung()

    def columns(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Inner features at the rows of ``x``, shape (rows, inputs); result (features, rows)."""
        columns = np.empty((len(self.recipes), len(x)))
        columns[: x.shape[1]] = x.T
        for row, (symbol, first, second) in enumerate(self.recipes):
            if symbol != "input":
                arguments = (columns[i] for i in (first, second)[: OPERATORS[symbol].arity])
                columns[row] = OPERATORS[symbol].apply(np, *arguments)
        return columns

    @property
    def last_rung_size(self) -> int:
        """Upper bound of the number of features, the inner ones included."""
        n = len(self.recipes)
        kinds = [symbol for symbol in self.operators if OPERATORS[symbol].arity == 2]
        pairs = sum(int(self.denominators.sum()) if s == "/" else (n - 1) // 2 + 1 for s in kinds)
        return n * (1 + pairs) + sum(map(len, self.unary.values()))

    def last_rung(self) -> Iterator[Combination]:
        """Enumerate all combinations of inner features that the last rung may build."""
        for symbol, parents in self.unary.items():
            yield symbol, parents, np.full_like(parents, -1)
        if self.rung > 0:
            i, j = np.triu_indices(len(self.recipes), 1)
            if self.max_complexity is not None:
                simple = self.complexity[i] + self.complexity[j] < self.max_complexity
                i, j = i[simple], j[simple]
            yield from self._pairs(i, j, self.unit_id, self.denominators)

    def expression(self, recipe: Recipe) -> Expression:
        """Turn a recipe over inner features into a tree over inputs."""
        symbol, first, second = recipe
        if symbol == "input":
            return first
        parents = (first, second)[: OPERATORS[symbol].arity]
        return (symbol, *(self.expression(self.recipes[parent]) for parent in parents))

    def _in_domain(self, symbol: str) -> NDArray[np.bool_]:
        """Say which inner features the operator may take as its last argument, in all cells."""
        lower, upper = self._bounds
        domain = OPERATORS[symbol].domain
        if domain == "nonnegative":
            return np.asarray((lower >= 0).all(axis=1))
        if domain == "all":
            return np.ones(len(lower), dtype=bool)
        largest = np.maximum(np.abs(lower), np.abs(upper)).max(axis=1)
        distance = lower if domain == "positive" else np.maximum(lower, -upper)
        return np.asarray(distance.min(axis=1) > _POLE_MARGIN * largest)

    def _unary_parents(self, symbol: str, start: int = 0) -> NDArray[np.intp]:
        """Inner features from ``start`` on that a unary operator may be applied to."""
        allowed = self._in_domain(symbol)
        allowed[:start] = False
        if symbol == "exp-" and "exp-" not in self.operators:
            # Of a - b and b - a only one is built, since they differ by a sign, which matters to
            # exp only (and |c - (b - a)| is |(c + a) - b|). So exp(b - a) comes from here, and
            # exp of whatever is made from b - a.
            allowed &= self._has_twin
        if OPERATORS[symbol].unit == "dimensionless" and self.strict_units:
            allowed &= numbered(self._units) == 0
        return np.flatnonzero(allowed)

    def _unary_symbols(self) -> list[str]:
        symbols = [symbol for symbol in self.operators if OPERATORS[symbol].arity == 1]
        return [*symbols, "exp-"] if "exp" in symbols and "exp-" not in symbols else symbols

    def _pairs(
        self,
        i: NDArray[np.intp],
        j: NDArray[np.intp],
        unit_id: NDArray[np.int64],
        is_divisor: NDArray[np.bool_],
    ) -> Iterator[Combination]:
        """Apply each binary operator to the pairs of inner features that it may take."""
        for symbol in (s for s in self.operators if OPERATORS[s].arity == 2):
            if OPERATORS[symbol].unit == "equal":
                same = unit_id[i] == unit_id[j]
                yield symbol, i[same], j[same]
            elif symbol == "*":
                yield symbol, i, j
            else:
                for a, b in ((i, j), (j, i)):
                    yield symbol, a[is_divisor[b]], b[is_divisor[b]]

    def _grow(self, start: int) -> None:
        """Apply the operators to all inner features, at least one of them new since ``start``."""
        groups: list[Combination] = []
        for symbol in self._unary_symbols():
            parents = self._unary_parents(symbol, start)
            groups.append((symbol, parents, np.full_like(parents, -1)))
        i, j = np.triu_indices(len(self.recipes), 1)
        i, j = i[j >= start], j[j >= start]
        groups.extend(self._pairs(i, j, numbered(self._units), self._in_domain("/")))
        # A zero behind the inner features stands for the missing second argument (index -1).
        known = np.append(self.complexity, 0)
        levels = [1 + known[first] + known[second] for _, first, second in groups]
        # Simple features first, so that of several equal ones the simplest stays.
        for level in np.unique(np.concatenate(levels)).tolist():
            if self.max_complexity is not None and level > self.max_complexity:
                break
            for (symbol, first, second), found in zip(groups, levels, strict=True):
                chosen = np.flatnonzero(found == level)
                for at in range(0, len(chosen), _CHUNK):
                    part = chosen[at : at + _CHUNK]
                    self._append(symbol, first[part], second[part], level)

    def _append(
        self, symbol: str, first: NDArray[np.intp], second: NDArray[np.intp], level: int
    ) -> None:
        """Keep those features that are finite, vary, and are not there yet up to their sign."""
        operator = OPERATORS[symbol]
        parents = (first, second)[: operator.arity]
        with np.errstate(over="ignore"):
            values = operator.apply(np, *(self._values[p] for p in parents))
            bounds = operator.enclose(*((self._bounds[0][p], self._bounds[1][p]) for p in parents))
        if symbol == "-":
            # Of a - b and b - a keep the positive one, which log and sqrt can take.
            swap = (bounds[1] <= 0).all(axis=1)
            values[swap] *= -1
            bounds[0][swap], bounds[1][swap] = -bounds[1][swap], -bounds[0][swap]
            first, second = np.where(swap, second, first), np.where(swap, first, second)
        good = _usable(bounds) & (np.ptp(values, axis=1) > 1e-10 * np.abs(values).max(axis=1))
        fresh = []
        for row, key in zip(np.flatnonzero(good), _keys(values[good]), strict=True):
            if key not in self._seen:
                self._seen[key] = len(self.recipes)
                one, other = int(first[row]), int(second[row])
                self.recipes.append((symbol, one, other))
                self._units.append(resulting(symbol, self._units[one], self._units[other]))
                fresh.append(row)
        if len(self.recipes) > _MAX_INNER:
            raise InputError(
                f"rung: {self.rung} with {len(self.domain.points)} inputs and "
                f"{len(self.operators)} operators needs more than {_MAX_INNER} features in memory; "
                "use a lower rung, fewer operators or max_complexity"
            )
        self._values = np.concatenate([self._values, values[fresh]])
        self._bounds = (
            np.concatenate([self._bounds[0], bounds[0][fresh]]),
            np.concatenate([self._bounds[1], bounds[1][fresh]]),
        )
        self.complexity = np.append(self.complexity, np.full(len(fresh), level, dtype=np.int64))
        twins = [self._has_twin[p[fresh]] for p in (first, second)[: operator.arity]]
        is_odd = symbol in _KEEPING_SIGN
        has_twin = np.any(twins, axis=0) & is_odd if symbol != "-" else np.ones(len(fresh), bool)
        self._has_twin = np.append(self._has_twin, has_twin)

    def _prepare_last_rung(self) -> None:
        self.unit_id = numbered(self._units)
        self.unary = {}
        self.denominators = np.zeros(len(self.recipes), dtype=bool)
        if self.rung == 0:
            return
        for symbol in self._unary_symbols():
            parents = self._unary_parents(symbol)
            if self.max_complexity is not None:
                parents = parents[self.complexity[parents] < self.max_complexity]
            bounds = (self._bounds[0][parents], self._bounds[1][parents])
            with np.errstate(over="ignore"):
                self.unary[symbol] = parents[_usable(OPERATORS[symbol].enclose(bounds))]
        if "/" in self.operators:
            self.denominators = self._in_domain("/")
        if "*" in self.operators:
            divisors = np.flatnonzero(self.denominators)
            for divisor, key in zip(divisors, _keys(1 / self._values[divisors]), strict=True):
                twin = self._seen.get(key)
                if twin is not None and self.complexity[twin] <= self.complexity[divisor]:
                    self.denominators[divisor] = False


def _usable(bounds: Bounds) -> NDArray[np.bool_]:
    largest = np.maximum(np.abs(bounds[0]), np.abs(bounds[1])).max(axis=1, initial=0.0)
    return np.asarray((largest < _LARGEST) & (largest > _SMALLEST))


def _keys(values: NDArray[np.float64]) -> list[tuple[float, ...]]:
    """Keys that are equal for features with equal values up to sign and rounding."""
    if len(values) == 0:
        return []
    weights = np.random.default_rng(1).standard_normal((values.shape[1], 2))
    projections = np.abs(values @ weights)
    scale = 10.0 ** np.floor(np.log10(np.maximum(projections, 1e-300)))
    mantissas = np.round(projections / scale, 9)
    return [tuple(key) for key in np.concatenate([mantissas, scale], axis=1).tolist()]
