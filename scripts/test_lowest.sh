#!/usr/bin/env bash
# Run tests with the lowest versions that pyproject.toml allows, in .venv-lowest. For developers and CI, when a
# dependency or its lower bound changes; not part of `make test`.
#   scripts/test_lowest.sh [pytest's words]
# With OVERRIDES=file (requirements), those versions in place of the lowest: for a machine that cannot have them.
set -euo pipefail
cd "$(dirname "$0")/.."

# What calls the libraries whose interfaces moved: scipy.stats, BoTorch, scikit-learn, pandas, pydantic, numba, SALib.
tests=(tests/surrogates tests/optimization tests/design tests/dataset/test_table.py tests/config tests/verification
  tests/characterization/transport/test_multigrid.py tests/report/sections tests/report/figures)
environment=.venv-lowest
python=${PYTHON:-python3}

"$python" -m venv --clear "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check uv
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
"$environment/bin/uv" pip compile pyproject.toml --quiet --resolution lowest-direct --python-version "$version" \
  --no-annotate --no-header ${OVERRIDES:+--override "$OVERRIDES"} --output-file "$environment/lowest.txt"
# PyTorch's wheel finds what it needs of CUDA on the machine, as in envs/.
grep -vE '^(nvidia-|cuda-|triton)' "$environment/lowest.txt" > "$environment/installed.txt"
"$environment/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$environment/installed.txt"
"$environment/bin/pip" install --quiet --disable-pip-version-check pytest
"$environment/bin/pip" install --quiet --disable-pip-version-check --no-deps --editable .
export OMP_NUM_THREADS=1
# Without those that need a tool of the tests, or what newer versions write differently into a schema.
[ $# -gt 0 ] || set -- --quiet -k "not up_to_date and not data_package and not without_pandas" "${tests[@]}"
exec "$environment/bin/python" -m pytest "$@"
