from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mesocast.optimization.hedge.trace import TraceFile, Visit

if TYPE_CHECKING:
    from pathlib import Path

REQUEST = {"seed": 1, "lower": [0.1, 1 / 3]}
VISITS = [
    Visit((0.1, 1 / 3), 0.1 + 0.2),
    Visit((1e-17, 2.0), -1.0, "EI", ((0.1, 0.2), (0.3, 0.4)), (0.0, -1 / 7), (0.5, 0.5)),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    trace = TraceFile(tmp_path / "trace.jsonl", REQUEST)
    trace.write(VISITS[:1])
    trace.append(VISITS[1])
    return tmp_path / "trace.jsonl"


def test_round_trip_is_exact(path: Path) -> None:
    assert TraceFile(path, REQUEST).read() == VISITS


def test_a_missing_file_is_an_empty_trace(tmp_path: Path) -> None:
    assert TraceFile(tmp_path / "none", REQUEST).read() == []


def test_another_request_is_another_trace(path: Path) -> None:
    assert TraceFile(path, {**REQUEST, "seed": 2}).read() == []


def test_cut_at_every_byte(path: Path) -> None:
    """Wherever a kill cuts the file, complete lines count and the rest does not."""
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        complete = max(whole[:size].count(b"\n") - 1, 0)
        assert TraceFile(path, REQUEST).read() == VISITS[:complete]


@pytest.mark.parametrize("damage", [b"\0\0\0\n", b"{}\n", b"\xff\n", b"\n"])
def test_what_follows_a_damaged_line_is_dropped(path: Path, damage: bytes) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole + damage + whole.splitlines(keepends=True)[1])
    assert TraceFile(path, REQUEST).read() == VISITS


def test_after_writing_what_was_read_the_trace_can_grow(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])
    trace = TraceFile(path, REQUEST)
    trace.write(trace.read())
    trace.append(VISITS[1])
    assert TraceFile(path, REQUEST).read() == VISITS
