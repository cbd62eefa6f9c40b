"""The fitted equation of one property: evaluates, prints, and survives a file unchanged."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from mesocast.columns.variables import is_variable, variable_label
from mesocast.errors import InputError
from mesocast.surrogates.box import check_rows, is_inside
from mesocast.surrogates.equations.expressions import (
    evaluate,
    from_json,
    javascript_source,
    python_source,
    to_json,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import sympy
    from numpy.typing import ArrayLike, NDArray

    from mesocast.surrogates.equations.expressions import Expression

Transform = Literal["identity", "log"]


def divisors_of(inputs: Sequence[str], divisor: float = 100.0) -> NDArray[np.float64]:
    """What each input is divided by, shape (inputs,): columns in percent make fractions.

    Examples
    --------
    >>> divisors_of(["am_pct", "set_mass_loading_mg_cm2"]).tolist()
    [100.0, 1.0]
    """
    return np.array([divisor if name.endswith("_pct") else 1.0 for name in inputs])


def divided_box(
    box: Sequence[tuple[float, float]], inputs: Sequence[str]
) -> tuple[tuple[float, float], ...]:
    """Bounds of the inputs, each divided by its own of `divisors_of`."""
    return tuple(
        (low / divisor, high / divisor)
        for (low, high), divisor in zip(box, divisors_of(inputs).tolist(), strict=True)
    )


@dataclass(frozen=True)
class Equation:
    """``property = intercept + sum(coefficients * descriptors)``, or the exponential of that.

    Parameters
    ----------
    property_name
        Column of the dataset, for example ``"density_g_cm3"``.
    inputs
        Columns that it takes, in order, for example ``("am_pct", "sc_pct", "cr_pct")``.
    box
        Lower and upper bound of each input, in the unit of its column: where the equation was
        fitted and has no pole.
    descriptors
        Expressions over the inputs, each divided by its own of ``divisors``.
    coefficients, intercept
        Finite numbers.
    transform
        ``"log"``: the sum is the natural logarithm of the property.
    divisor
        100: descriptors are built from fractions of the columns in percent (``_pct``). Other
        columns are not divided.
    unit
        Unit of the property, for people.
    """

    property_name: str
    inputs: tuple[str, ...]
    box: tuple[tuple[float, float], ...]
    descriptors: tuple[Expression, ...]
    coefficients: tuple[float, ...]
    intercept: float
    transform: Transform = "identity"
    divisor: float = 100.0
    unit: str = ""

    def __post_init__(self) -> None:
        where = f"equation of {self.property_name}"
        if len(self.box) != len(self.inputs):
            raise InputError(f"{where}: {len(self.box)} bounds for {len(self.inputs)} inputs")
        if len(self.coefficients) != len(self.descriptors):
            raise InputError(
                f"{where}: {len(self.coefficients)} coefficients for {len(self.descriptors)} "
                "descriptors"
            )
        if self.transform not in ("identity", "log"):
            raise InputError(f"{where}: transform {self.transform!r}; allowed: identity, log")
        if not all(map(math.isfinite, (*self.coefficients, self.intercept, self.divisor))):
            raise InputError(f"{where}: a coefficient is not finite")

    def __call__(self, x: ArrayLike) -> NDArray[np.float64]:
        """Evaluate at recipes.

        Parameters
        ----------
        x
            Shape (n, inputs), in the units of the columns (percent).

        Returns
        -------
        ndarray
            Shape (n,), in the unit of the property; NaN or infinite at most outside the box.

        Raises
        ------
        InputError
            ``x`` has another shape.
        """
        fractions = list((self._checked(x) / self.divisors).T)
        total = np.full(len(fractions[0]), self.intercept)
        with np.errstate(all="ignore"):
            for coefficient, descriptor in zip(self.coefficients, self.descriptors, strict=True):
                total += coefficient * evaluate(descriptor, fractions)
            return np.exp(total) if self.transform == "log" else total

    def is_inside(self, x: ArrayLike) -> NDArray[np.bool_]:
        """Say for each row of ``x``, shape (n, inputs), whether it lies in the box."""
        return is_inside(self._checked(x), self.box)

    def _checked(self, x: ArrayLike) -> NDArray[np.float64]:
        return check_rows(x, self.inputs, f"equation of {self.property_name}")

    @property
    def divisors(self) -> NDArray[np.float64]:
        """What each input is divided by, shape (inputs,)."""
        return divisors_of(self.inputs, self.divisor)

    @property
    def symbols(self) -> tuple[str, ...]:
        """Names of the descriptors' variables: the columns without ``_pct`` for fractions."""
        if self.divisor == 100:
            return tuple(name.removesuffix("_pct") for name in self.inputs)
        return self.inputs

    def sympy(self) -> sympy.Expr:
        """Give the equation as an expression of SymPy.

        Its symbols are :attr:`symbols`: the inputs divided by ``divisors`` (fractions), declared
        positive or nonnegative where the box says so.
        """
        import sympy

        variables = [
            sympy.Symbol(name, real=True, positive=low > 0 or None, nonnegative=low >= 0 or None)
            for name, (low, _) in zip(self.symbols, self.box, strict=True)
        ]
        namespace = SimpleNamespace(
            exp=sympy.exp, log=sympy.log, sqrt=sympy.sqrt, sin=sympy.sin, cos=sympy.cos,
            # The principal root of a negative number is complex; the equation's is real.
            cbrt=lambda a: sympy.sign(a) * sympy.cbrt(sympy.Abs(a)),
        )  # fmt: skip
        total = sympy.Float(self.intercept) + sum(
            sympy.Float(coefficient) * evaluate(descriptor, variables, namespace)
            for coefficient, descriptor in zip(self.coefficients, self.descriptors, strict=True)
        )
        return sympy.exp(total) if self.transform == "log" else total

    def latex(self, digits: int = 4) -> str:
        """Give the right-hand side for a paper, with rounded coefficients.

        Parameters
        ----------
        digits
            Significant digits of the coefficients.
        """
        import sympy

        expression = self.sympy()
        rounded = {n: sympy.Float(n, digits) for n in expression.atoms(sympy.Float)}
        names = {s: rf"\mathrm{{{_letters(s.name)}}}" for s in expression.free_symbols}
        return str(sympy.latex(expression.xreplace(rounded), symbol_names=names))

    def python(self) -> str:
        """Give the text of a Python function that needs NumPy only and returns the same numbers."""
        names = self._variables
        assignments = "".join(
            f"    {name} = {column} / {divisor!r}\n"
            for name, column, divisor in self._divided(names)
        )
        total = self._sum(python_source, names)
        result = f"numpy.exp({total})" if self.transform == "log" else total
        bounds = ", ".join(
            f"{name} {low:g} to {high:g}"
            for name, (low, high) in zip(self.inputs, self.box, strict=True)
        )
        return (
            "import numpy\n\n\n"
            f"def {self.property_name}({', '.join(self.inputs)}):\n"
            f'    """Valid for {bounds}."""\n'
            f"{assignments}"
            f"    return {result}\n"
        )

    def javascript(self) -> str:
        """Give the text of a JavaScript function of :attr:`inputs`, in their order.

        Powers and functions of ``Math`` may differ from NumPy's in the last digit.
        """
        names = self._variables
        assignments = " ".join(
            f"const {name} = {column} / {divisor!r};"
            for name, column, divisor in self._divided(names)
        )
        total = self._sum(javascript_source, names)
        result = f"Math.exp({total})" if self.transform == "log" else total
        return f"({', '.join(self.inputs)}) => {{ {assignments} return {result}; }}"

    def _divided(self, names: Sequence[str]) -> Iterator[tuple[str, str, float]]:
        """Name of each descriptor's variable, its column, and what that is divided by."""
        return zip(names, self.inputs, self.divisors.tolist(), strict=True)

    @property
    def _variables(self) -> tuple[str, ...]:
        """Names of the descriptors' variables in a program, none of them an input's."""
        if set(self.symbols).isdisjoint(self.inputs):
            return self.symbols
        return tuple(f"x{n}" for n in range(len(self.inputs)))

    def _sum(self, source: Callable[[Expression, Sequence[str]], str], names: Sequence[str]) -> str:
        """Text of the sum in the language of ``source``."""
        terms = [
            f"{coefficient!r} * {source(descriptor, names)}"
            for coefficient, descriptor in zip(self.coefficients, self.descriptors, strict=True)
        ]
        return " + ".join([repr(self.intercept), *terms])

    def to_dict(self) -> dict[str, Any]:
        """Give plain numbers, strings and lists; JSON keeps every digit of the floats."""
        return {
            "property": self.property_name,
            "unit": self.unit,
            "inputs": [
                {"name": name, "lower": low, "upper": high}
                for name, (low, high) in zip(self.inputs, self.box, strict=True)
            ],
            "divisor": self.divisor,
            "transform": self.transform,
            "intercept": self.intercept,
            "terms": [
                {"coefficient": coefficient, "descriptor": to_json(descriptor, self.inputs)}
                for coefficient, descriptor in zip(self.coefficients, self.descriptors, strict=True)
            ],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Equation:
        """Read what :meth:`to_dict` gave.

        Raises
        ------
        InputError
            A key is missing, a value has the wrong type, or a descriptor is malformed.
        """
        try:
            names = tuple(str(entry["name"]) for entry in data["inputs"])
            return cls(
                property_name=str(data["property"]),
                inputs=names,
                box=tuple((float(i["lower"]), float(i["upper"])) for i in data["inputs"]),
                descriptors=tuple(from_json(t["descriptor"], names) for t in data["terms"]),
                coefficients=tuple(float(t["coefficient"]) for t in data["terms"]),
                intercept=float(data["intercept"]),
                transform=data["transform"],
                divisor=float(data["divisor"]),
                unit=str(data["unit"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"equation: {type(error).__name__} {error} in the file") from error


def _letters(name: str) -> str:
    """Name of a symbol in LaTeX: the letters of a recipe's numbers, the words of others."""
    if name.startswith("is_"):  # 1 where the recipe has the word of a choice
        words = name
    else:
        words = variable_label(name) if is_variable(name) else name.upper()
    return words.replace(" ", r"\ ").replace("_", r"\_")
