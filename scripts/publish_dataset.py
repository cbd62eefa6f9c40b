"""Write a campaign's dataset with what it was made from, for others to use without simulating.

Takes the electrodes that are finished, so a campaign that still runs gives a smaller dataset.
``beads.parquet`` holds the beads of every electrode that is ok, as dried and as pressed, so that
`mesocast characterize --dataset` can measure them anew. ``datapackage.json`` also holds the
config, the physics and software versions of each stage,
the machines, and the processor time that the simulations took.

    python scripts/publish_dataset.py --config config/paper.yaml results/paper data/paper

``--release 2.0.0`` is the version of the dataset when it is whole (with 60 electrodes of more,
2.0.0-draft.60), and ``--before 1.0.0=COMMIT`` says by which commit of this repository the version
before stays reachable.

With ``--earlier FOLDER``, a dataset published before whose results are not at hand any more gives
the electrodes that these results do not have, and its cost and versions are added.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from mesocast.campaign.checks import check_results, load
from mesocast.campaign.costs import Costs
from mesocast.characterization.calendered import LEAST_IMPOSED_PCT
from mesocast.characterization.jobs import is_measured
from mesocast.cli.ending import ended
from mesocast.config.reading import check_content
from mesocast.dataset.beads import BEADS, Beads, films_of, write_beads
from mesocast.dataset.package import origin, write_dataset
from mesocast.errors import InputError
from mesocast.report.sections.provenance import recorded
from mesocast.storage.files import read_json, read_record, write_text
from mesocast.storage.layout import STAGES
from mesocast.storage.once import costs_of
from mesocast.storage.rows import gather, read_file

if TYPE_CHECKING:
    from mesocast.config.campaign import Campaign


# What a reader of the folder finds first.
_README = """# {title}

{description}

- `dataset.parquet`, `dataset.csv`: one row per electrode (recipe, seed, status, what was
  measured).
- `beads.parquet`: the beads of each film, as dried (`film` is the slurry) and as pressed (the
  electrode).
- `datapackage.json`: unit and meaning of each column; config, versions, hardware and cost;
  SHA-256 of the files.
- `ro-crate-metadata.json`: the same for archives.

Version {version}, {licence}. Cite it as: {authors}, *{title}*, version {version}, made with
Mesocast {mesocast}.
"""


def provenance(
    campaign: Campaign, costs: Costs, results: Path, measured: list[Path]
) -> dict[str, Any]:
    """Jobs of each stage, their processor time, their versions and machines.

    Raises
    ------
    InputError
        An electrode was measured by other physics than the campaign's.
    """
    known = [folder for folder in measured if any(folder.glob("work/characterization-*"))]
    for folder in known:
        if not is_measured(campaign, folder):
            raise InputError(
                f"{folder}: was not measured by the physics of today; allowed: results that the "
                "campaign leaves as they are"
            )
    slurries = {slurry.slurry_id for slurry in costs.plan.slurries}
    jobs = [job for job in costs.jobs(results) if job[1] in slurries]
    stages: dict[str, Any] = {}
    for stage in STAGES:
        folders = [folder for kind, _, folder in jobs if kind == stage]
        spent = [cost["cpu_s"] for folder in folders for cost in costs_of(folder, stage)]
        paths = [folder / f"{stage}.json" for folder in folders]
        records = [read_record(path, "provenance")["provenance"] for path in paths if path.exists()]
        stages[stage] = {
            "jobs": len(spent),
            "cpu_hours": round(sum(spent) / 3600, 3),
            **recorded(records),
            **({"last_finished": max(r["finished"] for r in records)} if records else {}),
        }
    if len(known) == len(measured):
        # A row has no record of its versions; its physics were just held against today's.
        stages["characterization"]["physics"] = [campaign.physics("characterization")]
    return stages


def joined(part: dict[str, Any], earlier: dict[str, Any]) -> dict[str, Any]:
    """Cost and versions of one stage for two parts of a dataset together."""
    lists = {
        name: sorted({*part.get(name, []), *earlier.get(name, [])})
        for name, value in {**earlier, **part}.items()
        if isinstance(value, list)
    }
    ends = [p["last_finished"] for p in (part, earlier) if "last_finished" in p]
    return {
        "jobs": part["jobs"] + earlier["jobs"],
        "cpu_hours": round(part["cpu_hours"] + earlier["cpu_hours"], 3),
        **lists,
        **({"last_finished": max(ends)} if ends else {}),
    }


def same_simulations(campaign: Campaign, provenance: dict[str, Any]) -> bool:
    """Whether an earlier dataset is of this campaign's recipes, seeds and physics."""
    before = check_content(provenance["campaign"], "the earlier dataset's datapackage.json")
    return (
        (before.seed, before.design, before.electrode)
        == (campaign.seed, campaign.design, campaign.electrode)
        and before.physics("characterization") == campaign.physics("characterization")
        and all(
            spent["physics"] == [campaign.physics(stage)]
            for stage, spent in provenance["stages"].items()
            if "physics" in spent
        )
    )


