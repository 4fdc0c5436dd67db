#!/usr/bin/env bash
# Go and Python tokenizers side by side on one thread: 2,000 sentences with WordPiece (the real MiniLM's file), byte-level
# BPE (20,000 tokens) and Unigram (250,000 pieces), and the time to load each file. `make testenv` comes first.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-.testenv/venv/bin/python}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
echo "preparing tokenizers and sentences"
"$python" scripts/peers/tokenizers_python.py prepare "$dir" .testenv/models/all-MiniLM-L6-v2/vocab.txt
"$python" scripts/peers/tokenizers_python.py time "$dir" > "$dir/python.ndjson"
PROBE_TOKENIZER_BENCH=$dir GOMAXPROCS=1 go test ./models/tokenizer -run '^$' -bench 'Encode|Load' -benchtime "${BENCHTIME:-1s}" \
  -count "${COUNT:-5}" > "$dir/go.txt"
"$python" - "$dir" <<'PY'
import json, re, sys
folder = sys.argv[1]
rows = [json.loads(line) for line in open(f"{folder}/python.ndjson")]
best = {}
for line in open(f"{folder}/go.txt"):
    found = re.match(r"Benchmark(\w+)/(\w+)(?:/(\w+))?(?:-\d+)?\s+\d+\s+([\d.]+) ns/op(?:\s+([\d.]+) MB/s)?", line)
    if found:
        what, kind, how, ns, speed = found.groups()
        key = (kind, how or "load")
        value = float(speed) if speed else float(ns) / 1e9
        best[key] = max(best.get(key, 0), value) if speed else min(best.get(key, value), value)
print(f"{rows[0]['texts']} sentences, {rows[0]['megabytes']:.2f} MB, one thread, best of several rounds")
print(f"{'':14}{'Go':>12}{'Python':>12}{'ratio':>8}")
for row in rows[1:]:
    labels = {"cold": "ids, first time over the texts", "ids": "ids, again", "everything": "with tokens and offsets, again"}
    for how, label in labels.items():
        go, python = best[row["kind"], how], row[how]
        print(f"{row['kind']:14}{go:7.1f} MB/s{python:7.1f} MB/s{go / python:7.1f}x  {label}")
    go, python = best[row["kind"], "load"], row["load"]
    print(f"{row['kind']:14}{go:10.3f} s{python:10.3f} s{python / go:7.1f}x  load")
PY
