"""In which columns a table of a laboratory tells the recipes of a campaign."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from mesocast.columns import PARAMETERS, in_order, is_variable
from mesocast.columns.variables import Discrete, words_of
from mesocast.config.keys import possible_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesocast.columns.variables import Value
    from mesocast.config.campaign import Campaign

# Recipes that differ by less, in percent, are one recipe; of other variables this share of what a
# design spans.
_SAME_PCT = 0.05
_SAME_SHARE = 1e-3


@dataclass(frozen=True)
class DesignColumns:
    """The design variables of a campaign, as columns of a table; by default a recipe's three.

    A choice is a word in tables, and its place among the words, from 0, where numbers are needed.

    Parameters
    ----------
    inputs
        Those that vary, in the order of every table: what surrogates are functions of.
    fixed
        Those that have one value.
    bounds
        Lower and upper bound of what the design spans, of those that vary.
    possible
        Lowest and highest value that the keys of the campaign's own variables may have.
    is_pressed_by_rate
        Whether the compression rate says how far a film is pressed.
    """

    inputs: tuple[str, ...] = PARAMETERS
    fixed: Mapping[str, float] = field(default_factory=dict)
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    possible: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    is_pressed_by_rate: bool = True

    @classmethod
    def of(cls, campaign: Campaign) -> Self:
        """Those of a campaign."""
        own = campaign.design.variables
        return cls(
            inputs=in_order(campaign.box_pct),
            fixed=campaign.fixed,
            bounds=campaign.box_pct,
            possible={
                name: possible_at(type(campaign), one.key)
                for name, one in own.items()
                if one.choices is None
            },
            is_pressed_by_rate=campaign.calendering.to is None,
        )

    @property
    def all(self) -> tuple[str, ...]:
        """All of them, in the order of every table."""
        return in_order([*self.inputs, *self.fixed])

    @property
    def own(self) -> tuple[str, ...]:
        """Those beyond a recipe's three."""
        return tuple(name for name in self.inputs if is_variable(name))

    @property
    def words(self) -> dict[str, tuple[str, ...]]:
        """Words of the choices, by column."""
        return words_of(self.bounds)

    def number(self, name: str, value: Value) -> float:
        """Number that a value counts as."""
        words = self.words
        return float(words[name].index(str(value)) if name in words else value)

    def told(self, name: str, number: float) -> Value:
        """Value that a number stands for."""
        words = self.words
        return words[name][round(number)] if name in words else float(number)

    def is_same(self, name: str, first: Value, second: Value) -> bool:
        """Whether two values of a design variable are one."""
        apart = abs(self.number(name, first) - self.number(name, second))
        return apart < step_of(name, self.bounds.get(name))


def step_of(name: str, bounds: tuple[float, float] | None) -> float:
    """Difference below which two values of a design variable are one, in its unit."""
    if isinstance(bounds, Discrete) and bounds.words:
        return 0.5
    if name in PARAMETERS or bounds is None:
        return _SAME_PCT
    return _SAME_SHARE * (bounds[1] - bounds[0])
