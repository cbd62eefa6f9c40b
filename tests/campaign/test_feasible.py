"""What would fail after hours is refused before any job starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mesocast.campaign.checks import load
from mesocast.campaign.feasible import check_electrodes, needs_surrogates
from mesocast.cli.main import main
from mesocast.config.campaign import Campaign
from mesocast.errors import InputError
from tests.conftest import TINY
from tests.known_laws import laws

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Change = Callable[[pd.DataFrame], pd.DataFrame]


def _table(rows: int = 24) -> pd.DataFrame:
    random = np.random.default_rng(4)
    recipes = [
        dict(zip(("am_pct", "sc_pct", "cr_pct"), row, strict=True))
        for row in random.uniform([86, 45, 0], [96, 71, 30], (rows, 3)).round(2).tolist()
    ]
    return pd.DataFrame([{**recipe, **laws(**recipe)} for recipe in recipes])


def _config(folder: Path, change: Change, **sections: Any) -> dict[str, Any]:
    path = folder / "mine.csv"
    change(_table()).to_csv(path, index=False)
    return {**TINY, "design": {"dataset": str(path)}, "verification": {"seeds": 0}, **sections}


def _statuses(words: str, reason: str = "") -> Change:
    return lambda table: table.assign(status=words.split(maxsplit=1)[0], reason=reason)


def _first(**values: Any) -> Change:
    def change(table: pd.DataFrame) -> pd.DataFrame:
        for name, value in values.items():
            if name not in table:
                table[name] = "ok" if name == "status" else np.nan
            table.loc[0, name] = value
        return table

    return change


GOALS = {"optimum": {"goals": {"density_g_cm3": {"direction": "maximize"}}}}
CONSTRAINED = {"optimum": {"constraints": {"porosity_total": {"min": 0.3}}}}
WRONG: dict[str, tuple[Change, dict[str, Any], tuple[str, ...]]] = {
    "statuses in capitals": (_statuses("OK"), {}, ("row-1", "status = 'OK'", "allowed: ok")),
    "another word for ok": (_statuses("done"), {}, ("row-1", "'done'", "reason")),
    "one unknown status": (_first(status="fine"), {}, ("row-1", "'fine'")),
    "all failed": (_statuses("failed"), {}, ("no electrode is ok", "24 failed")),
    "all failed with reasons": (
        _statuses("particles_lost", "beads flew apart"),
        {},
        ("no electrode is ok", "24 particles_lost"),
    ),
    "nine rows": (lambda t: t.head(9), {}, ("9 usable rows", "leave 7", "at least 10")),
    "eleven rows": (lambda t: t.head(11), {}, ("11 usable rows", "at least 10")),
    "many rows, few with a result": (
        lambda t: t.assign(tortuosity_factor=t["tortuosity_factor"].where(t.index < 8)),
        {},
        ("8 usable rows", "tortuosity_factor"),
    ),
    "active material above its bounds": (_first(am_pct=97.5), {}, ("row-1", "am_pct = 97.5", "96")),
    "solids below their bounds": (_first(sc_pct=40), {}, ("row-1", "sc_pct = 40", "design.sc_pct")),
    "pressed further than the bounds": (_first(cr_pct=45), {}, ("row-1", "cr_pct = 45", "0 to 40")),
    "no column of the objective": (
        lambda t: t.drop(columns="active_surface_pct"),
        {},
        ("0 usable rows", "active_surface_pct"),
    ),
    "no column of a goal": (
        lambda t: t.assign(x=1),
        {"optimum": {"goals": {"porosity_bulk": {"direction": "maximize"}}}},
        ("0 usable rows", "porosity_bulk"),
    ),
    "no column of a constraint": (lambda t: t, CONSTRAINED, ("0 usable rows", "porosity_total")),
    "a constant property": (
        lambda t: t.assign(density_g_cm3=2.0),
        {},
        ("density_g_cm3 is constant (2)",),
    ),
    "a constant parameter": (lambda t: t.assign(sc_pct=60.0), {}, ("sc_pct is constant (60)",)),
    "a constant constraint": (
        lambda t: t.assign(porosity_total=0.4),
        CONSTRAINED,
        ("porosity_total is constant",),
    ),
    "an electrode that is ok without a goal": (
        _first(density_g_cm3=None),
        {},
        ("density_g_cm3", "no finite value"),
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_datasets_that_would_fail_later_are_refused(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import yaml

    change, sections, expected = WRONG[case]
    config = tmp_path / "mine.yaml"
    config.write_text(yaml.safe_dump(_config(tmp_path, change, **sections)))
    assert main(["check", "--config", str(config)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    for part in (str(config), "design.dataset", "mine.csv", *expected):
        assert part in line


RIGHT: dict[str, tuple[Change, dict[str, Any]]] = {
    "bookkeeping is not needed": (lambda t: t, {}),
    "a failed row": (_first(status="failed"), {}),
    "a failed row outside of the bounds": (_first(status="failed", am_pct=99.0), {}),
    "columns that are not used": (lambda t: t.assign(comment="mine"), {}),
    "its own goal": (lambda t: t.assign(porosity_total=t["cr_pct"] / 100), GOALS | CONSTRAINED),
    "wider bounds": (
        _first(am_pct=97.5),
        {"design": {"am_pct": {"min": 86, "max": 98}}},
    ),
}


@pytest.mark.parametrize("case", RIGHT)
def test_datasets_that_carry_a_fit_are_taken(case: str, tmp_path: Path) -> None:
    change, sections = RIGHT[case]
    config = _config(tmp_path, change)
    given = {**config["design"], **sections.get("design", {})}
    assert load({**config, **sections, "design": given}).design.dataset


def test_inputs_that_move_together_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import yaml

    config = tmp_path / "mine.yaml"
    text = "am_pct and sc_pct move together in"
    config.write_text(yaml.safe_dump(_config(tmp_path, lambda t: t)))
    assert main(["check", "--config", str(config)]) == 0
    assert text not in capsys.readouterr().out
    line = _config(tmp_path, lambda t: t.assign(sc_pct=45 + 2.6 * (t["am_pct"] - 86)))
    config.write_text(yaml.safe_dump(line))
    assert main(["check", "--config", str(config)]) == 0
    assert text in capsys.readouterr().out


@pytest.mark.parametrize(
    ("design", "expected"),
    [
        ({"slurries": 3, "conditions": 11}, ("design.conditions", "11 electrodes", "least 12")),
        ({"slurries": 2, "conditions": 4}, ("4 electrodes", "the target electrodes")),
        ({"slurries": 1, "conditions": 30}, ("am_pct", "in all electrodes")),
        (
            {"recipes": [{"am_pct": 90, "sc_pct": 60, "cr_pct": [0, 10]}]},
            ("design.recipes", "2 electrodes"),
        ),
        (
            {
                "recipes": [
                    {"am_pct": 90, "sc_pct": s, "cr_pct": [0, 10, 20]} for s in range(50, 60)
                ]
            },
            ("design.recipes", "am_pct is 90 in all electrodes"),
        ),
    ],
)
def test_designs_without_enough_electrodes_are_refused(
    design: dict[str, Any], expected: tuple[str, ...]
) -> None:
    with pytest.raises(InputError) as error:
        check_electrodes(Campaign.model_validate({**TINY, "design": design}))
    assert all(part in str(error.value) for part in expected)


def test_enough_electrodes_depend_on_what_is_kept_for_the_test() -> None:
    design = {"slurries": 3, "conditions": 12}
    check_electrodes(Campaign.model_validate({**TINY, "design": design}))
    with pytest.raises(InputError, match="at least 20"):
        check_electrodes(
            Campaign.model_validate({**TINY, "design": design, "surrogates": {"test_share": 0.5}})
        )


def test_check_tells_recipes_of_ones_own_and_refuses_a_design(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import yaml

    config = tmp_path / "few.yaml"
    recipes = [{"am_pct": 90, "sc_pct": 60, "cr_pct": [0]}]
    config.write_text(yaml.safe_dump({**TINY, "design": {"recipes": recipes}}))
    assert main(["check", "--config", str(config)]) == 0
    assert "too few for surrogates" in capsys.readouterr().out
    config.write_text(yaml.safe_dump({**TINY, "design": {"slurries": 3, "conditions": 9}}))
    assert main(["check", "--config", str(config)]) == 2
    assert f"{config}: design.conditions: 9 electrodes" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "needed"),
    [
        ((), True),
        (("--cores", "2", "--dry-run"), True),
        (("report",), True),
        (("--cores", "2", "electrodes"), False),
        (("flow_curves",), False),
        (("results/mine/slurries/S001/slurry.json",), False),
    ],
)
def test_targets_without_surrogates_need_no_electrodes(
    options: tuple[str, ...], *, needed: bool
) -> None:
    assert needs_surrogates(options) == needed


@pytest.mark.parametrize("number", [24, 25, 26])
def test_polynomials_of_many_inputs_need_as_many_electrodes(number: int) -> None:
    variables = {
        "set_carbon": {"key": "materials.cbd.carbon_to_binder_mass_ratio", "min": 1, "max": 2},
        "set_material": {
            "key": "materials.active_material.material",
            "choices": ["NMC111", "NMC622"],
        },
    }
    content: dict[str, Any] = {
        "campaign": "x",
        "design": {"slurries": 8, "conditions": number, "variables": variables},
        "surrogates": {"compare": ["polynomial"]},
    }
    campaign = Campaign.model_validate(content)
    if number == 26:  # 80 % of them are 21
        check_electrodes(campaign)
        return
    with pytest.raises(
        InputError, match=r"5 inputs, which have 21 coefficients; allowed: at least"
    ):
        check_electrodes(campaign)
    content["surrogates"] = {"compare": []}
    check_electrodes(Campaign.model_validate(content))
