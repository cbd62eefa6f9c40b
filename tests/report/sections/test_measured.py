from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mesocast.campaign.checks import load
from mesocast.config.campaign import Campaign
from mesocast.errors import InputError
from mesocast.report.blocks import Figure, Notice, Row, Table
from mesocast.report.results import Results
from mesocast.report.sections import answer, measured

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def with_measured(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Results:
    path = tmp_path_factory.mktemp("lab") / "coupons.csv"
    rows = [f"{am},60,{cr},{2.1 + 0.03 * cr:.2f}" for am, cr in ((88, 5), (91, 20), (95, 35))]
    path.write_text("\n".join(["am_pct,sc_pct,cr_pct,tortuosity_factor", *rows, ""]))
    content = results.campaign.model_dump()
    content["verification"]["measured"] = str(path)
    return Results(Campaign.model_validate(content), results.folder)


def test_without_measurements_there_is_no_section(results: Results) -> None:
    assert measured.build(results) is None


def test_the_section_shows_bias_parity_and_the_corrected_optimum(with_measured: Results) -> None:
    section = measured.build(with_measured)
    assert section is not None
    bias, optimum = (block for block in section.blocks if isinstance(block, Table))
    found = with_measured.measured
    assert found is not None
    assert bias.rows[0][:2] == ("Tortuosity factor", "3")
    assert optimum.rows[0][0] == "Objective"
    assert len(optimum.rows) == 1 + len(found.corrected.predicted)
    (row,) = (block for block in section.blocks if isinstance(block, Row))
    (figure,) = row.blocks
    assert isinstance(figure, Figure)
    assert list(figure.figure.data[0].y) == [2.25, 2.7, 3.15]


def test_the_answer_says_where_measurements_move_the_optimum(with_measured: Results) -> None:
    found = with_measured.measured
    assert found is not None
    (notice,) = (b for b in answer.build(with_measured).blocks if isinstance(b, Notice))
    said = "AM {am_pct:g} %, SC {sc_pct:g} %, CR {cr_pct:g} %".format(**found.corrected.parameters)
    assert notice.remarks[0].startswith("3 measured electrodes, as the equations")
    assert said in notice.remarks[0]


def test_a_table_that_is_none_is_found_before_any_job(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("am_pct,sc_pct,porosity_total\n92,60,41\n")
    with pytest.raises(InputError, match=r"config: verification\.measured: .*porosity_total = 41"):
        load({"campaign": "x", "verification": {"measured": str(path)}})
