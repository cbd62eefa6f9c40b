"""Keys of a config by their path, as `drying.capillary_pressure_kPa`: read and changed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from mesocast.config.section import Bounds
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

# Sections that decide what is simulated or measured.
PHYSICS = (
    "materials",
    "force_fields",
    "slurry",
    "drying",
    "calendering",
    "characterization",
)


def value_at(
    content: dict[str, Any], key: str, where: str, sections: Sequence[str] = PHYSICS
) -> float:
    """Give the number that a key holds; a number in a path counts the values of a list from 0.

    Parameters and errors are those of `held_at`, and a key that holds no number is refused.
    """
    place = held_at(content, key, where, sections)
    if isinstance(place, bool) or not isinstance(place, (int, float)):
        raise InputError(f"{where}: {key} holds no number; allowed: a key that holds one")
    return place


def held_at(
    content: dict[str, Any], key: str, where: str, sections: Sequence[str] = PHYSICS
) -> Any:
    """Give what a key holds; a number in a path counts the values of a list from 0.

    Parameters
    ----------
    content
        What the config holds.
    key
        Its path.
    where
        Who asks, for the line that says what is wrong.
    sections
        Where the key may be.

    Raises
    ------
    InputError
        The key is not in the config, or is none of the physics.
    """
    first, *parts = key.split(".")
    if first not in sections or not parts:
        raise InputError(f"{where}: {key}: no coefficient; allowed: keys of {', '.join(sections)}")
    place = content[first]
    for part in parts:
        known = _below(place)
        if part not in known:
            told = ", ".join(known) or "nothing below"
            raise InputError(f"{where}: {key}: unknown key {part}; allowed here: {told}")
        place = place[int(part)] if isinstance(place, (list, tuple)) else place[part]
    return place


def _below(place: Any) -> list[str]:
    """Names of what is in a section, or numbers of what is in a list."""
    if isinstance(place, dict):
        return list(place)
    return [str(number) for number in range(len(place))] if isinstance(place, (list, tuple)) else []


def set_value(content: dict[str, Any], key: str, value: Any) -> None:
    """Change what a key holds; sections that are not there are made, lists are."""
    *parts, last = key.split(".")
    place: Any = content
    for part in parts:
        place = place[int(part)] if isinstance(place, list) else place.setdefault(part, {})
    if isinstance(place, list):
        place[int(last)] = value
    else:
        place[last] = value


def _metadata(annotation: Any) -> Sequence[Any]:
    return getattr(annotation, "__metadata__", ())


def possible_at(model: type[BaseModel], key: str) -> tuple[float, float]:
    """Lowest and highest value that a key of a section may have; infinite where there is no bound.

    A bound that is itself not allowed is moved by a millionth of the range.
    """
    metadata = _told_of(model, key)[1]
    bounds = next((one for one in metadata if isinstance(one, Bounds)), None)
    if bounds is None:
        return -math.inf, math.inf
    margin = 1e-6 * (bounds.high - bounds.low)
    return bounds.low + margin * bounds.above, bounds.high - margin * bounds.below


def words_at(model: type[BaseModel], key: str) -> tuple[str, ...]:
    """Words that a key of a section may have; none where it takes numbers, or any text."""
    annotation = _told_of(model, key)[0]
    kinds = (annotation, *get_args(annotation))
    return next((get_args(one) for one in kinds if get_origin(one) is Literal), ())


def _told_of(model: type[BaseModel], key: str) -> tuple[Any, Sequence[Any]]:
    """Type of a key of a section, and what is told of it besides."""
    annotation: Any = model
    metadata: Sequence[Any] = ()
    for part in key.split("."):
        if part.isdigit():
            annotation = next(one for one in get_args(annotation) if one is not Ellipsis)
            metadata = _metadata(annotation)
        else:  # a section, perhaps one that may be left out
            sections = (one for one in get_args(annotation) if hasattr(one, "model_fields"))
            field = next(sections, annotation).model_fields[part]
            annotation, metadata = field.annotation, field.metadata
            if not metadata:  # of a number that may be left out
                metadata = [m for one in get_args(annotation) for m in _metadata(one)]
    return annotation, metadata
