"""CPU time of Mesocast's SISSO against TorchSisso, the public one that pip installs, on equal work.

    python3 -m venv /tmp/torchsisso && /tmp/torchsisso/bin/pip install TorchSisso
    python scripts/benchmark_sisso.py --torchsisso /tmp/torchsisso/bin/python

Both get the same rows, operators, rung 2, descriptors and subspace size, one thread each; each is a
process of its own, so that imports, compilation and memory count alike. Mesocast's compiled code is
cached on the first run. The CPU time of the fit is taken without and with that of the imports.
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

import numpy as np

ROWS, SEED = 139, 0
# TorchSisso's names; both libraries read them as the same functions.
OPERATORS = {
    "+": "+", "-": "-", "*": "*", "/": "/", "exp": "exp", "ln": "log", "pow(1/2)": "sqrt",
    "pow(1/3)": "cbrt", "pow(-1)": "inverse", "pow(2)": "square", "pow(3)": "cube",
}  # fmt: skip

_MEASURE = """
import json, resource, sys, time
settings = json.loads(sys.argv[1])
{load}
start = time.process_time()
{fit}
used = time.process_time()
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
found = {{"fit_s": used - start, "all_s": used, "GiB": memory, "r2": float(r2)}}
print("RESULT" + json.dumps(found))
"""
_MESOCAST = _MEASURE.format(
    load=textwrap.dedent("""
        import numpy as np
        from mesocast.surrogates.sisso import SISSO
        table = np.loadtxt(settings["csv"], delimiter=",", skiprows=1)
        x, y = table[:, 1:], table[:, 0]
        model = SISSO(
            rung=2, dimension=settings["dimension"], subspace_size=settings["subspace_size"],
            operators=settings["operators"],
        )
    """),
    fit="r2 = model.fit(x, y).score(x, y)",
)
_TORCHSISSO = _MEASURE.format(
    load=textwrap.dedent("""
        import pandas as pd, torch
        torch.set_num_threads(1)
        from TorchSisso import SissoModel
        model = SissoModel(
            pd.read_csv(settings["csv"]), operators=settings["operators"], n_expansion=3,
            n_term=settings["dimension"], k=settings["subspace_size"],
        )
    """),
    fit="_, _, r2, _ = model.fit()",
)


def write_rows(path: Path) -> None:
    """Write a table of a law with 1.5 % noise that a sum of few descriptors only approximates."""
    rng = np.random.default_rng(SEED)
    x = rng.uniform([0.86, 0.45, 0.01], [0.96, 0.71, 0.40], (ROWS, 3))
    am, sc, cr = x.T
    y = 0.3 * np.exp(3 * cr) * (1 - am) ** 1.5 / (1 - 0.5 * sc)
    y *= 1 + 0.015 * rng.standard_normal(ROWS)
    np.savetxt(
        path, np.column_stack([y, x]), delimiter=",", header="y,am,sc,cr", comments="", fmt="%.17g"
    )


def measure(python: str, program: str, settings: dict[str, object]) -> dict[str, float]:
    """Run one fit in a process of its own."""
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
        path = Path(folder) / "rows.csv"
        write_rows(path)
        work = {
            "csv": str(path),
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
            f"{name:10}  fit {found['fit_s']:7.2f} s CPU, with imports {found['all_s']:7.2f} s, "
            f"{found['GiB']:.2f} GiB, train R2 {found['r2']:.5f}"
        )
    for key, text in (("fit_s", "fit"), ("all_s", "with imports")):
        ratio = results["TorchSisso"][key] / results["mesocast"][key]
        print(f"ratio of CPU, {text}: {ratio:.1f}")


if __name__ == "__main__":
    main()
