#!/usr/bin/env bash
# Makes scripts/peers/.venv with the Python peers that scripts/peers/compare.sh compares with probe. About 7 GB with torch's CUDA libraries;
# it is needed for nothing else.
set -euo pipefail
cd "$(dirname "$0")"
stamp=.venv/stamp
want=$(sha256sum requirements.txt | cut -d' ' -f1)
if [ "$(cat "$stamp" 2>/dev/null || true)" = "$want" ]; then exit 0; fi
"${PYTHON:-python3}" -m venv --clear .venv
# --no-deps: the list names every package, so that nothing unpinned comes along.
.venv/bin/python -m pip --disable-pip-version-check install --quiet --no-deps -r requirements.txt
.venv/bin/python -m pip --disable-pip-version-check check
echo "$want" > "$stamp"
echo "bench: ready in scripts/peers/.venv"
