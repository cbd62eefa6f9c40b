from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mesocast.errors import InputError
from mesocast.surrogates.evidence.refit import refit_on_other_seeds, refit_on_slurries
from mesocast.surrogates.surrogate import Surrogate, fit_surrogate

BOX = {"am_pct": (86.0, 96.0), "sc_pct": (45.0, 71.0), "cr_pct": (0.0, 40.0)}


def make_table(noise: float) -> pd.DataFrame:
    random = np.random.default_rng(0)
    lower, upper = np.array(list(BOX.values())).T
    recipes = random.uniform(lower, upper, (60, 3))
    table = pd.DataFrame(recipes, columns=list(BOX))
    slurry = np.arange(60) % 12
    of_slurry = random.standard_normal(12)[slurry]
    return table.assign(
        condition_id=[f"C{i:02d}" for i in range(60)],
        slurry_id=[f"S{i:02d}" for i in slurry],
        status="ok",
        density_g_cm3=(2 + 0.02 * recipes[:, 2]) * np.exp(noise * of_slurry),
    )


def fit(table: pd.DataFrame) -> dict[str, Surrogate]:
    name = "density_g_cm3"
    return {name: fit_surrogate(table, name, seed=1, method="polynomial", box_pct=BOX)}


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_models_scatter_as_the_data_do(noise: float) -> None:
    table = make_table(noise)
    surrogates = fit(table)
    members = refit_on_slurries(surrogates, table, BOX, 30, seed=3)
    seeds = refit_on_other_seeds(surrogates, table, BOX, 30, seed=3)
    centre = np.array([[91.0, 58.0, 20.0]])
    for ensemble in (members, seeds):
        assert len(ensemble) == 30
        values = [float(member["density_g_cm3"](centre)[0]) for member in ensemble]
        assert np.mean(values) == pytest.approx(2.4, rel=0.05)
        if noise:
            assert 0.001 < np.std(values) / 2.4 < 2 * noise
        else:
            assert np.ptp(values) < 1e-8


def test_spread_is_that_of_slurries_and_not_of_rows() -> None:
    # Electrodes of a slurry share its noise. Taken for slurries of their own, they look like more
    # independent data than they are.
    table = make_table(0.005)
    names = sorted(set(table["slurry_id"]))
    shared = dict(zip(names, np.random.default_rng(3).normal(1, 0.05, len(names)), strict=True))
    table["density_g_cm3"] *= table["slurry_id"].map(shared)
    alone = table.assign(slurry_id=table["condition_id"])
    centre = np.array([[91.0, 58.0, 20.0]])

    def spread(rows: pd.DataFrame) -> float:
        # Five electrodes of each slurry have one recipe but for the compression, as in a campaign.
        members = refit_on_slurries(fit(rows), rows, BOX, 400, seed=1)
        return float(np.std([member["density_g_cm3"](centre)[0] for member in members]))

    assert spread(table) > 1.15 * spread(alone)


def test_same_seed_gives_the_same_models() -> None:
    table = make_table(0.05)
    surrogates = fit(table)
    first, second, other = (
        refit_on_other_seeds(surrogates, table, BOX, 3, seed=seed) for seed in (5, 5, 6)
    )
    assert first == second != other


def test_data_that_carry_no_fit_are_refused() -> None:
    table = make_table(0.05)
    with pytest.raises(InputError, match="none of the sets"):
        refit_on_slurries(fit(table), table[:9], BOX, 3, seed=1)


def test_where_one_slurry_is_all_its_films_are_drawn() -> None:
    table = make_table(0.05).assign(am_pct=92.0, sc_pct=60.0)
    box = {"cr_pct": BOX["cr_pct"]}
    name = "density_g_cm3"
    surrogates = {name: fit_surrogate(table, name, seed=1, method="polynomial", box_pct=box)}
    members = refit_on_slurries(surrogates, table, box, 10, seed=3)
    assert len({round(float(member[name](np.array([[20.0]]))[0]), 9) for member in members}) > 5
