#!/usr/bin/env bash
# Compares probe with the shortest Python programs that embed one text: wall time and peak memory of whole processes.
#
#   scripts/peers/compare.sh [--runs N] [--json FILE]
#
# BENCH_PYTHON  a Python with torch, sentence-transformers and onnxruntime (default: scripts/peers/.venv, made by scripts/peers/setup.sh)
# PROBE         the probe to measure (default: bin/probe)
# MODEL         a sentence-transformers folder with safetensors (default: .testenv/models/all-MiniLM-L6-v2)
# INT8          an int8 .onnx of the same model (default: .testenv/models/minilm-int8/model.onnx)
#
# probe measures a battery where the peers embed one text: all of it, or the first facts with --quick; "probe embed" is the
# like for like. All get the same libonnxruntime, and every program its default number of threads.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${BENCH_PYTHON:-scripts/peers/.venv/bin/python}
probe=${PROBE:-bin/probe}
model=${MODEL:-.testenv/models/all-MiniLM-L6-v2}
int8=${INT8:-.testenv/models/minilm-int8/model.onnx}

need() { [ -e "$1" ] || { echo "compare: expected $1, it is not there; $2" >&2; exit 1; }; }
need "$python" "run scripts/peers/setup.sh or set BENCH_PYTHON"
need "$probe" "run make build or set PROBE"
need "$model/model.safetensors" "run scripts/testenv.sh or set MODEL"
need "$int8" "run scripts/testenv.sh or set INT8"

cache=scripts/peers/.cache
mkdir -p "$cache"
# The exported graph is kept, next to the digest of the weights it came from.
digest=$(sha256sum "$model/model.safetensors" scripts/peers/export.py | sha256sum | cut -d' ' -f1)
if [ "$(cat "$cache/digest" 2>/dev/null || true)" != "$digest" ]; then
  rm -rf "$cache/fp32" "$cache/int8"
  echo "compare: exporting $model to fp32 ONNX" >&2
  "$python" scripts/peers/export.py "$model" "$cache/fp32" >"$cache/export.log" 2>&1 || { cat "$cache/export.log" >&2; exit 1; }
  # The int8 graph gets the same small files next to it.
  mkdir -p "$cache/int8"
  cp -R "$cache/fp32/." "$cache/int8/"
  cp "$int8" "$cache/int8/model.onnx"
  echo "$digest" >"$cache/digest"
fi

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
"$python" - "$probe" "$python" "$model" "$cache" "$home" >"$home/spec.json" <<'PY'
import glob, json, os, sys
probe, python, model, cache, home = sys.argv[1:]
import onnxruntime
library, = glob.glob(os.path.join(os.path.dirname(onnxruntime.__file__), "capi", "libonnxruntime.so.*"))
text = "The ferry leaves at noon."
# No telemetry, no state of the user's, and the very library that the peers load.
env = {"PROBE_TELEMETRY": "off", "PROBE_HOME": home, "ONNXRUNTIME_SHARED_LIBRARY_PATH": library,
       "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "ORT_DISABLE_TELEMETRY": "1"}
peers = {
    "onnxruntime fp32": [python, "scripts/peers/peer_onnxruntime.py", f"{cache}/fp32/model.onnx", f"{model}/tokenizer.json", text],
    "onnxruntime int8": [python, "scripts/peers/peer_onnxruntime.py", f"{cache}/int8/model.onnx", f"{model}/tokenizer.json", text],
    "sentence-transformers": [python, "scripts/peers/peer_sentence_transformers.py", model, text],
}
def command(name, argv): return {"name": name, "argv": argv, "env": env}
def ours(ref):
    return [command("probe, full battery", [probe, "--model", ref, "--backend", "onnxruntime", "--json"]),
            command("probe --quick", [probe, "--model", ref, "--backend", "onnxruntime", "--quick", "--json"]),
            command("probe embed, one text", [probe, "embed", "--model", ref, "--backend", "onnxruntime", text])]
groups = [
    {"name": "safetensors folder, compared with sentence-transformers",
     "commands": [command("sentence-transformers", peers["sentence-transformers"]), *ours(model)]},
    {"name": "safetensors folder, compared with onnxruntime on the exported fp32 graph",
     "commands": [command("onnxruntime + tokenizers", peers["onnxruntime fp32"]), *ours(model)]},
    {"name": "fp32 .onnx",
     "commands": [command("onnxruntime + tokenizers", peers["onnxruntime fp32"]), *ours(f"{cache}/fp32")]},
    {"name": "int8 .onnx",
     "commands": [command("onnxruntime + tokenizers", peers["onnxruntime int8"]), *ours(f"{cache}/int8")]},
]
json.dump({"groups": groups}, sys.stdout)
PY
"$python" scripts/peers/measure.py "$home/spec.json" "$@"
