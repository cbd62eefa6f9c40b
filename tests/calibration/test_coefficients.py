"""Coefficients: keys of the config, on the unit cube and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.calibration.coefficients import Coefficients
from mesocast.campaign.checks import load
from mesocast.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

WET, DRY = (f"force_fields.{state}.cbd.epsilon_fJ_um" for state in ("consolidating", "dried"))
FRICTION = "force_fields.dried.hertz.friction"


def content(**coefficients: Any) -> dict[str, Any]:
    return {
        "campaign": "line",
        "electrode": {"mass_ug": 0.02},
        "cell": {"enabled": False},
        "calibration": {"coefficients": coefficients},
    }


def both() -> dict[str, Any]:
    return content(
        **{
            DRY: {"min": 5, "max": 80, "scale": "log", "also": [WET]},
            FRICTION: {"min": 0.05, "max": 0.45},
        }
    )


def test_a_point_of_the_cube_becomes_a_campaign_and_comes_back() -> None:
    coefficients = Coefficients(load(both()))
    values = coefficients.values([0.5, 0.25])
    assert values == pytest.approx({DRY: 20, FRICTION: 0.15})
    np.testing.assert_allclose(coefficients.unit(values), [0.5, 0.25], atol=1e-5)
    campaign = coefficients.apply(values, mass_ug=0.04)
    assert campaign.force_fields.dried.cbd.epsilon_fJ_um == pytest.approx(20)
    assert campaign.force_fields.consolidating.cbd.epsilon_fJ_um == pytest.approx(20)
    assert campaign.force_fields.dried.hertz.friction == pytest.approx(0.15)
    assert campaign.electrode.mass_ug == 0.04
    # What is not sought stays: contacts between active material have a section of their own.
    assert campaign.force_fields.dried.active_material_hertz is not None
    assert campaign.force_fields.dried.active_material_hertz.friction == 0.4


def test_what_it_writes_a_campaign_includes(tmp_path: Path) -> None:
    coefficients = Coefficients(load(both()))
    values = coefficients.values([0.3, 0.9])
    included = tmp_path / "coefficients.yaml"
    included.write_text(coefficients.text(values, dict.fromkeys(values, "+- 1")))
    mine: dict[str, Any] = content() | {"coefficients": str(included)}
    assert (
        load(mine).force_fields.model_dump() == coefficients.apply(values).force_fields.model_dump()
    )
    assert load(mine).physics("drying") == coefficients.apply(values).physics("drying")
    # Said once: a key in both places would leave one of them without effect.
    mine["force_fields"] = {"dried": {"hertz": {"friction": 0.2}}}
    with pytest.raises(InputError, match=r"gives force_fields\.dried\.hertz\.friction.*one of"):
        load(mine)
    with pytest.raises(InputError, match=r"coefficients: nowhere\.yaml: no such file"):
        load(content() | {"coefficients": "nowhere.yaml"})


@pytest.mark.parametrize(
    ("coefficients", "said"),
    [
        ({"design.slurries": {"min": 1, "max": 2}}, "no coefficient"),
        ({"force_fields.dried.hertz.frction": {"min": 0, "max": 1}}, "unknown key frction"),
        ({"force_fields.dried.hertz": {"min": 0, "max": 1}}, "holds no number"),
        ({FRICTION: {"min": 1, "max": 0}}, "min below max"),
        ({FRICTION: {"min": 0, "max": 1, "scale": "log"}}, "above 0"),
        ({FRICTION: {"min": -1, "max": 1}}, "allowed: at least 0"),
        ({FRICTION: {"min": 0, "max": 1, "also": [FRICTION]}}, "twice"),
    ],
)
def test_a_wrong_coefficient_is_said_in_one_line(coefficients: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        load(content(**coefficients))


def test_calibrated_conductivity_of_the_cbd_means_the_same_in_the_config_that_includes_it(
    tmp_path: Path,
) -> None:
    """Without its law, it would be what the bead conducts, and not what 60/40 of it would."""
    key = "materials.cbd.electronic_conductivity_S_m"
    own = content(**{key: {"min": 1, "max": 4}})
    own["materials"] = {"cbd": {"carbon_to_binder_mass_ratio": 1.0}}
    coefficients = Coefficients(load(own))
    calibrated = coefficients.apply({key: 3.0})
    included = tmp_path / "coefficients.yaml"
    included.write_text(coefficients.text({key: 3.0}, {key: "+- 1"}))
    del own["calibration"]
    assert load({**own, "coefficients": str(included)}).materials == calibrated.materials


def test_what_a_line_is_set_to_is_the_measured_table_s() -> None:
    own = both()
    own["design"] = {"recipes": [{"am_pct": 94, "sc_pct": 62, "cr_pct": [0]}]}
    own["calendering"] = {"to": {"gap_um": 40}}
    coefficients = Coefficients(load(own))
    assert coefficients.apply(coefficients.values([0.5, 0.5])).calendering.to is None
