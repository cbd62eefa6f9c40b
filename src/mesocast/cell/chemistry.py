"""The materials of a cell, as a BPX file gives them (https://bpxstandard.com)."""

from __future__ import annotations

import copy
import json
import os
import warnings
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from mesocast.config.kinds import MOST_KINDS_IN_CELL
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

FARADAY_C_MOL = 96485.33212
_DEFAULT = "nmc111.bpx.json"
_DEFAULT_SOURCES = "nmc111.sources.json"
POSITIVE, NEGATIVE = "Positive electrode", "Negative electrode"
_SIDES = (POSITIVE, NEGATIVE)


@dataclass(frozen=True, eq=False)
class Chemistry:
    """The materials of a cell.

    Parameters
    ----------
    title
        Title of the BPX file.
    content
        The BPX 1.x object, checked by the package ``bpx``.
    sources
        Where values come from: by ``section/name``, or ``section`` for all others in it.
    """

    title: str
    content: Mapping[str, Any]
    sources: Mapping[str, str]

    def section(self, name: str) -> Mapping[str, Any]:
        """A section of the parameterisation, such as ``Positive electrode``."""
        found: Mapping[str, Any] = self.content["Parameterisation"][name]
        return found

    def particles(self, side: str) -> Mapping[str, Mapping[str, Any]]:
        """Active materials of an electrode by name; one alone has none, as BPX has it."""
        found = self.section(side)
        return found.get("Particle") or {"": found}

    def capacity_Ah_m3(self, side: str, kind: str = "") -> float:
        """Charge that the active material of an electrode gives over its stoichiometry window.

        Parameters
        ----------
        side
            ``Positive electrode`` or ``Negative electrode``.
        kind
            Name of the material in a blend.

        Returns
        -------
        float
            Over the volume of the solid active material.
        """
        found = self.particles(side)[kind]
        window = found["Maximum stoichiometry"] - found["Minimum stoichiometry"]
        return float(found["Maximum concentration [mol.m-3]"] * FARADAY_C_MOL * window / 3600)

    def active_fraction(self, side: str) -> float:
        """Volume share of active material in an electrode of the file: a R / 3 (spheres)."""
        found = self.section(side)
        return float(found["Surface area per unit volume [m-1]"] * found["Particle radius [m]"] / 3)

    def potential_V(self, side: str, kind: str = "") -> Callable[[float], float]:
        """Open-circuit potential of an electrode over its stoichiometry."""
        import bpx

        value = self.particles(side)[kind]["OCP [V]"]
        if isinstance(value, dict):
            import numpy as np

            order = np.argsort(value["x"])
            x, y = np.array(value["x"], float)[order], np.array(value["y"], float)[order]
            return lambda stoichiometry: float(np.interp(stoichiometry, x, y))
        if isinstance(value, (int, float)):
            return lambda _: float(value)
        function: Callable[[float], float] = bpx.Function(value).to_python_function()
        return function

    def source_of(self, section: str, name: str) -> str:
        """Where a value comes from."""
        return self.sources.get(f"{section}/{name}") or self.sources.get(section, self.title)

    def pybamm_values(self) -> dict[str, Any]:
        """Parameters under the names that PyBaMM gives them."""
        content = copy.deepcopy(dict(self.content))
        # PyBaMM's reader wants both, for the temperature, which is constant here.
        thermal = {"External surface area [m2]": 1.0, "Volume [m3]": 1.0}
        parts = content["Parameterisation"]
        parts["Cell"] = thermal | parts["Cell"]
        return dict(_pybamm_values(json.dumps(content)))


def import_pybamm() -> Any:
    """Import PyBaMM without its telemetry.

    Raises
    ------
    InputError
        It is not installed.
    """
    os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")
    try:
        import pybamm
    except ImportError as error:
        raise InputError(
            "cell: the package pybamm is not installed; allowed: pip install 'mesocast[cell]', or "
            "cell.enabled = false"
        ) from error
    return pybamm


@cache
def _pybamm_values(content: str) -> dict[str, Any]:
    pybamm = import_pybamm()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyBaMM names each optional value that it sets itself
        return dict(pybamm.ParameterValues.create_from_bpx_obj(json.loads(content)))