def main() -> int:
    """Read the words and publish."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("results", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--hardware", default="", help="what it was simulated on, in words")
    parser.add_argument("--author", action="append", default=[], help="whom to cite")
    parser.add_argument("--release", default="", help="version of the dataset, such as 2.0.0")
    parser.add_argument(
        "--before",
        action="append",
        default=[],
        metavar="VERSION=COMMIT",
        help="a version before, and the commit that holds it in the same folder",
    )
    parser.add_argument("--earlier", type=Path, help="a dataset published before, to complete")
    arguments = parser.parse_args()
    return ended(lambda: publish(arguments), results=arguments.results)


def _before(text: str) -> dict[str, str]:
    """Version and commit of an earlier dataset, as they stand in the data package."""
    version, _, commit = text.partition("=")
    if not re.fullmatch(r"[0-9a-f]{40}", commit):
        raise InputError(
            f"--before {text}: is no version and commit; allowed: as in 1.0.0=COMMIT, with all "
            "40 digits"
        )
    return {"version": version, "commit": commit}


def publish(arguments: argparse.Namespace) -> None:
    """Publish.

    Raises
    ------
    InputError
        The results are missing or are of another campaign, or the earlier dataset is none.
    """
    campaign = load(arguments.config)
    before = [_before(text) for text in arguments.before]
    if not arguments.results.is_dir():
        raise InputError(
            f"{arguments.results}: is not there; allowed: the results folder of a campaign"
        )
    check_results(campaign, arguments.results)
    results, folder = arguments.results, arguments.folder
    if arguments.earlier and arguments.earlier.resolve() == folder.resolve():
        # Published twice, its cost would be added twice.
        raise InputError(f"{folder}: is the earlier dataset; allowed: another folder")
    if arguments.earlier:
        path = arguments.earlier / "dataset.parquet"
        earlier = origin(path).get("provenance", {})
        if not {"campaign", "stages"} <= set(earlier):
            raise InputError(f"{path}: was not published; allowed: a folder of this script")
        if not same_simulations(campaign, earlier):
            raise InputError(f"{path}: has other recipes or physics than {arguments.config}")
    costs = Costs(campaign)
    names = [c.condition_id for c in costs.plan.conditions]
    paths = [results / "conditions" / name / "properties.json" for name in names]
    found = [path for path in paths if path.exists()]
    if not found:
        raise InputError(f"{results}: holds no electrode yet; allowed: one that is done")
    table = gather(found)
    stages = provenance(campaign, costs, results, [path.parent for path in found])
    if arguments.earlier:
        kept = read_file(path)
        table = pd.concat([table, kept[~kept["condition_id"].isin(table["condition_id"])]])
        table = table.sort_values("condition_id", ignore_index=True)
        stages = {stage: joined(stages[stage], earlier["stages"][stage]) for stage in STAGES}
    # Rows that were measured before this rule.
    table.loc[table["cr_imposed_pct"] < LEAST_IMPOSED_PCT, "springback_pct"] = None
    folder.mkdir(parents=True, exist_ok=True)
    beads = arguments.earlier / BEADS if arguments.earlier else None
    write_beads(
        films_of(results, table, Beads(beads) if beads and beads.exists() else None),
        folder / BEADS,
    )
    is_whole = len(table) == len(names)
    release = arguments.release
    if release and not is_whole:  # its rows are not those of the release yet
        release = f"{release}-draft.{len(table)}"
    licence = {"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}
    share = "All" if is_whole else f"{len(table)} of"
    slurries, recipes = (
        table["slurry_id"].nunique(),
        len(table[["am_pct", "sc_pct"]].value_counts()),
    )
    description = (
        f"{share} {len(names)} lithium-ion battery electrodes simulated from recipe to "
        f"microstructure: {slurries} films of {recipes} recipes, of "
        f"{campaign.electrode.mass_ug:g} ug each, periodic in their plane."
    )
    write_dataset(
        table,
        folder,
        campaign=campaign.campaign,
        more={
            "description": description,
            **({"version": release} if release else {}),
            **({"earlier_versions": before} if before else {}),
            **(
                {"contributors": [{"title": n, "role": "author"} for n in arguments.author]}
                if arguments.author
                else {}
            ),
            "licenses": [licence],
            "provenance": {
                "hardware": arguments.hardware,
                "campaign": campaign.model_dump(mode="json"),
                "electrodes": {"simulated": len(table), "of_the_design": len(names)},
                "stages": stages,
            },
        },
    )
    told = read_json(folder / "datapackage.json")
    readme = _README.format(
        title=told["title"],
        description=description,
        version=release or "not told",
        licence=f"[{licence['name']}]({licence['path']})",
        authors=", ".join(arguments.author) or "those who ran the campaign",
        mesocast=told["mesocast_version"],
    )
    write_text(folder / "README.md", readme)
    hours = sum(stage["cpu_hours"] for stage in stages.values())
    print(f"{folder}: {len(table)} of {len(names)} electrodes, {hours:.1f} CPU-hours")


if __name__ == "__main__":
    sys.exit(main())
