"""Where everything lies under a campaign's results folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesocast.design.rounds import PROPOSAL

if TYPE_CHECKING:
    from pathlib import Path


def surrogate_path(results: Path, method: str, name: str) -> Path:
    """File of one property's surrogate."""
    return results / "surrogates" / method / f"{name}.json"


def validation_path(results: Path, method: str, name: str) -> Path:
    """File of the validation of one property's surrogate."""
    return surrogate_path(results, method, name).with_name(f"{name}.validation.json")


def sensitivity_path(results: Path, method: str) -> Path:
    """File of the Sobol indices of all properties."""
    return results / "surrogates" / method / "sensitivity.json"


def comparison_path(results: Path) -> Path:
    return results / "surrogates/comparison.csv"


def proposal_path(results: Path, number: int) -> Path:
    """File of a round's proposal."""
    return results / "rounds" / str(number) / PROPOSAL
