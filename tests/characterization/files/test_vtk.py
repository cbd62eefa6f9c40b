from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mesocast.characterization.files.vtk import vti_bytes, write_vti
from mesocast.characterization.transport.properties import electronic_conduction, pore_transport
from mesocast.characterization.voxels import VoxelImage, voxelize

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.electrode import Electrode


def test_the_reader_that_paraview_uses_gets_every_field(packing: Electrode, tmp_path: Path) -> None:
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkIOXML import vtkXMLImageDataReader

    image = voxelize(packing, 0.4, 8.0)
    pores = pore_transport(image, "aperture", electrode=packing).solution.field
    solid = electronic_conduction(image, 0.01, 5.0).field
    assert pores is not None
    assert solid is not None
    write_vti(tmp_path / "fields.vti", image, {"pore": pores, "solid": solid})
    assert [path.name for path in tmp_path.iterdir()] == ["fields.vti"]

    reader = vtkXMLImageDataReader()
    reader.SetFileName(str(tmp_path / "fields.vti"))
    reader.Update()
    grid = reader.GetOutput()
    nx, ny, nz = image.labels.shape
    assert grid.GetDimensions() == (nx + 1, ny + 1, nz + 1)
    np.testing.assert_allclose(grid.GetSpacing(), image.voxel_size_um)
    cells = grid.GetCellData()
    read = {
        cells.GetArrayName(number): vtk_to_numpy(cells.GetArray(number))
        for number in range(cells.GetNumberOfArrays())
    }
    assert read.keys() == {
        "phase",
        "pore_potential",
        "pore_flux",
        "solid_potential",
        "solid_flux",
    }
    np.testing.assert_array_equal(read["phase"].reshape((nx, ny, nz), order="F"), image.labels)
    potential = read["solid_potential"].reshape((nx, ny, nz), order="F")
    np.testing.assert_array_equal(np.isnan(potential), ~solid.conducting)
    np.testing.assert_array_equal(
        read["pore_flux"].reshape((nx, ny, nz, 3), order="F"), pores.flux()
    )


@pytest.mark.parametrize("layers", [1, 15, 16, 17, 32, 40])
def test_any_number_of_layers(layers: int, tmp_path: Path) -> None:
    """Layers are compressed in blocks of 16, of which the last may be smaller."""
    import pyvista

    labels = np.random.default_rng(layers).integers(0, 4, (3, 5, layers), dtype=np.uint8)
    write_vti(tmp_path / "a.vti", VoxelImage(labels, (0.1, 0.25, 1 / 3)), {})
    grid = pyvista.read(tmp_path / "a.vti")
    assert grid.spacing == (0.1, 0.25, 1 / 3)
    np.testing.assert_array_equal(
        grid.cell_data["phase"].reshape((3, 5, layers), order="F"), labels
    )


def test_a_fault_of_the_disk_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Network disks say only at the end that a quota is reached."""

    def full(_number: int) -> None:
        raise OSError(122, "Disk quota exceeded")

    (tmp_path / "a.vti").write_text("earlier")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="quota"):
        write_vti(tmp_path / "a.vti", VoxelImage(np.zeros((4, 4, 4), np.uint8), (1, 1, 1)), {})
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("a.vti", "earlier")]


def test_the_size_is_known_before(packing: Electrode, tmp_path: Path) -> None:
    image = voxelize(packing, 0.4, 8.0)
    field = electronic_conduction(image, 0.01, 5.0).field
    assert field is not None
    write_vti(tmp_path / "a.vti", image, {"solid": field})
    size = (tmp_path / "a.vti").stat().st_size
    assert 0.2 * vti_bytes(image.labels.size, 1) < size < vti_bytes(image.labels.size, 1)
