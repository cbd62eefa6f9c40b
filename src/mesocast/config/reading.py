"""Reading a config: one line says what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mesocast.config.campaign import Campaign
from mesocast.config.yaml_file import first_error, read_yaml
from mesocast.errors import InputError


def read_config(path: Path) -> Campaign:
    """Read a config and check each of its keys.

    Raises
    ------
    InputError
        One line that names file, key, value and what is allowed.
    """
    return check_content(with_coefficients(read_yaml(path), str(path)), str(path))


def with_coefficients(content: dict[str, Any], where: str) -> dict[str, Any]:
    """Lay the file that a config names by ``coefficients`` under it.

    Parameters
    ----------
    content
        What the config holds.
    where
        Its place, for the line that says what is wrong.

    Raises
    ------
    InputError
        The file is missing or broken, or both give the same key.
    """
    named = content.get("coefficients")
    if not isinstance(named, str):  # nothing, or what the check of the keys refuses
        return content
    try:
        included = read_yaml(Path(named))
        return _united(included, content, named, ())
    except InputError as error:
        raise InputError(f"{where}: coefficients: {error}") from error


def _united(
    included: dict[str, Any], content: dict[str, Any], named: str, above: tuple[str, ...]
) -> dict[str, Any]:
    united = dict(content)
    for key, value in included.items():
        keys = (*above, str(key))
        if key not in content:
            united[key] = value
        elif isinstance(value, dict) and isinstance(content[key], dict):
            united[key] = _united(value, content[key], named, keys)
        else:
            raise InputError(
                f"{named} gives {'.'.join(keys)}, and so does the config; allowed: one of them"
            )
    return united


def check_content(content: dict[str, Any], where: str) -> Campaign:
    """Check what a config holds.

    Raises
    ------
    InputError
        One line that names place, key, value and what is allowed.
    """
    try:
        return Campaign.model_validate(content)
    except ValidationError as error:
        raise InputError(f"{where}: {first_error(error, Campaign)}") from error
