"""Evolved equations by PySR (Cranmer, arXiv 2305.01582), where Julia is there."""

from __future__ import annotations

import ast
import importlib.util
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesocast.errors import InputError
from mesocast.surrogates.equations.equation import divisors_of
from mesocast.surrogates.equations.from_trees import best_equation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesocast.surrogates.equations.equation import Equation
    from mesocast.surrogates.equations.expressions import Expression
    from mesocast.surrogates.training import TrainingData

_LOGGER = logging.getLogger(__name__)

DEFAULTS: Mapping[str, int] = {"maxsize": 20, "niterations": 40}
_INSTALL = (
    "install it with: pip install 'mesocast[pysr]' && python -c 'import pysr' "
    "(once, on a machine with internet; it fetches Julia)"
)
_BINARY = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_UNARY = ("exp", "log", "sqrt", "cbrt", "square", "cube")
# Julia starts, and loads a package that it may have to compile first.
_IMPORT_TIMEOUT_S = 600


def require_installed() -> None:
    """Refuse PySR where the package or Julia is not to be found; starts neither.

    Raises
    ------
    InputError
        One line that says what is missing and how to install it.
    """
    if importlib.util.find_spec("pysr") is None:
        raise InputError(f"pysr: the Python package is not installed; {_INSTALL}")
    if not _has_julia():
        raise InputError(f"pysr: Julia is not installed; {_INSTALL}")


def _has_julia() -> bool:
    """Look where PySR's installer (juliapkg) looks."""
    given = os.environ.get("PYTHON_JULIAPKG_EXE")
    if given is not None:
        return shutil.which(given) is not None
    project = Path(os.environ.get("PYTHON_JULIAPKG_PROJECT", f"{sys.prefix}/julia_env"))
    own = project / "pyjuliapkg/install/bin/julia"
    return any(shutil.which(name) for name in ("julia", "juliaup", str(own)))


def require_working() -> None:
    """Refuse PySR where it cannot be imported.

    It is tried in another process, since a failed import leaves Julia half started, and offline,
    since a job must not install anything.

    Raises
    ------
    InputError
        One line with the last one of what PySR or Julia said.
    """
    require_installed()
    try:
        done = subprocess.run(
            [sys.executable, "-c", "import pysr"],
            env={**os.environ, "PYTHON_JULIAPKG_OFFLINE": "yes"},
            capture_output=True,
            text=True,
            timeout=_IMPORT_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(
            f"pysr: does not start within {_IMPORT_TIMEOUT_S} s; {_INSTALL}"
        ) from error
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise InputError(f"pysr: cannot be imported ({said}); {_INSTALL}")


def fit_pysr(data: TrainingData, settings: Mapping[str, Any]) -> tuple[Equation, dict[str, Any]]:
    """Evolve equations for accuracy and size together, and take the best one by cross-validation.

    One thread and a fixed seed make it deterministic.

    Parameters
    ----------
    data
        The rows.
    settings
        Any of :data:`DEFAULTS`: nodes in an equation, iterations.

    Raises
    ------
    InputError
        PySR or Julia is missing, or a setting is unknown or not a positive number.
    """
    for name, value in settings.items():
        if name not in DEFAULTS:
            raise InputError(f"pysr: unknown setting {name!r}; allowed: {', '.join(DEFAULTS)}")
        if not (isinstance(value, int) and value >= 1):
            raise InputError(f"pysr: {name} = {value!r}; allowed: a whole number of at least 1")
    require_working()
    os.environ["PYTHON_JULIAPKG_OFFLINE"] = "yes"
    import pysr

    names = [f"x{number}" for number in range(len(data.inputs))]
    with tempfile.TemporaryDirectory() as folder:
        regressor = pysr.PySRRegressor(
            binary_operators=list(_BINARY.values()),
            unary_operators=list(_UNARY),
            **{**DEFAULTS, **settings},
            deterministic=True,
            parallelism="serial",
            random_state=data.seed,
            precision=64,
            progress=False,
            verbosity=0,
            output_directory=folder,
        )
        regressor.fit(data.x / divisors_of(data.inputs), data.y, variable_names=names)
        texts = [str(text) for text in regressor.equations_["equation"]]
    equation = best_equation(data, _readable(texts, names))
    return equation, {"pareto_front_equations": len(texts)}


def _readable(texts: Sequence[str], names: Sequence[str]) -> list[Expression]:
    """Read the equations, without those in which a number is not finite or unreadable."""
    trees = []
    for text in texts:
        try:
            trees.append(parse(text, names))
        except InputError as error:
            _LOGGER.warning("%s; it is left out", error)
    return trees


def parse(text: str, names: Sequence[str]) -> Expression:
    """Read an equation as PySR prints it; nothing of it is executed.

    Parameters
    ----------
    text
        For example ``"square(x0) + exp(x1 * -0.5)"``.
    names
        Of the inputs, in order.

    Raises
    ------
    InputError
        The text holds anything but numbers, the names, the four operations and the functions that
        PySR was asked to use.
    """
    try:
        return _tree(ast.parse(text.strip(), mode="eval").body, names)
    except (SyntaxError, ValueError) as error:
        raise InputError(f"pysr: the equation {text!r} cannot be read ({error})") from error


def _tree(node: ast.expr, names: Sequence[str]) -> Expression:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return float(value)
        case ast.Name(id=name) if name in names:
            return list(names).index(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return ("*", -1.0, _tree(operand, names))
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _BINARY:
            return (_BINARY[type(operator)], _tree(left, names), _tree(right, names))
        case ast.Call(func=ast.Name(id=function), args=[argument]) if function in _UNARY:
            return (function, _tree(argument, names))
    raise ValueError(f"not understood: {ast.unparse(node)}")
