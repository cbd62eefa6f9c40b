"""Reading a config: one line says what is wrong with it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from mesocast.config.campaign import Campaign
from mesocast.errors import InputError


class _UniqueKeys(yaml.SafeLoader):
    """YAML's safe loader, which does not let the last of several equal keys win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        for place, name in enumerate(names):
            if name in names[:place]:
                line = node.value[place][0].start_mark.line + 1
                raise yaml.YAMLError(f"key {name} stands twice, again in line {line}")
        return super().construct_mapping(node, deep)


def read_config(path: Path) -> Campaign:
    """Read a config and check each of its keys.

    Raises
    ------
    InputError
        One line that names file, key, value and what is allowed.
    """
    return check_content(with_coefficients(_read_yaml(path), str(path)), str(path))


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(), _UniqueKeys)  # noqa: S506 - a safe loader
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; allowed: the path of a campaign's YAML") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error
    except yaml.YAMLError as error:
        raise InputError(f"{path}: broken YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        kind = {list: "a list", type(None): "nothing"}.get(type(content), "a single value")
        raise InputError(f"{path}: holds {kind}; allowed: keys and values as in config/README.md")
    return content


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
        included = _read_yaml(Path(named))
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
        raise InputError(f"{where}: {_first_error(error)}") from error


def _first_error(error: ValidationError) -> str:
    """Put pydantic's first finding in one line: key, value, what is allowed."""
    finding = error.errors()[0]
    where = ".".join(str(part) for part in finding["loc"])
    if finding["type"] == "extra_forbidden":
        return f"{where}: unknown key; allowed here: {', '.join(_allowed(finding['loc'][:-1]))}"
    if finding["type"] == "missing":
        return f"{where}: is missing; allowed: a value as in config/README.md"
    if finding["type"] in ("model_type", "dict_type"):
        allowed = _allowed(finding["loc"])
        return f"{where} = {finding['input']!r}: allowed: a section with {', '.join(allowed)}"
    if finding["type"] == "string_pattern_mismatch":
        return f"{where} = {finding['input']!r}: allowed: letters, digits, _ and -"
    message = finding["msg"].removeprefix("Value error, ")
    if finding["type"] == "value_error":
        # A section may name a key inside of it.
        joint = "." if re.match(r"\w+\.[\w.]+( =|:)", message) else ": "
        return f"{where}{joint}{message}" if where else message
    return f"{where} = {finding['input']!r}: {message[0].lower()}{message[1:]}"


def _allowed(location: tuple[int | str, ...]) -> list[str]:
    """Keys of the section at a location of the config."""
    model: Any = Campaign
    for part in location:
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        candidates = [annotation, *get_args(annotation)]
        sections = [c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)]
        if not sections:
            break
        model = sections[0]
    return list(model.model_fields)
