"""The answer: the recipe to make next, and whether simulations confirm it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesocast.columns import is_variable, name_of, with_unit
from mesocast.columns.variables import told_value
from mesocast.optimization.asked import limits_of, meeting
from mesocast.report.blocks import Headline, Notice, Section, Table, Tile, Tiles
from mesocast.report.numbers import count, fixed, number, percent, quantity, setting_unit
from mesocast.report.sections import flat
from mesocast.report.sections.measured import moved_optimum
from mesocast.report.sections.optimum import better_than
from mesocast.report.sections.weighing import weighed_and_set
from mesocast.surrogates.predict import is_near_data
from mesocast.surrogates.region import collinear

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mesocast.optimization.optimum.result import Optimum
    from mesocast.report.blocks import Block
    from mesocast.report.results import Results
    from mesocast.verification.verdict import Verdict


# A property that is better than in fewer electrodes than these is given up.
_SACRIFICED = 0.1
_COMPARED = ("Predicted", "95 % interval", "Verified, mean", "Verified, each seed", "Deviation")


def build(results: Results) -> Section:
    """Write the section."""
    verdict, optimum = results.verdict, results.optimum
    tiles = [
        Tile(
            name_of(name),
            f"{verdict.recipe.values[name]:g}{setting_unit(name)}",
            _tolerance(results, name),
        )
        for name in optimum.bounds_pct
    ]
    tiles += [
        Tile(name_of(name), str(verdict.recipe.values[name]), f"chosen among {', '.join(words)}")
        for name, words in optimum.choices.items()
    ]
    tiles += _costs(results)
    others = results.simulated["objective"]
    tiles += [
        Tile("Objective, predicted", number(optimum.objective, 3), f"of {optimum.recipe.label}"),
        Tile(
            "Objective, simulated",
            number(verdict.best_objective if verdict.electrode else verdict.verified_mean, 3),
            f"0 is best; the {count(len(others), 'electrode')} of the dataset: "
            f"{number(float(others.min()), 3)} to {number(float(others.max()), 3)}, "
            f"half of them below {number(float(others.median()), 3)}",
        ),
    ]
    blocks: list[Block] = [
        Headline(_sentence(verdict)),
        Tiles(tuple(tiles)),
        *([Notice(doubts)] if (doubts := _doubts(results)) else []),
        weighed_and_set(results),
        _comparison(results),
        *([_extremes(results)] if results.verification.get("extremes") else []),
    ]
    return Section("answer", "The answer", blocks)


def _tolerance(results: Results, name: str) -> str:
    low, high = results.searched_pct[name]
    tolerance = results.campaign.tolerance[name]
    as_good = "" if results.verdict.electrode else flat.as_good(results, name)
    return (
        f"{as_good}{'; ' if as_good else ''}a line meets it to ±{tolerance:g}; searched {low:g} to "
        f"{high:g}"
    )


def _costs(results: Results) -> list[Tile]:
    """What the recipe to make gives and gives up: each property beside all electrodes."""
    chosen, tiles = results.chosen, []
    for name in results.campaign.targets:
        is_made = not chosen.empty
        value = float(chosen[name].mean()) if is_made else results.optimum.predicted[name]
        better = better_than(results, name, value)
        worst = " (sacrificed)" if better < _SACRIFICED else ""
        tiles.append(
            Tile(
                with_unit(name),
                number(value, 3),
                f"{'simulated' if is_made else 'predicted'}; better than {100 * better:.0f} % of "
                f"the electrodes{worst}",
            )
        )
    return tiles


def _sentence(verdict: Verdict) -> str:
    """Say which recipe to make, whether it is confirmed, and what to simulate next if not."""
    several = f", mean of {verdict.best_made}" if verdict.best_made > 1 else ""
    best = ""
    if verdict.electrodes:
        best = f"{verdict.best_electrode}, {number(verdict.best_objective, 3)}{several}"
    others = count(verdict.electrodes, "other electrode")
    seeds = count(len(verdict.verified), "simulated electrode")
    mean = number(verdict.verified_mean, 3)
    spread = "" if verdict.noise is None else f" ± {number(verdict.noise, 2)}"
    found = f"simulated {mean}{spread} ({seeds}), predicted {number(verdict.predicted, 3)}"
    made = f"Make {verdict.recipe.label}"
    if not verdict.electrode:
        if verdict.standing == "unverified":
            return (
                f"{made}, if a simulation confirms it: the equations like it best (objective "
                f"{number(verdict.predicted, 3)}), but it was not simulated; do that next "
                "(verification.seeds)."
            )
        if not verdict.electrodes:
            own = f", nor do its own on {_names(verdict.missed)}" if verdict.missed else ""
            return f"{made}: {found}; no other electrode meets the constraints{own}."
        if verdict.noise is None:
            return f"{made}: {found}, not worse than the best of {others} ({best})."
        if verdict.standing == "confirmed":
            return f"{made}: confirmed; {found}, better than the best of {others} ({best})."
        return f"{made}: as good as the best of {others} ({best}) within the seeds' noise; {found}."
    reason = (
        "the equations' recipe was not simulated and promises less"
        if verdict.standing == "unverified"
        else f"the equations' recipe is not better; {found}"
        if verdict.standing == "level"
        else f"the equations' recipe failed its check; {found}"
    )
    if verdict.missed:
        reason += f", and its electrodes miss the constraint on {_names(verdict.missed)}"
    further = "" if several else " It is a single electrode: simulate it with further seeds next."
    return (
        f"{made}: electrode {verdict.electrode}, the best of {verdict.electrodes} that were "
        f"simulated (objective {number(verdict.best_objective, 3)}{several}); {reason}.{further}"
    )


def _names(columns: Iterable[str]) -> str:
    return " and ".join(name_of(name).lower() for name in columns)


def _compared(compared: dict[str, Any]) -> tuple[str, ...]:
    """Cells of one property: prediction, interval, mean, each seed, deviation."""
    mean, spread = compared["simulated_mean"], compared["simulated_standard_deviation"]
    return (
        number(compared["predicted"]),
        " to ".join(number(end) for end in compared["interval"]),
        number(mean) if spread is None else f"{number(mean)} ± {number(spread, 2)}",
        ",\n".join(map(number, compared["simulated"])) or "–",
        percent(compared["deviation_pct"], signed=True),
    )


def _electrodes(verification: dict[str, Any]) -> str:
    return (
        ", ".join(
            f"{electrode['condition_id']} (seed {electrode['seed']})"
            for electrode in verification["electrodes"]
        )
        or "nothing"
    )


def _comparison(results: Results) -> Table:
    definition, verification = results.optimum.objective_definition, results.verification
    rows = []
    for name in results.campaign.targets:
        goal = definition.goals.get(name)
        rows.append(
            (
                with_unit(name),
                "not in the objective" if goal is None else f"{goal.wanted} ({goal.weight:g})",
                *_compared(verification["properties"][name]),
                percent(results.surrogates[name].test.rmse_pct),
            )
        )
    return Table(
        "Predicted and verified properties at the optimum",
        "The interval holds 95 % of the simulated electrodes that other fits of the equation did "
        "not see; an electrode outside of it is a miss. The deviation is the prediction over the "
        f"mean of the simulations, minus 1; ± is one standard deviation over seeds. "
        f"Simulated: {_electrodes(verification)}.",
        "optimum.json, verification.json, surrogates/",
        ("Property", "Goal (weight)", *_COMPARED, "Test error of the equation"),
        tuple(rows),
    )


def _extremes(results: Results) -> Table:
    extremes = results.verification["extremes"]
    return Table(
        "Predicted and verified properties at the recipes best in one property alone",
        f"There the equations reach furthest, so they err there first: {_named(results)}, "
        "each property as above. Simulated: "
        f"{', '.join(map(_electrodes, extremes.values()))}.",
        "extremes/<property>.json, verification.json",
        ("Best in: recipe", "Property", *_COMPARED),
        tuple(
            (
                f"{name_of(best)}: {'/'.join(map(told_value, found['parameters'].values()))}",
                with_unit(name),
                *_compared(found["properties"][name]),
            )
            for best, found in extremes.items()
            for name in results.campaign.targets
        ),
    )


def _named(results: Results) -> str:
    """Numbers of a recipe in their order, with their units."""
    own = [name for name in results.optimum.parameters if is_variable(name)]
    return ", ".join(["AM, SC and CR in percent", *map(with_unit, own)])


def _doubts(results: Results) -> tuple[str, ...]:
    """What a reader must know before they trust the recipe."""
    optimum = results.optimum
    doubts: list[str] = [
        *moved_optimum(results),
        *_not_allowed(optimum),
        *_missed(results),
        *_constraints_missed(results),
    ]
    for where, found in results.compared.items():
        lost = [row for row in found["electrodes"] if row["status"] != "ok"]
        if lost:
            doubts.append(
                f"{len(lost)} of {len(found['electrodes'])} electrodes simulated at {where} "
                f"failed: {'; '.join(_lost(row) for row in lost)}."
            )
    if not results.verdict.verified:
        why = (
            "no simulation of it has a result"
            if results.verification["electrodes"]
            else "verification.seeds is 0 in the config, so it was not simulated"
        )
        doubts.append(f"The optimum is not verified: {why}.")
    for name, bounds in optimum.bounds_pct.items():
        value = optimum.numbers[name]
        if value in bounds:
            doubts.append(
                f"{name_of(name)} lies at a bound of the search ({value:g}{setting_unit(name)}): a "
                "better recipe may lie outside."
            )
    for name in optimum.objective_definition.goals:
        value, simulated = optimum.predicted[name], results.simulated[name]
        low, high = float(simulated.min()), float(simulated.max())
        if not low <= value <= high:
            doubts.append(
                f"{name_of(name)}: the prediction at the optimum ({quantity(name, value)}) is "
                f"outside of what was simulated ({number(low)} to {quantity(name, high)}); it is "
                "an extrapolation."
            )
    doubts += [*_away_from_the_data(results), *_not_predictive(results)]
    doubts += [*_sacrificed(results), *_outside_its_resampling(results)]
    if doubts and results.verdict.electrode:
        doubts.append("All this is said of the equations' recipe, which is not the one above.")
    return tuple(doubts)


def _away_from_the_data(results: Results) -> list[str]:
    """Say where the equations know little: the optimum's recipe, and inputs that move together."""
    names = tuple(results.optimum.bounds_pct)
    rows = results.dataset[results.dataset["status"] == "ok"][list(names)].to_numpy(float)
    doubts = []
    if together := collinear(rows, names):
        doubts.append(
            f"{' and '.join(map(name_of, together))} move together in the dataset: no equation can "
            "tell what is due to which."
        )
    if not is_near_data(results.surrogates, results.optimum.parameters):
        doubts.append(
            "The optimum lies away from the electrodes that the equations were fitted to: what is "
            "predicted there is a guess."
        )
    return doubts


