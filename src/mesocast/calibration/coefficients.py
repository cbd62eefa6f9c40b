"""The coefficients that are sought: keys of the config, on the unit cube and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from mesocast.config.keys import set_value, value_at
from mesocast.config.reading import check_content
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from mesocast.config.campaign import Campaign


class Coefficients:
    """The coefficients of a campaign's calibration, each between bounds.

    Parameters
    ----------
    campaign
        Its section ``calibration`` names them; all else is taken from it as it is.

    Raises
    ------
    InputError
        A key is unknown or holds no number, or a bound is none of its allowed values.
    """

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._settings = campaign.calibration.coefficients
        self.names = tuple(self._settings)
        content = campaign.model_dump(mode="json")
        for name, coefficient in self._settings.items():
            for key in (name, *coefficient.also):
                value_at(content, key, f"calibration.coefficients.{name}")
        keys = [key for name, c in self._settings.items() for key in (name, *c.also)]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise InputError(f"calibration.coefficients: {twice} twice; allowed: once")
        for end in (0.0, 1.0):
            self.apply(self.values(np.full(len(self.names), end)))

    def bounds(self, name: str) -> tuple[float, float, str]:
        """Lower and upper bound of a coefficient, and the name of its scale."""
        settings = self._settings[name]
        return settings.min, settings.max, settings.scale

    def values(self, unit: ArrayLike) -> dict[str, float]:
        """Coefficients at a point of the unit cube, shape (coefficients,), by name."""
        point = np.asarray(unit, dtype=np.float64)
        found = {}
        for place, (name, c) in zip(point, self._settings.items(), strict=True):
            if c.scale == "log":
                value = np.exp(np.log(c.min) + place * np.log(c.max / c.min))
            else:
                value = c.min + place * (c.max - c.min)
            # Five digits are more than anyone measures, and the same on every machine.
            found[name] = float(f"{min(max(float(value), c.min), c.max):.5g}")
        return found

    def unit(self, values: Mapping[str, float]) -> NDArray[np.float64]:
        """Point of the unit cube at which the coefficients have these values."""
        return np.array(
            [
                np.log(values[name] / c.min) / np.log(c.max / c.min)
                if c.scale == "log"
                else (values[name] - c.min) / (c.max - c.min)
                for name, c in self._settings.items()
            ]
        )

    def apply(self, values: Mapping[str, float], *, mass_ug: float | None = None) -> Campaign:
        """Campaign with these coefficients, and with films of this dry mass.

        Raises
        ------
        InputError
            A value is not allowed.
        """
        content = self._campaign.model_dump(mode="json")
        for key, value in self._all_keys(values):
            set_value(content, key, value)
        content["calendering"]["to"] = None  # measured electrodes tell what they were pressed to
        if mass_ug is not None:
            content["electrode"]["mass_ug"] = mass_ug
        return check_content(content, "calibration.coefficients")

    def text(self, values: Mapping[str, float], remarks: Mapping[str, str]) -> str:
        """YAML that a campaign includes by its key ``coefficients``, with a remark to each."""
        content: dict[str, Any] = {}
        for key, value in self._all_keys(values):
            set_value(content, key, value)
        if "electronic_conductivity_S_m" in content.get("materials", {}).get("cbd", {}):
            # Else a config that includes this would take it for what every bead conducts.
            content["materials"]["cbd"]["conductivity_law"] = (
                self._campaign.materials.cbd.conductivity_law
            )
        lines = [f"# {name}: {remarks[name]}" for name in self.names]
        return "\n".join([*lines, yaml.safe_dump(content, sort_keys=True)])

    def _all_keys(self, values: Mapping[str, float]) -> list[tuple[str, float]]:
        return [
            (key, values[name])
            for name, coefficient in self._settings.items()
            for key in (name, *coefficient.also)
        ]
