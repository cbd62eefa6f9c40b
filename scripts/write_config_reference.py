"""Write the JSON schemas and the reference of all config keys from the package's models."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesocast.columns import Properties
from mesocast.config.campaign import Campaign
from mesocast.storage.markdown import table

if TYPE_CHECKING:
    from pydantic import BaseModel

ROOT = Path(__file__).parents[1]
HEAD = """# Config

A campaign is one YAML file. `campaign` is the only key that must be there; every other has a
default, which is the published campaign's where there is one. A section that changes one key keeps
the defaults of its other keys. Unknown keys are refused.
Units are at the end of each name: `um`, `ug`, `us`, `ns`, `pct` (per cent), `kPa`, `m_s` (m/s),
`fJ_um` (fJ/um), `S_m` (S/m), `g_cm3` (g/cm3), `mg_cm2` (mg/cm2).

- `demo.yaml`: minutes on two cores.
- `demo-rounds.yaml`: the same with two rounds of further electrodes.
- `demo-calibration.yaml`: `mesocast calibrate` on a synthetic table, in minutes.
- `published-line.yaml`: `mesocast calibrate` on five measured uncalendered films, 180 small films.
- `demo-variables.yaml`: six variables in place of three, at the demo's size.
- `graphite.yaml`: another material at the demo's size.
- `paper.yaml`: the published campaign at full size.
- `example.yaml`: equations and best recipe of the open dataset, without a simulation.
- `paper-optimum.yaml`: the same with all surrogates, and the best recipes are simulated.
- `validation.yaml`: the electrodes with published numbers, at full size.
- `liu-2023.yaml`: nine electrodes with measured porosity and conductivity, at full size.
- `viscosity.yaml`: the slurries of measured viscosity.

Materials that a campaign may name (`materials.active_material.material`) are in the
package, `src/mesocast/config/materials/`, where an installed Mesocast finds them too;
`mesocast materials` lists them.

This page is written by `make schemas` from the models in `src/mesocast` (`config/` holds the
whole); a test fails when it is not up to date. So is the schema that editors read
(`workflow/schemas/campaign.schema.json`).

"""
LIMITS = (
    ("exclusiveMinimum", "above {}"),
    ("minimum", "at least {}"),
    ("exclusiveMaximum", "below {}"),
    ("maximum", "at most {}"),
)


def schemas() -> dict[str, str]:
    """Text of each schema by file name."""
    models: dict[str, type[BaseModel]] = {"campaign": Campaign, "properties": Properties}
    return {
        f"{name}.schema.json": json.dumps(model.model_json_schema(), indent=2) + "\n"
        for name, model in models.items()
    }


def reference() -> str:
    """Text of config/README.md."""
    defaults = Campaign(campaign="name").model_dump(mode="json")
    schema = Campaign.model_json_schema()
    rows = _rows(schema, schema["$defs"], defaults, "")
    return HEAD + "\n".join(table(("key", "what it is", "allowed", "default"), rows)) + "\n"


def _rows(
    section: dict[str, Any], definitions: dict[str, Any], defaults: Any, prefix: str
) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for name, key in section["properties"].items():
        target = _resolve(key, definitions)
        default = defaults.get(name)  # what is not asked for is not written
        if "properties" in target and default is not None:
            rows += _rows(target, definitions, default, f"{prefix}{name}.")
            continue
        shown = "(required)" if prefix + name == "campaign" else f"`{json.dumps(default)}`"
        text = re.sub(r"\s+", " ", key.get("description", ""))
        rows.append((f"`{prefix}{name}`", text, _allowed(target), shown))
    return rows


def _resolve(key: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference to another section."""
    if "$ref" in key:
        return dict(definitions[key["$ref"].rsplit("/", 1)[1]])
    # A section that may be left out.
    section = next((choice for choice in key.get("anyOf", []) if "$ref" in choice), None)
    return _resolve(section, definitions) if section else key


def _allowed(key: dict[str, Any]) -> str:
    if "enum" in key:
        return ", ".join(f"`{value}`" for value in key["enum"])
    limits = ", ".join(text.format(f"{key[word]:.10g}") for word, text in LIMITS if word in key)
    if "const" in key.get("not", {}):
        limits += f", not {key['not']['const']}"
    items = "sections" if "$ref" in key.get("items", {}) else "numbers"
    kind = {"integer": "whole number", "number": "number", "array": f"list of {items}"}.get(
        key.get("type", ""), ""
    )
    if items := key.get("items", {}).get("enum"):
        return "list of " + ", ".join(f"`{value}`" for value in items)
    if key.get("type") == "string":
        return "letters, digits, `_` and `-`" if "pattern" in key else "text"
    if "properties" in key:
        return "`null`, or " + ", ".join(f"`{name}`" for name in key["properties"])
    if key.get("type") == "object":
        return _allowed_sections(key)
    return f"{kind} {limits}".strip()


def _allowed_sections(key: dict[str, Any]) -> str:
    others = key.get("additionalProperties") or {}
    if "Coefficient" in others.get("$ref", ""):
        return "sections with `min`, `max`, and perhaps `scale` (`linear`, `log`) and `also` (keys)"
    if others.get("type") == "string":
        return "formulas, by key"
    if any("OwnVariable" in one["$ref"] for one in key.get("patternProperties", {}).values()):
        return (
            "sections with `key`, and `min` and `max` or `levels`, and perhaps `resolution` and "
            "`tolerance`"
        )
    if "enum" not in key.get("propertyNames", {}):
        return "sections with `min`, `max` or both"
    return (
        "sections, named like columns, with `direction` (`minimize`, `maximize`) and `weight` (at "
        "least 0)"
    )


def main() -> None:
    """Write all files."""
    for name, text in schemas().items():
        (ROOT / "workflow/schemas" / name).write_text(text)
    (ROOT / "config/README.md").write_text(reference())


if __name__ == "__main__":
    main()
