"""All that knows LAMMPS."""
