#!/usr/bin/env bash
# Resolve pyproject.toml again and write the locks under envs/. For developers, when a dependency changes.
# Versions that still fit stay; with --upgrade all are the newest.
set -euo pipefail
cd "$(dirname "$0")/.."

tool=$(mktemp -d)
trap 'rm -rf "$tool"' EXIT
python3 -m venv "$tool"
"$tool/bin/pip" install --quiet uv

# PyTorch from PyPI brings CUDA by itself, its CPU builds do not; so the lock names PyTorch and
# leaves what it needs of CUDA to the wheel that pip finds on the machine.
cuda=$(cat <<'LIST'
cuda-bindings cuda-pathfinder cuda-toolkit nvidia-cublas nvidia-cuda-cupti nvidia-cuda-nvrtc
nvidia-cuda-runtime nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile nvidia-curand nvidia-cusolver
nvidia-cusparse nvidia-cusparselt-cu13 nvidia-nccl-cu13 nvidia-nvjitlink nvidia-nvshmem-cu13
nvidia-nvtx triton
LIST
)
options=(--quiet --universal --python-version 3.11 --fork-strategy fewest --no-annotate --no-header
  --constraints envs/constraints.txt)
for package in $cuda; do options+=(--no-emit-package "$package"); done

head="# Written by scripts/lock.sh from pyproject.toml; do not edit."
for name in requirements requirements-test; do
  [ "${1:-}" = --upgrade ] || cp "envs/$name.txt" "$tool/$name.txt"
  extra=()
  [ "$name" = requirements-test ] && extra=(--extra test)
  "$tool/bin/uv" pip compile pyproject.toml "${options[@]}" "${extra[@]}" -o "$tool/$name.txt"
  { echo "$head"; grep -v '^#' "$tool/$name.txt"; } > "envs/$name.txt"
done

cat > envs/mesocast.yaml <<YAML
$head
# For sites that work with conda: conda env create -f envs/mesocast.yaml
name: mesocast
channels: [conda-forge]
dependencies:
  - python=3.11
  - pip
  - pip:
      - -r requirements.txt
      - -e ..
YAML