def _sacrificed(results: Results) -> list[str]:
    """Properties that the recipe gives up: worse than nine tenths of the range."""
    optimum = results.optimum
    return [
        f"{name_of(name)} is sacrificed: {quantity(name, optimum.predicted[name])}, as predicted, "
        f"lies in the worst tenth of {'the goal range' if goal.span else 'what was simulated'}."
        for name, goal in optimum.objective_definition.goals.items()
        if float(optimum.objective_definition.distance(name, optimum.predicted[name])) > 0.9
    ]


def _outside_its_resampling(results: Results) -> list[str]:
    """Parameters that other fits of the same equations would choose otherwise."""
    spread = results.robustness.over_slurries.parameters_percentiles95
    return [
        f"{name_of(name)}: equations fitted to other slurries choose {low:.3g} to "
        f"{high:.3g}{setting_unit(name)}, and not {value:g}{setting_unit(name)}."
        for name in results.optimum.bounds_pct
        for value in (results.optimum.numbers[name],)
        for low, high in (spread[name],)
        for step in (results.optimum.resolution_pct[name],)
        # Optima that lie within the step of a machine are the same recipe.
        if not low - step <= value <= high + step
    ]


def _missed(results: Results) -> list[str]:
    """Properties whose simulations lie outside of the interval of the prediction, by recipe."""
    remarks = []
    for where, verification in results.compared.items():
        misses = [
            f"{name_of(name).lower()} ({compared['outside']} of {len(compared['simulated'])} "
            f"electrodes outside of the interval; simulated "
            f"{quantity(name, compared['simulated_mean'])}, predicted "
            f"{number(compared['predicted'])}, {percent(compared['deviation_pct'], signed=True)})"
            for name, compared in verification["properties"].items()
            if compared["outside"]
        ]
        if misses:
            remarks.append(f"The prediction at {where} missed {', '.join(misses)}.")
    return remarks