def default_chemistry() -> Chemistry:
    """NMC111 against graphite: the pouch cell of About:Energy (2022), from the BPX repository."""
    folder = resources.files("mesocast.cell") / "data"
    return _checked(
        json.loads((folder / _DEFAULT).read_text(encoding="utf-8")),
        _DEFAULT,
        json.loads((folder / _DEFAULT_SOURCES).read_text(encoding="utf-8")),
    )


def read_chemistry(path: Path | None = None) -> Chemistry:
    """Read the materials of a cell.

    Parameters
    ----------
    path
        BPX file of version 0.x or 1.x; None: ``default_chemistry``.

    Raises
    ------
    InputError
        The file is missing or broken, a value that is needed is missing, or a value is outside of
        what is possible.
    """
    if path is None:
        return default_chemistry()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as BPX JSON ({error})") from error
    return _checked(content, str(path), {})


def _checked(content: Any, where: str, sources: Mapping[str, str]) -> Chemistry:
    try:
        import bpx
        from pydantic import ValidationError
    except ImportError as error:
        raise InputError(
            "cell: the package bpx is not installed; allowed: pip install 'mesocast[cell]'"
        ) from error
    if not isinstance(content, dict):
        raise InputError(f"{where}: is no BPX object; allowed: Header and Parameterisation")
    try:
        with warnings.catch_warnings():
            # An old version is converted, which is what is wanted; windows are checked below.
            warnings.simplefilter("ignore")
            parsed = bpx.parse_bpx_obj(copy.deepcopy(content))
    except ValidationError as error:
        finding = error.errors()[0]
        place = ".".join(str(part) for part in finding["loc"])
        raise InputError(f"{where}: {place}: {finding['msg']}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"{where}: is no BPX object ({error})") from error
    plain = json.loads(parsed.model_dump_json(by_alias=True, exclude_none=True))
    _check_values(plain, where)
    title = plain["Header"].get("Title") or where
    return Chemistry(title, plain, sources)


def _check_positive(found: Mapping[str, Any], names: Sequence[str], where: str) -> None:
    for name in names:
        if found[name] <= 0:
            raise InputError(f"{where}.{name} = {found[name]:g}; allowed: above 0")


def _check_particle(found: Mapping[str, Any], where: str) -> None:
    """Refuse an active material that no cell can have."""
    low, high = found["Minimum stoichiometry"], found["Maximum stoichiometry"]
    if not 0 <= low < high <= 1:
        raise InputError(
            f"{where}: stoichiometry from {low:g} to {high:g}; allowed: 0 <= minimum < maximum <= 1"
        )
    names = (
        "Particle radius [m]",
        "Surface area per unit volume [m-1]",
        "Maximum concentration [mol.m-3]",
        "Reaction rate constant [mol.m-2.s-1]",
    )
    _check_positive(found, names, where)


def _check_values(content: Mapping[str, Any], where: str) -> None:
    """Refuse what the schema lets pass and no cell can have."""
    parts = content["Parameterisation"]
    for name in ("Cell", "Electrolyte", *_SIDES, "Separator"):
        if name not in parts:
            raise InputError(f"{where}: Parameterisation.{name}: is missing; it is needed")
    for side in _SIDES:
        found = parts[side]
        kinds = found.get("Particle", {"": found})
        blend = MOST_KINDS_IN_CELL if side == POSITIVE else 0
        if "Particle" in found and len(kinds) != blend:
            raise InputError(
                f"{where}: {side}: is a blend of {len(kinds)} materials; allowed: one material "
                "without Particle" + (f", or {blend}" if blend else "")
            )
        if "Conductivity [S.m-1]" not in found:
            raise InputError(f"{where}: {side}.Conductivity [S.m-1]: is missing; it is needed")
        _check_positive(found, ("Thickness [m]", "Conductivity [S.m-1]"), f"{where}: {side}")
        for kind, particle in kinds.items():
            _check_particle(particle, f"{where}: {side}" + (f".Particle.{kind}" if kind else ""))
    for name in (*_SIDES, "Separator"):
        for key in ("Porosity", "Transport efficiency"):
            if not 0 < parts[name][key] < 1:
                raise InputError(
                    f"{where}: {name}.{key} = {parts[name][key]:g}; allowed: between 0 and 1"
                )
    transference = parts["Electrolyte"]["Cation transference number"]
    if not 0 <= transference < 1:
        raise InputError(
            f"{where}: Electrolyte.Cation transference number = {transference:g}; "
            "allowed: 0 to below 1"
        )
