"""Size classes of an active material from what is known of its particle sizes.

A size distribution is one of volume, as laser diffraction tells it. It is cut into classes of equal
volume, and each class gets the Sauter diameter of what it stands for; so the classes have the
volume and the specific surface of the distribution, and only wider means are approximate
(`mesocast.simulation.composition.size_errors_pct`).
"""

from __future__ import annotations

from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING, Annotated, Any, Protocol, Self

import numpy as np
from pydantic import Field, model_validator

from mesocast.config.section import MassShare, NumberFraction, ParticleDiameter, Percentile, Section
from mesocast.errors import InputError
from mesocast.storage.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Parts of equal volume that stand for the distribution within one class.
_PARTS = 1000
# Of a standard normal distribution: what separates D50 from D10 and from D90.
_DECILE = NormalDist().inv_cdf(0.9)
# Volume that a table may leave out below its first and above its last diameter, %.
_LEFT_OUT_PCT = 10.0
_DECILES = ("d10_um", "d50_um", "d90_um")


class SizeMode(Section):
    """One mode of the particle sizes: a powder, of which several may be blended.

    Its sizes are given in one of three ways: ``d10_um``, ``d50_um`` and ``d90_um``; a cumulative
    distribution (``table``, or ``upper_um`` and ``below_pct``); or sharp classes (``diameters_um``
    and ``number_fractions``).
    """

    mass_share: MassShare | None = Field(
        None,
        description="Share of the active material's mass; one mode may leave it out and takes what "
        "is left of 1.",
    )
    d10_um: ParticleDiameter | None = Field(
        None, description="Diameter below which 10 % of the volume lies."
    )
    d50_um: ParticleDiameter | None = Field(None, description="Median diameter by volume.")
    d90_um: ParticleDiameter | None = Field(
        None, description="Diameter below which 90 % of the volume lies."
    )
    table: str | None = Field(
        None,
        description="Table of a laser diffraction (CSV, TSV or Parquet) with the columns "
        "`diameter_um` and `below_pct` (volume below it, per cent) or `volume_pct` (volume between "
        "the diameter before and this one); its path from where the campaign is started.",
    )
    upper_um: tuple[ParticleDiameter, ...] = Field(
        (), description="Diameters of the cumulative distribution; taken from `table`."
    )
    below_pct: tuple[Percentile, ...] = Field(
        (), description="Volume below each of them; taken from `table`."
    )
    diameters_um: tuple[ParticleDiameter, ...] = Field((), description="Sharp size classes.")
    number_fractions: tuple[NumberFraction, ...] = Field(
        (), description="Share of the mode's particles in each sharp class, by number."
    )
    classes: Annotated[int, Field(ge=1, le=12)] = Field(
        5, description="Size classes of equal volume into which a distribution is cut."
    )

    @model_validator(mode="before")
    @classmethod
    def _with_table(cls, content: Any) -> Any:
        """Take the numbers of a table into the config, so that it says all by itself."""
        if not isinstance(content, dict) or not isinstance(content.get("table"), str):
            return content
        if content.get("upper_um"):
            return content
        try:
            upper_um, below_pct = _read_distribution(Path(content["table"]))
        except InputError as error:
            raise ValueError(str(error)) from error
        return {**content, "upper_um": upper_um, "below_pct": below_pct}

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        deciles = [getattr(self, name) for name in _DECILES]
        ways = [any(d is not None for d in deciles), bool(self.upper_um), bool(self.diameters_um)]
        if sum(ways) != 1:
            raise ValueError(
                f"{sum(ways)} ways to give the sizes; allowed: one of d10_um with d50_um and "
                "d90_um, table, or diameters_um with number_fractions"
            )
        if ways[0]:
            _check_deciles(deciles)
        elif ways[1]:
            _check_cumulative(self.upper_um, self.below_pct)
        else:
            check_classes(self.diameters_um, self.number_fractions)
        return self

    def classes_by_volume(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Size classes.

        Returns
        -------
        tuple
            Diameter of each class (um), and its share of the mode's volume, each of shape (n,).
        """
        parts_um, shares = self.by_volume()
        if self.diameters_um:
            return parts_um, shares
        parts_um = parts_um.reshape(self.classes, _PARTS)
        return 1 / (1 / parts_um).mean(axis=1), np.full(self.classes, 1 / self.classes)

    def by_volume(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Distribution of the sizes: diameters (um), and the share of the volume with each."""
        if self.diameters_um:
            return by_volume(self.diameters_um, self.number_fractions)
        parts_um = self._parts_um()
        return parts_um, np.full(len(parts_um), 1 / len(parts_um))

    def _parts_um(self) -> NDArray[np.float64]:
        """Diameters of many parts of equal volume that stand for the distribution, ascending."""
        shares = (np.arange(self.classes * _PARTS) + 0.5) / (self.classes * _PARTS)
        if self.upper_um:
            logarithms = np.interp(100 * shares, self.below_pct, np.log(self.upper_um))
            return np.asarray(np.exp(logarithms))
        low, middle, high = np.log([float(getattr(self, name) or 0.0) for name in _DECILES])
        normal = NormalDist()
        deviations = np.array([normal.inv_cdf(share) for share in shares]) / _DECILE
        widths = np.where(deviations < 0, middle - low, high - middle)
        return np.asarray(np.exp(middle + deviations * widths))


def by_volume(
    diameters_um: Sequence[float], numbers: Sequence[float] | NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Diameters of size classes (um), and the share of each of the volume, from numbers."""
    sizes = np.array(diameters_um, dtype=np.float64)
    volumes = np.asarray(numbers, dtype=np.float64) * sizes**3
    return sizes, volumes / volumes.sum()


def sizes_of(
    modes: Sequence[SizeMode], diameters_um: Sequence[float], number_fractions: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distribution of the sizes of modes, or of sharp classes where there is none.

    Returns
    -------
    tuple
        Diameters (um), ascending, and the share of the volume with each, of shape (n,).
    """
    if not modes:
        sizes, shares = by_volume(diameters_um, number_fractions)
    else:
        found = [mode.by_volume() for mode in modes]
        sizes = np.concatenate([diameters for diameters, _ in found])
        shares = np.concatenate(
            [s * v for s, (_, v) in zip(mass_shares(modes, "size_modes"), found, strict=True)]
        )
    order = np.argsort(sizes, kind="stable")
    return sizes[order], shares[order]


def classes_of(modes: Sequence[SizeMode]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Size classes of all modes together.

    Parameters
    ----------
    modes
        With their shares of the mass; all have one density.

    Returns
    -------
    tuple
        Diameters (um), ascending, and the share of the particles in each class, by number.

    Raises
    ------
    ValueError
        The shares do not add up to 1.
    """
    numbers: dict[float, float] = {}
    for mode, share in zip(modes, mass_shares(modes, "size_modes"), strict=True):
        for diameter, volume in zip(*mode.classes_by_volume(), strict=True):
            # Six digits, so that every machine makes the same classes.
            size = float(f"{diameter:.6g}")
            numbers[size] = numbers.get(size, 0.0) + share * float(volume) / size**3
    total = sum(numbers.values())
    sizes = sorted(numbers)
    return tuple(sizes), tuple(float(f"{numbers[size] / total:.6g}") for size in sizes)


class HasShare(Protocol):
    """A part of the active material that has a share of its mass."""

    @property
    def mass_share(self) -> float | None:
        """Share of the mass; None takes what is left of 1."""


def mass_shares(parts: Sequence[HasShare], where: str) -> list[float]:
    """Share of each part of the mass; they add up to 1.

    Parameters
    ----------
    parts
        Modes or kinds.
    where
        Their key, for the line that says what is wrong.

    Raises
    ------
    ValueError
        They do not, or more than one is left out.
    """
    given = [part.mass_share for part in parts if part.mass_share is not None]
    left = 1 - sum(given)
    if len(given) == len(parts):
        if abs(left) > 0.005:
            raise ValueError(
                f"{where}: mass_share of all add up to {sum(given):.4g}; allowed: 1, or one "
                "without it"
            )
        return [share / sum(given) for share in given]
    if len(given) < len(parts) - 1:
        raise ValueError(f"{where}: mass_share is missing twice; allowed: once at most")
    if left <= 0:
        raise ValueError(
            f"{where}: mass_share add up to {sum(given):.4g} and leave nothing for the last; "
            "allowed: below 1"
        )
    return [left if part.mass_share is None else part.mass_share for part in parts]


def check_classes(diameters_um: Sequence[float], number_fractions: Sequence[float]) -> None:
    """Refuse sharp classes that are none.

    Raises
    ------
    ValueError
        Says what is wrong.
    """
    if len(diameters_um) != len(number_fractions):
        raise ValueError(
            f"number_fractions has {len(number_fractions)} values; "
            f"diameters_um has {len(diameters_um)}; they must be as many"
        )
    if abs(sum(number_fractions) - 1) > 0.005:
        raise ValueError(
            f"number_fractions add up to {sum(number_fractions):.4g}; allowed: 1 within 0.005"
        )
    if len(set(diameters_um)) != len(diameters_um):
        raise ValueError("diameters_um has a value twice; allowed: each size class once")


def _check_deciles(deciles: Sequence[float | None]) -> None:
    missing = [name for name, value in zip(_DECILES, deciles, strict=True) if value is None]
    if missing:
        raise ValueError(f"{missing[0]} is missing; allowed: all of {', '.join(_DECILES)}")
    low, middle, high = (value or 0.0 for value in deciles)
    if not low < middle < high:
        raise ValueError(
            f"d10_um = {low:g}, d50_um = {middle:g}, d90_um = {high:g}; allowed: ascending"
        )


def _check_cumulative(upper_um: Sequence[float], below_pct: Sequence[float]) -> None:
    if len(upper_um) != len(below_pct) or len(upper_um) < 2:
        raise ValueError(
            f"upper_um has {len(upper_um)} values, below_pct {len(below_pct)}; allowed: as many, "
            "and two at least"
        )
    for name, values in (("upper_um", upper_um), ("below_pct", below_pct)):
        rises = np.diff(values)
        if (rises < 0).any() or (name == "upper_um" and (rises == 0).any()):
            place = int(np.argmin(rises)) + 1
            raise ValueError(
                f"{name} falls from {values[place - 1]:g} to {values[place]:g}; allowed: ascending"
            )
    if below_pct[0] > _LEFT_OUT_PCT or below_pct[-1] < 100 - _LEFT_OUT_PCT:
        raise ValueError(
            f"below_pct goes from {below_pct[0]:g} to {below_pct[-1]:g} %; allowed: from at most "
            f"{_LEFT_OUT_PCT:g} to at least {100 - _LEFT_OUT_PCT:g}"
        )


def _read_distribution(path: Path) -> tuple[list[float], list[float]]:
    """Read diameters and the volume below each of them, in per cent, from a table."""
    table = read_table(path, "diameter_um")
    known = [name for name in ("below_pct", "volume_pct") if name in table]
    if len(known) != 1:
        raise InputError(
            f"{path}: has {' and '.join(known) or 'no volumes'}; allowed: one of the columns "
            "below_pct and volume_pct"
        )
    numbers = table[["diameter_um", known[0]]]
    if not all(kind.kind in "if" for kind in numbers.dtypes) or numbers.isna().to_numpy().any():
        raise InputError(f"{path}: a cell of diameter_um or {known[0]} holds no number")
    rows = numbers.to_numpy(float)
    below_pct = rows[:, 1]
    if known[0] == "volume_pct":
        if abs(below_pct.sum() - 100) > 1:
            raise InputError(
                f"{path}: volume_pct adds up to {below_pct.sum():.4g}; allowed: 100 within 1"
            )
        below_pct = 100 * np.cumsum(below_pct) / below_pct.sum()
    # Empty channels of the instrument, below and above all particles.
    first = max(int(np.searchsorted(below_pct, 0.0, side="right")) - 1, 0)
    last = int(np.searchsorted(below_pct, 100 - 1e-9)) + 1
    return rows[first:last, 0].tolist(), np.minimum(below_pct[first:last], 100.0).tolist()
