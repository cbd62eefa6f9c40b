"""Names of the methods that make a surrogate, without importing any of them."""

from __future__ import annotations

from importlib.metadata import entry_points

#: Group of entry points by which another package adds a `mesocast.surrogates.training.Method`.
METHODS_GROUP = "mesocast.surrogate_methods"

BUILT_IN = (
    "sisso",
    "polynomial",
    "gaussian_process",
    "operon",
    "pysr",
    "through_microstructure",
)


def method_names() -> tuple[str, ...]:
    """Methods of Mesocast and of the packages beside it."""
    added = (point.name for point in entry_points(group=METHODS_GROUP))
    return tuple(dict.fromkeys((*BUILT_IN, *added)))
