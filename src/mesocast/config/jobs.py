"""Settings of the jobs: how they run, and what they cost."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mesocast.config.section import NonNegative, Positive, Section


class CostModel(Section):
    """What a job costs, for dry-runs and requests; `mesocast costs` fits it to a campaign."""

    slurry_s_per_1000_beads: Positive = Field(
        4.0, description="CPU time of mixing a slurry, per thousand beads."
    )
    drying_s_per_1000_beads: Positive = Field(
        45.0, description="CPU time of drying a slurry, per thousand beads, at 2 ns per step."
    )
    calendering_s_per_1000_beads: Positive = Field(
        31.0, description="CPU time of one calendering, per thousand beads, at 2 ns per step."
    )
    characterization_s: NonNegative = Field(
        5.0, description="CPU time of the characterization of few voxels."
    )
    characterization_s_per_million_voxels: Positive = Field(
        4.0, description="CPU time of the characterization, per million voxels."
    )
    simulation_MB: Positive = Field(90.0, description="Memory of a simulation of few beads.")
    simulation_MB_per_1000_beads: Positive = Field(
        28.0, description="Memory of a simulation at its end, per thousand beads."
    )
    characterization_MB: Positive = Field(
        420.0, description="Memory of the characterization of few voxels."
    )
    characterization_MB_per_million_voxels: Positive = Field(
        250.0, description="Memory of the characterization, per million voxels."
    )


class JobSettings(Section):
    """How jobs run. Nothing here changes a result."""

    restart_interval_s: NonNegative = Field(
        600.0, description="Wall time between two restarts: what a kill without warning costs."
    )
    wall_time_margin_s: NonNegative = Field(
        120.0, description="How long before its wall-time a SLURM job stops with a restart."
    )
    conditions_per_job: Annotated[int, Field(ge=1, le=1000)] = Field(
        1, description="Electrodes of one slurry that one job calenders and characterizes."
    )
