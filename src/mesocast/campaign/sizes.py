"""How far the particles of a campaign's films are from what they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.simulation.composition import share_error_points, size_errors_pct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesocast.config.materials import ActiveMaterial
    from mesocast.simulation.composition import Composition


def told_sizes(active: ActiveMaterial, films: Sequence[Composition]) -> str:
    """Line on a named material, a size distribution or a blend; nothing on plain size classes.

    Parameters
    ----------
    active
        The active material.
    films
        The beads of each film.
    """
    is_distribution = bool(active.size_modes or active.kinds)
    if active.material is None and not is_distribution:
        return ""
    sizes = active.diameters_um
    told = f"\n{active.name}: {len(sizes)} size classes of {min(sizes):.3g} to {max(sizes):.3g} um"
    if is_distribution:
        errors = [size_errors_pct(active, film) for film in films]
        told += "; whole particles are off the size distribution by at most " + " and ".join(
            f"{max(abs(error[name]) for error in errors):.2g} % in {name}" for name in errors[0]
        )
    if active.kinds:
        points = max(share_error_points(active, film) for film in films)
        told += f", and a kind's share of the mass by {points:.2g} points"
    return told
