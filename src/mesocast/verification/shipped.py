"""Published and measured numbers that come with the package, each row with its source."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def shipped_table(name: str) -> pd.DataFrame:
    """Read a table of this folder, such as ``measured_pressures``."""
    import pandas as pd

    with resources.files("mesocast.verification").joinpath(f"{name}.csv").open() as file:
        return pd.read_csv(file)
