"""Signals and wall-time."""

from __future__ import annotations

import os
import signal
import time

import pytest

from mesocast.storage import interruption
from mesocast.storage.interruption import Interruption, wall_time_end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_first_signal_is_remembered_and_handlers_are_given_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with Interruption(60) as watch:
        assert watch.reason() == ""
        os.kill(os.getpid(), number)
        assert watch.reason() == f"received {number.name}"
        assert signal.getsignal(number) == signal.SIG_DFL  # a second one ends the process
    assert signal.getsignal(number) == before


def test_wall_time_of_slurm_stops_a_margin_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "1")
    monkeypatch.setenv("SLURM_JOB_END_TIME", str(time.time() + 100))
    wall_time_end.cache_clear()
    try:
        assert Interruption(60).reason() == ""
        assert "less than 120 s" in Interruption(120).reason()
    finally:
        wall_time_end.cache_clear()


def test_no_wall_time_outside_of_slurm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    interruption.wall_time_end.cache_clear()
    assert Interruption(1e9).reason() == ""
