"""Evolved equations by Operon: Burlacu, Kronberger, Kommenda, GECCO '20 Companion, 1562."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mesocast.errors import InputError
from mesocast.surrogates.equations.equation import divisors_of
from mesocast.surrogates.equations.from_trees import best_equation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mesocast.surrogates.equations.equation import Equation
    from mesocast.surrogates.equations.expressions import Expression
    from mesocast.surrogates.training import TrainingData

DEFAULTS: Mapping[str, int] = {
    "max_length": 20,
    "max_evaluations": 50_000,
    "optimizer_iterations": 3,
    "population_size": 1000,
}
_SYMBOLS = {
    "Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "Exp": "exp", "Log": "log", "Sqrt": "sqrt",
    "Cbrt": "cbrt", "Square": "square",
}  # fmt: skip


def fit_operon(data: TrainingData, settings: Mapping[str, Any]) -> tuple[Equation, dict[str, Any]]:
    """Evolve equations for accuracy and length together, and take the best one by cross-validation.

    The inputs are standardized for the search, since recipes vary little around large numbers; the
    equation is over fractions like all others. One thread and a fixed seed make it deterministic.

    Parameters
    ----------
    data
        The rows.
    settings
        Any of :data:`DEFAULTS`: nodes in an equation, evaluations, steps of the local optimizer of
        the constants, equations per generation.

    Raises
    ------
    InputError
        A setting is unknown or not a positive number.
    """
    for name, value in settings.items():
        if name not in DEFAULTS:
            raise InputError(f"operon: unknown setting {name!r}; allowed: {', '.join(DEFAULTS)}")
        if not (isinstance(value, int) and value >= 1):
            raise InputError(f"operon: {name} = {value!r}; allowed: a whole number of at least 1")
    from pyoperon.sklearn import SymbolicRegressor

    fractions = data.x / divisors_of(data.inputs)
    means, scales = fractions.mean(axis=0), fractions.std(axis=0)
    regressor = SymbolicRegressor(
        allowed_symbols=",".join(("constant", "variable", *(name.lower() for name in _SYMBOLS))),
        objectives=["r2", "length"],
        generations=10**9,  # the evaluations end it
        uncertainty=[1.0],  # of criteria that are not used; without it Operon warns
        n_threads=1,
        random_state=data.seed,
        **{**DEFAULTS, **settings},
    )
    with np.errstate(all="ignore"):  # of trees that are not finite, which it drops
        regressor.fit((fractions - means) / scales, data.y)
    numbers = {name: number for number, name in enumerate(regressor.variables_)}

    def variable(node: Any) -> Expression:
        number = numbers[node.HashValue]
        factor = node.Value / scales[number].item()
        return ("*", factor, ("-", number, means[number].item()))

    front = regressor.pareto_front_
    equation = best_equation(data, [_to_tree(entry["tree"].Nodes, variable) for entry in front])
    return equation, {"pareto_front_equations": len(front)}


def _to_tree(nodes: list[Any], variable: Callable[[Any], Expression]) -> Expression:
    """Read Operon's postfix order, in which the first argument stands last."""
    stack: list[Expression] = []
    for node in nodes:
        kind = str(node.Type).removeprefix("NodeType.")
        if kind == "Constant":
            stack.append(float(node.Value))
        elif kind == "Variable":
            stack.append(variable(node))
        else:
            stack.append((_SYMBOLS[kind], *(stack.pop() for _ in range(node.Arity))))
    (tree,) = stack
    return tree
