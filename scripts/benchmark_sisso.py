"""CPU time of Mesocast's SISSO against TorchSisso, the public one that pip installs, on equal work.

    python3 -m venv /tmp/torchsisso && /tmp/torchsisso/bin/pip install torch==2.13.0 TorchSisso
    python scripts/benchmark_sisso.py --torchsisso /tmp/torchsisso/bin/python

Equal work is a whole fit, from building the features to the last equation: the same rows,
operators, rung 2, descriptors and subspace size; both screen on the residual and try all subsets of
the accumulated subspace. One thread each, each in a process of its own. Three CPU times are given:
of the first fit in a fresh process (it pays for what both load on demand), of a second one to other
rows in the same process (nothing but the work), and of the process with both and its imports.
Mesocast's compiled code is cached by a run before.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any

import numpy as np

ROWS = 139
# TorchSisso's names; both libraries read them as the same functions.
OPERATORS = {
    "+": "+", "-": "-", "*": "*", "/": "/", "exp": "exp", "ln": "log", "pow(1/2)": "sqrt",
    "pow(1/3)": "cbrt", "pow(-1)": "inverse", "pow(2)": "square", "pow(3)": "cube",
}  # fmt: skip

_MEASURE = """
import json, resource, sys, time
settings = json.loads(sys.argv[1])
{load}
used, scores = [], []
for path in settings["tables"]:
    start = time.process_time()
{fit}
    used.append(time.process_time() - start)
    scores.append(float(r2))
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
found = {{"first": used[0], "second": used[1], "process": time.process_time(), "GiB": memory}}
print("RESULT" + json.dumps(found | {{"r2": scores}}))
"""
_MESOCAST = _MEASURE.format(
    load=textwrap.dedent("""
        import numpy as np
        from mesocast.surrogates.sisso import SISSO
    """),
    fit=textwrap.indent(
        textwrap.dedent("""
            table = np.loadtxt(path, delimiter=",", skiprows=1)
            x, y = table[:, 1:], table[:, 0]
            model = SISSO(
                rung=2, dimension=settings["dimension"], subspace_size=settings["subspace_size"],
                operators=settings["operators"],
            )
            r2 = model.fit(x, y).score(x, y)
        """),
        "    ",
    ),
)
_TORCHSISSO = _MEASURE.format(
    load=textwrap.dedent("""
        import pandas as pd, torch
        torch.set_num_threads(1)
        from TorchSisso import SissoModel
    """),
    fit=textwrap.indent(
        textwrap.dedent("""
            model = SissoModel(
                pd.read_csv(path), operators=settings["operators"], n_expansion=3,
                n_term=settings["dimension"], k=settings["subspace_size"],
            )
            _, _, r2, _ = model.fit()
        """),
        "    ",
    ),
)


def write_rows(path: Path, seed: int) -> None:
    """Write a table of a law with 1.5 % noise that a sum of few descriptors only approximates."""
    rng = np.random.default_rng(seed)
    x = rng.uniform([0.86, 0.45, 0.01], [0.96, 0.71, 0.40], (ROWS, 3))
    am, sc, cr = x.T
    y = 0.3 * np.exp(3 * cr) * (1 - am) ** 1.5 / (1 - 0.5 * sc)
    y *= 1 + 0.015 * rng.standard_normal(ROWS)
    np.savetxt(
        path, np.column_stack([y, x]), delimiter=",", header="y,am,sc,cr", comments="", fmt="%.17g"
    )


def measure(python: str, program: str, settings: dict[str, object]) -> dict[str, Any]:
    """Run both fits in a process of its own."""
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS", "NUMBA")}
    done = subprocess.run(
        [python, "-c", program, json.dumps(settings)],
        env={**os.environ, **threads},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    if done.returncode != 0 or not lines:
        sys.exit(f"{python}: {done.stderr.strip()[-500:]}")
    return dict(json.loads(lines[0].removeprefix("RESULT")))


def main() -> None:
    """Measure both and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--torchsisso", required=True, help="Python that can import TorchSisso")
    parser.add_argument("--dimension", type=int, default=3)
    parser.add_argument("--subspace-size", type=int, default=50)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tables = [Path(folder) / f"rows{seed}.csv" for seed in (0, 1)]
        for seed, path in enumerate(tables):
            write_rows(path, seed)
        work = {
            "tables": list(map(str, tables)),
            "dimension": arguments.dimension,
            "subspace_size": arguments.subspace_size,
        }
        ours = {**work, "operators": list(OPERATORS.values())}
        measure(sys.executable, _MESOCAST, ours)  # fills the cache of compiled code
        results = {
            "mesocast": measure(sys.executable, _MESOCAST, ours),
            "TorchSisso": measure(
                arguments.torchsisso, _TORCHSISSO, {**work, "operators": list(OPERATORS)}
            ),
        }
    for name, found in results.items():
        print(
            f"{name:10}  first fit {found['first']:6.2f} s CPU, second {found['second']:6.2f} s, "
            f"process {found['process']:6.2f} s, {found['GiB']:.2f} GiB, train R2 "
            + ", ".join(f"{r2:.5f}" for r2 in found["r2"])
        )
    for key, text in (("first", "first fit"), ("second", "second fit"), ("process", "process")):
        ratio = results["TorchSisso"][key] / results["mesocast"][key]
        print(f"ratio of CPU, {text}: {ratio:.1f}")


if __name__ == "__main__":
    main()
