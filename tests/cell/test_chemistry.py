"""BPX files: ours, the user's, and those that no cell can be made of."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from mesocast.cell.chemistry import default_chemistry, read_chemistry
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mesocast.cell.chemistry import Chemistry


def _write(tmp_path: Path, chemistry: Chemistry, change: Callable[[dict[str, Any]], None]) -> Path:
    content = copy.deepcopy(dict(chemistry.content))
    change(content["Parameterisation"])
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(content))
    return path


def test_our_file_is_that_of_the_published_cell() -> None:
    found = default_chemistry()

    assert found.capacity_Ah_m3("Positive electrode") / 4650 == pytest.approx(143.2, abs=0.05)
    full = found.potential_V("Positive electrode")(0.42424)
    charged = found.potential_V("Negative electrode")(0.75668)
    assert full - charged == pytest.approx(4.2, abs=2e-3)
    assert found.section("Cell")["Lower voltage cut-off [V]"] == 2.7


def test_every_value_has_a_source() -> None:
    found = default_chemistry()

    for section, values in found.content["Parameterisation"].items():
        for name in values:
            source = found.source_of(section, name)
            assert any(
                word in source
                for word in (
                    "2022",
                    "2008",
                    "2010",
                    "simulated",
                    "config",
                    "Parameterisation example",
                )
            ), (section, name, source)
    assert "Nyman" in found.source_of("Electrolyte", "Conductivity [S.m-1]")
    assert "Viswanathan" in found.source_of(
        "Positive electrode", "Entropic change coefficient [V.K-1]"
    )


def test_an_old_version_and_a_table_are_read(tmp_path: Path, chemistry: Chemistry) -> None:
    potential = chemistry.potential_V("Positive electrode")
    content = copy.deepcopy(dict(chemistry.content))
    state = content.pop("State")["Initial conditions"]
    content["Header"]["BPX"] = "0.4.0"
    parts = content["Parameterisation"]
    parts["Electrolyte"]["Initial concentration [mol.m-3]"] = state[
        "Initial electrolyte concentration [mol.m-3]"
    ]
    x = [0.01 * i for i in range(1, 100)]
    parts["Positive electrode"]["OCP [V]"] = {"x": x[::-1], "y": [potential(v) for v in x[::-1]]}
    path = tmp_path / "old.json"
    path.write_text(json.dumps(content))

    found = read_chemistry(path)

    assert found.potential_V("Positive electrode")(0.605) == pytest.approx(
        potential(0.605), abs=1e-3
    )
    assert found.capacity_Ah_m3("Positive electrode") == chemistry.capacity_Ah_m3(
        "Positive electrode"
    )
    assert found.source_of("Electrolyte", "Conductivity [S.m-1]") == found.title


@pytest.mark.parametrize(
    ("side", "name", "value", "words"),
    [
        ("Positive electrode", "OCP [V]", None, "OCP [V]"),
        ("Positive electrode", "Conductivity [S.m-1]", None, "Conductivity [S.m-1]"),
        ("Negative electrode", "Maximum stoichiometry", 1.2, "allowed: 0 <= minimum < maximum"),
        ("Positive electrode", "Minimum stoichiometry", 0.99, "from 0.99 to 0.9621"),
        ("Positive electrode", "Particle radius [m]", 0.0, "allowed: above 0"),
        ("Separator", "Porosity", 1.3, "Separator.Porosity = 1.3; allowed: between 0 and 1"),
        ("Electrolyte", "Cation transference number", 1.0, "allowed: 0 to below 1"),
    ],
)
def test_a_file_that_no_cell_can_be_made_of_is_one_line(
    tmp_path: Path, chemistry: Chemistry, side: str, name: str, value: float | None, words: str
) -> None:
    def change(parts: dict[str, Any]) -> None:
        if value is None:
            del parts[side][name]
        else:
            parts[side][name] = value

    path = _write(tmp_path, chemistry, change)
    with pytest.raises(InputError) as refused:
        read_chemistry(path)
    assert words in str(refused.value)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["{", "[1, 2]", '{"Header": {}}', '{"Header": {"BPX": "x"}}'])
def test_no_bpx_is_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text)
    with pytest.raises(InputError) as refused:
        read_chemistry(path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json: cannot be read"):
        read_chemistry(tmp_path / "none.json")
