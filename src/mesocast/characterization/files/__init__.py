"""What people bring: stacks of voxels in many formats, and spheres of other programs."""
