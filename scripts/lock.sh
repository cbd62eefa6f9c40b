#!/usr/bin/env bash
# Resolve pyproject.toml again and write the locks under envs/, and what is made from them. For
# developers, when a dependency changes.
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

# TauFactor asks for PyVista, and that for VTK (566 MB), but never imports it; only the tests need
# both. Since pip cannot be told, the lock is installed without a look at what its packages ask for.
echo "pyvista ; sys_platform == 'none'" > "$tool/overrides.txt"

head="# Written by scripts/lock.sh from pyproject.toml; do not edit."
for name in requirements requirements-test; do
  [ "${1:-}" = --upgrade ] || cp "envs/$name.txt" "$tool/$name.txt"
  extra=(--override "$tool/overrides.txt" --extra cell --extra figures --extra generic)
  [ "$name" = requirements-test ] && extra=(--extra cell --extra figures --extra generic --extra test)
  "$tool/bin/uv" pip compile pyproject.toml "${options[@]}" "${extra[@]}" -o "$tool/$name.txt"
  { echo "$head"; grep -v "^#\|sys_platform == 'none'" "$tool/$name.txt"; } > "envs/$name.txt"
done

# Without paths: Snakemake creates the environment from a copy elsewhere.
{
  cat <<YAML
$head
# For sites that work with conda:
#   conda env create -f envs/mesocast.yaml && conda run -n mesocast pip install --no-deps .
# Where Snakemake makes it (--sdm conda), jobs take Mesocast from where Snakemake runs.
name: mesocast
channels: [conda-forge]
dependencies:
  - python=3.11
  - pip
  - pip:
YAML
  sed -n 's/^[a-zA-Z].*/      - "&"/p' envs/requirements.txt
} > envs/mesocast.yaml

cat > envs/apptainer.def <<DEF
$head
# A container for clusters, from a clone (needs pip and git there):
#   apptainer build mesocast.sif envs/apptainer.def
#   apptainer run mesocast.sif run my.yaml
# The folder where it is started holds config and results. A controller inside sees no SLURM: submit it as one job.
Bootstrap: docker
From: python:3.11-slim-bookworm

%setup
    cd "\$APPTAINER_ROOTFS" && mkdir -p opt/mesocast && git clone --quiet "\$OLDPWD" opt/sources
    python3 -m pip wheel --quiet --no-deps --wheel-dir opt/mesocast ./opt/sources
    rm -rf opt/sources

%files
    envs/requirements.txt /opt/mesocast/requirements.txt

%post
    python3 -m pip install --quiet --no-cache-dir --no-deps -r /opt/mesocast/requirements.txt
    python3 -m pip install --quiet --no-cache-dir "$(grep ^torch= envs/requirements.txt)"
    python3 -m pip install --quiet --no-cache-dir --no-deps /opt/mesocast/*.whl

%environment
    export OMP_NUM_THREADS=1

%runscript
    exec mesocast "\$@"

%test
    mesocast --version
DEF
