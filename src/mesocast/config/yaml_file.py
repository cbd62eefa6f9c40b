"""Reading a YAML file of a person's, and saying in one line what is wrong with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, get_args

import yaml
from pydantic import BaseModel

from mesocast.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import ValidationError


class _UniqueKeys(yaml.SafeLoader):
    """YAML's safe loader, which does not let the last of several equal keys win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        for place, name in enumerate(names):
            if name in names[:place]:
                line = node.value[place][0].start_mark.line + 1
                raise yaml.YAMLError(f"key {name} stands twice, again in line {line}")
        return super().construct_mapping(node, deep)


def read_yaml(
    path: Path,
    *,
    what: str = "the path of a campaign's YAML",
    holds: str = "keys and values as in config/README.md",
) -> dict[str, Any]:
    """Read keys and values.

    Parameters
    ----------
    path
        The file.
    what, holds
        What is allowed for the path and for what the file holds.

    Raises
    ------
    InputError
        The file is missing, broken or holds something else.
    """
    try:
        content = yaml.load(path.read_text(), _UniqueKeys)  # noqa: S506 - a safe loader
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; allowed: {what}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error
    except yaml.YAMLError as error:
        raise InputError(f"{path}: broken YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        kind = {list: "a list", type(None): "nothing"}.get(type(content), "a single value")
        raise InputError(f"{path}: holds {kind}; allowed: {holds}")
    return content


def first_error(error: ValidationError, model: type[BaseModel]) -> str:
    """Put pydantic's first finding in one line: key, value, what is allowed.

    Parameters
    ----------
    error
        What was found.
    model
        What was asked for.
    """
    finding = error.errors()[0]
    where = ".".join(str(part) for part in finding["loc"])
    if finding["type"] == "extra_forbidden":
        allowed = _allowed(model, finding["loc"][:-1])
        return f"{where}: unknown key; allowed here: {', '.join(allowed)}"
    if finding["type"] == "missing":
        return f"{where}: is missing; allowed: a value as in config/README.md"
    if finding["type"] in ("model_type", "dict_type"):
        allowed = _allowed(model, finding["loc"])
        return f"{where} = {finding['input']!r}: allowed: a section with {', '.join(allowed)}"
    if finding["type"] == "string_pattern_mismatch":
        further = " and . / +" if "./" in finding["ctx"]["pattern"] else ""
        return f"{where} = {finding['input']!r}: allowed: letters, digits, _ and -{further}"
    message = finding["msg"].removeprefix("Value error, ")
    if finding["type"] == "value_error":
        # A section may name a key inside of it.
        joint = "." if re.match(r"\w+\.[\w.]+( =|:)", message) else ": "
        return f"{where}{joint}{message}" if where else message
    return f"{where} = {finding['input']!r}: {message[0].lower()}{message[1:]}"


def _allowed(model: Any, location: tuple[int | str, ...]) -> list[str]:
    """Keys of the section at a location."""
    for part in location:
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        candidates = [annotation, *get_args(annotation)]
        sections = [c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)]
        if not sections:
            break
        model = sections[0]
    return list(model.model_fields)