def _not_allowed(optimum: Optimum) -> list[str]:
    """Constraints that the recipe misses."""
    allowed = "/".join(map(told_value, optimum.exact.parameters.values()))
    why = (
        f"No recipe in the steps of a line meets all constraints; {allowed} does, and this one, "
        "rounded,"
        if optimum.is_rounding_to_blame
        else "No recipe meets all constraints; this one comes nearest and"
    )
    return [
        f"{why} misses that on {name_of(name).lower()}."
        for name, constraint in optimum.constraints.items()
        if not constraint.is_met
    ]


def _constraints_missed(results: Results) -> list[str]:
    """Constraints that electrodes simulated at the optimum miss."""
    remarks = []
    for name, limits in limits_of(results.campaign).items():
        made = results.confirmed
        missed = len(made) - len(meeting(made, {name: limits}))
        if missed:
            remarks.append(
                f"{missed} of {count(len(made), 'simulated electrode')} at the optimum "
                f"{'misses' if missed == 1 else 'miss'} the constraint on {name_of(name).lower()}."
            )
    return remarks


def _not_predictive(results: Results) -> list[str]:
    """Equations that say less than the mean of the data would."""
    return [
        f"The equation of {name_of(name).lower()} predicts its test rows worse than their mean "
        f"would (R² = {fixed(results.surrogates[name].test.r2, 2)})."
        for name in results.campaign.targets
        if results.surrogates[name].test.r2 < 0
    ]


def _lost(row: dict[str, str]) -> str:
    return f"{row['condition_id']}, {row['status']}: {row['reason']}"
