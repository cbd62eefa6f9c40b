"""SISSO as an estimator of scikit-learn.

Sure Independence Screening and Sparsifying Operator: Ouyang, Curtarolo, Ahmetcik, Scheffler,
Ghiringhelli, Phys. Rev. Mater. 2 (2018) 083802.
"""

from __future__ import annotations

from functools import lru_cache
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from mesocast.errors import EstimatorInputError
from mesocast.surrogates.equations.domain import Domain
from mesocast.surrogates.equations.equation import Equation
from mesocast.surrogates.equations.operators import DEFAULT_OPERATORS
from mesocast.surrogates.selection import make_folds, one_standard_error
from mesocast.surrogates.sisso.features import FeatureSpace
from mesocast.surrogates.sisso.screening import screenings
from mesocast.surrogates.sisso.sparse_path import find_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from fractions import Fraction

    from numpy.typing import ArrayLike, NDArray

    from mesocast.surrogates.equations.equation import Transform
    from mesocast.surrogates.sisso.screening import Screening
    from mesocast.surrogates.sisso.sparse_path import SparseFit


class SISSO(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Sparse closed-form regression on a large space of built features.

    Parameters
    ----------
    rung
        How often the operators are applied to build features, 0 to 3.
    dimension
        Number of descriptors, 1 to 4; ``"auto"``: the smallest one up to ``max_dimension`` whose
        cross-validated error is within one standard error of the lowest.
    max_dimension
        Largest dimension that ``"auto"`` tries.
    subspace_size
        Features that screening adds for each dimension (k).
    operators
        Symbols of :data:`mesocast.surrogates.equations.operators.OPERATORS`.
    box
        Lower and upper bound of each input: every feature is finite in it. ``None``: the
        smallest box that holds the rows of ``X``; ``"samples"``: only the rows themselves are
        checked, as the reference program does, and poles may lie between them.
    n_residual
        Screening looks at the residuals of this many of the best models.
    max_complexity
        Largest number of operators in a descriptor; ``None``: no limit.
    units
        Mapping from base unit to exponent for each input; ``None``: all dimensionless.
    strict_units
        Whether exp, log, sin and cos need a dimensionless argument; sums need equal units always.
    log_target
        ``"always"`` fits the logarithm of ``y``; it makes the errors relative ones. ``"auto"``
        does so when ``y`` is positive and cross-validation on relative errors prefers it.
    cv
        Number of folds, or a splitter or an iterable of (train, test) rows, for ``"auto"``.
    random_state
        Seed of the folds' shuffling; nothing else is random.

    Attributes
    ----------
    equation_ : Equation
        Over the inputs as they are (``divisor`` 1), named as in ``X`` or ``x0``, ``x1``, ...
    equations_ : list of Equation
        The best one of each dimension, from 1 up, with the target's transform of ``equation_``.
    dimension_ : int
        Descriptors in ``equation_``. Below the one asked for when fewer are exact already, or when
        there are too few rows: n descriptors need n + 2.
    condition_number_ : float
        Of the standardized descriptors; large when they say nearly the same.
    cv_errors_ : dict
        Per transform, mean squared errors of shape (dimensions, folds): relative ones when the
        logarithm was allowed. Empty when nothing had to be chosen.
    """

    def __init__(
        self,
        rung: int = 2,
        dimension: int | Literal["auto"] = "auto",
        *,
        max_dimension: int = 3,
        subspace_size: int = 50,
        operators: Sequence[str] = DEFAULT_OPERATORS,
        box: Sequence[tuple[float, float]] | Literal["samples"] | None = None,
        n_residual: int = 1,
        max_complexity: int | None = None,
        units: Sequence[Mapping[str, int | Fraction]] | None = None,
        strict_units: bool = True,
        log_target: Literal["never", "auto", "always"] = "never",
        cv: Any = 5,
        random_state: int = 0,
    ) -> None:
        self.rung = rung
        self.dimension = dimension
        self.max_dimension = max_dimension
        self.subspace_size = subspace_size
        self.operators = operators
        self.box = box
        self.n_residual = n_residual
        self.max_complexity = max_complexity
        self.units = units
        self.strict_units = strict_units
        self.log_target = log_target
        self.cv = cv
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> SISSO:
        """Find the equation.

        Parameters
        ----------
        X
            Inputs, shape (rows, inputs).
        y
            Target, shape (rows,).

        Raises
        ------
        EstimatorInputError
            A parameter is not allowed, too few rows, a constant target, no feature that varies,
            rows outside the box, or a target that is not positive with ``log_target="always"``.
        InputError
            An operator is unknown, or the features need too much memory.
        """
        self._check_parameters()
        checked = validate_data(self, X, y, y_numeric=True, dtype=np.float64)
        x, y = checked[0], np.asarray(checked[1], dtype=np.float64)
        wanted = self.max_dimension if self.dimension == "auto" else self.dimension
        if len(x) < 3:
            raise EstimatorInputError(f"SISSO needs at least 3 rows, found n_samples={len(x)}")
        if np.ptp(y) == 0:
            raise EstimatorInputError("y is constant; there is nothing to fit")
        transforms = self._transforms(y)
        space = self._space(x)
        screening_of = screenings(space, x)
        self.cv_errors_: dict[Transform, NDArray[np.float64]] = {}
        transform, dimension = transforms[0], wanted
        if len(transforms) > 1 or self.dimension == "auto":
            self.cv_errors_ = self._cross_validate(screening_of, y, transforms, wanted)
            first = wanted if self.dimension != "auto" else 1
            transform, dimension = one_standard_error(self.cv_errors_, first)
        path = self._path(screening_of(np.arange(len(y))), y, transform, wanted)
        self.equations_ = [self._equation(space, fit, x, transform) for fit in path]
        self.dimension_ = min(dimension, len(path))
        self.equation_ = self.equations_[self.dimension_ - 1]
        self.condition_number_ = path[self.dimension_ - 1].condition_number
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Evaluate the equation at rows of inputs, shape (rows, inputs)."""
        check_is_fitted(self)
        return self.equation_(validate_data(self, X, reset=False, dtype=np.float64))

    def _check_parameters(self) -> None:
        """Refuse parameters before anything is computed with them."""
        for name, lowest, highest in (
            ("rung", 0, 3),
            ("max_dimension", 1, 4),
            ("dimension", 1, 4),
            ("subspace_size", 1, np.inf),
            ("n_residual", 1, np.inf),
            ("max_complexity", 0, np.inf),
        ):
            value = getattr(self, name)
            if (name, value) in (("dimension", "auto"), ("max_complexity", None)):
                continue
            is_whole = isinstance(value, Integral) and not isinstance(value, bool)
            if not (is_whole and lowest <= value <= highest):
                allowed = f"{lowest} to {highest}" if highest < np.inf else f"at least {lowest}"
                others = {"dimension": ", or 'auto'", "max_complexity": ", or None"}.get(name, "")
                raise EstimatorInputError(
                    f"{name}: found {value!r}; allowed: whole numbers, {allowed}{others}"
                )
        if self.log_target not in ("never", "auto", "always"):
            raise EstimatorInputError(
                f"log_target: found {self.log_target!r}; allowed: never, auto, always"
            )
        if isinstance(self.box, str) and self.box != "samples":
            raise EstimatorInputError(
                f"box: found {self.box!r}; allowed: bounds of each input, 'samples', or None"
            )

    def _transforms(self, y: NDArray[np.float64]) -> list[Transform]:
        if self.log_target == "never" or (self.log_target == "auto" and (y <= 0).any()):
            return ["identity"]
        if (y <= 0).any():
            raise EstimatorInputError("log_target: 'always' needs a positive y")
        return ["log"] if self.log_target == "always" else ["identity", "log"]

    def _space(self, x: NDArray[np.float64]) -> FeatureSpace:
        return _build_space(
            Domain.of_points(x) if isinstance(self.box, str) else Domain.of_box(self._box(x)),
            tuple(self.operators),
            self.rung,
            None if self.units is None else tuple(tuple(unit.items()) for unit in self.units),
            strict_units=self.strict_units,
            max_complexity=self.max_complexity,
        )

    def _box(self, x: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
        if self.box is None or isinstance(self.box, str):
            return tuple(zip(x.min(axis=0).tolist(), x.max(axis=0).tolist(), strict=True))
        box = tuple((float(low), float(high)) for low, high in self.box)
        low, high = np.array(box).T
        if len(box) != x.shape[1] or (x < low).any() or (x > high).any():
            raise EstimatorInputError(f"box: {box} does not hold all rows of X")
        return box

    def _path(
        self, screening: Screening, y: NDArray[np.float64], transform: Transform, wanted: int
    ) -> list[SparseFit]:
        return find_path(
            screening,
            np.log(y) if transform == "log" else y,
            wanted,
            subspace_size=self.subspace_size,
            n_residual=self.n_residual,
        )

    def _equation(
        self, space: FeatureSpace, fit: SparseFit, x: NDArray[np.float64], transform: Transform
    ) -> Equation:
        names = getattr(self, "feature_names_in_", [f"x{i}" for i in range(x.shape[1])])
        return Equation(
            property_name="y",
            inputs=tuple(map(str, names)),
            box=self._box(x),
            descriptors=tuple(map(space.expression, fit.recipes)),
            coefficients=tuple(fit.coefficients.tolist()),
            intercept=fit.intercept,
            transform=transform,
            divisor=1.0,
        )

    def _cross_validate(
        self,
        screening_of: Callable[[NDArray[np.intp]], Screening],
        y: NDArray[np.float64],
        transforms: list[Transform],
        wanted: int,
    ) -> dict[Transform, NDArray[np.float64]]:
        """Mean squared errors of shape (dimensions, folds), screening included in each fold.

        Infinite where a fold has no equation of that dimension.
        """
        folds = make_folds(self.cv, y, self.random_state)
        scale = y if self.log_target != "never" and (y > 0).all() else np.ones_like(y)
        errors = {transform: np.full((wanted, len(folds)), np.inf) for transform in transforms}
        for number, (train, test) in enumerate(folds):
            screening = screening_of(train)
            for transform in transforms:
                for size, fit in enumerate(self._path(screening, y, transform, wanted)):
                    predicted = fit.prediction[test]
                    # A prediction that overflows has an infinite error, which rejects it.
                    with np.errstate(over="ignore"):
                        if transform == "log":
                            predicted = np.exp(predicted)
                        relative = (y[test] - predicted) / scale[test]
                        error = np.mean(relative**2)
                    # Where a fit is exact the path ends, and it stands for the longer ones.
                    sizes = slice(size, None) if fit.is_exact else size
                    errors[transform][sizes, number] = error
        return errors


@lru_cache(maxsize=4)
def _build_space(
    domain: Domain,
    operators: tuple[str, ...],
    rung: int,
    units: tuple[tuple[tuple[str, int | Fraction], ...], ...] | None,
    **limits: Any,
) -> FeatureSpace:
    """Build a space once for all folds, splits and properties: it does not depend on the data."""
    mappings = None if units is None else [dict(unit) for unit in units]
    return FeatureSpace(domain, operators, rung, mappings, **limits)
