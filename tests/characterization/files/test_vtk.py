from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.characterization.files.vtk import write_vti
from mesocast.characterization.transport.properties import electronic_conduction, pore_transport
from mesocast.characterization.voxels import voxelize

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
