"""Signals and wall-time."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from mesocast.storage.interruption import Interruption, wall_time_end

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    """Forget the end of the job that this process keeps, before and after each test."""
    wall_time_end.cache_clear()
    yield
    wall_time_end.cache_clear()


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
    assert Interruption(60).reason() == ""
    assert "less than 120 s" in Interruption(120).reason()


def test_no_wall_time_outside_of_slurm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    monkeypatch.delenv("SLURM_JOB_END_TIME", raising=False)
    assert Interruption(1e9).reason() == ""
