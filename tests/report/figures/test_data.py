from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.report.figures.data import against_compression, scatter_matrix

if TYPE_CHECKING:
    from mesocast.report.results import Results


def test_one_line_per_slurry_ordered_by_compression(results: Results) -> None:
    figure = against_compression(
        results.simulated, results.confirmed, "density_g_cm3", (86.0, 96.0)
    )
    lines = [trace for trace in figure.data if trace.mode == "lines+markers"]
    assert {line.name for line in lines} == set(results.simulated["slurry_id"])
    assert sum(len(line.x) for line in lines) == len(results.simulated)
    assert all(list(line.x) == sorted(line.x) for line in lines)
    assert figure.layout.yaxis.title.text == "Density (g/cm³)"


def test_optimum_is_marked_when_it_has_a_result(results: Results, unverified: Results) -> None:
    def marks(found: Results) -> list[list[float]]:
        figure = against_compression(
            found.simulated, found.confirmed, "porosity_bulk", (86.0, 96.0)
        )
        return [list(t.y) for t in figure.data if t.name == "simulated at the optimum"]

    assert marks(results) == [results.confirmed["porosity_bulk"].tolist()]
    assert marks(unverified) == []


def test_matrix_holds_each_column_of_all_electrodes(results: Results) -> None:
    figure = scatter_matrix(results.simulated, {"sc_pct": "SC", "density_g_cm3": "ρ"})
    (matrix,) = figure.data
    assert [d.label for d in matrix.dimensions] == ["SC", "ρ"]
    for dimension, column in zip(matrix.dimensions, ("sc_pct", "density_g_cm3"), strict=True):
        assert list(dimension["values"]) == results.simulated[column].tolist()
    assert list(matrix.marker.color) == results.simulated["cr_pct"].tolist()
