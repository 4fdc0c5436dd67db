#!/usr/bin/env python3
"""Whether a change to the code changes what probe finds.

    scripts/reports.py save PROBE FILE [--quick]   probes every model of testdata and .testenv with the binary PROBE, on
                                                   ONNX Runtime and in pure Go, and saves what it found in FILE
    scripts/reports.py compare BEFORE AFTER        prints every fact, number of evidence, error kind and exit code that
                                                   differs; exit 1 if any does

Times, memory and words for people are left out: they may change. Standard library only.
"""
import concurrent.futures, json, os, subprocess, sys, tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# What is measured with a clock, or is a sentence and not a fact.
CLOCK = {"timings", "memory", "environment", "description", "metadata", "warnings", "declared_in"}
WORDS = {"reason", "reason_code", "message", "why", "method", "note"}
CLOCK_FINDINGS = {"length_cost"}


def models():
    for name in sorted(os.listdir(f"{ROOT}/testdata/zoo")):
        if os.path.isdir(f"{ROOT}/testdata/zoo/{name}") and name != "images":
            yield f"testdata/zoo/{name}"
    for name in sorted(os.listdir(f"{ROOT}/testdata/broken")):
        if os.path.isdir(f"{ROOT}/testdata/broken/{name}"):
            yield f"testdata/broken/{name}"
    for name in sorted(os.listdir(f"{ROOT}/.testenv/models")):
        yield f".testenv/models/{name}"


def strip(value):
    """value without its words; numbers keep six digits, because sums may be made in another order."""
    if isinstance(value, dict):
        return {k: strip(v) for k, v in value.items() if k not in WORDS}
    if isinstance(value, list):
        return [strip(v) for v in value]
    if isinstance(value, float):
        return float(f"{value:.6g}")
    return value


def facts(doc):
    out = {k: strip(v) for k, v in doc.items() if k not in CLOCK}
    for key in CLOCK_FINDINGS:
        f = out.get("findings", {}).get(key)
        if f:
            out["findings"][key] = {"known": f.get("value") is not None}
    env = doc.get("environment") or {}
    out["environment"] = {k: env.get(k) for k in ("device_type", "backend", "execution_provider", "nodes_by_provider")}
    meta = doc.get("metadata") or {}
    out["metadata"] = {k: v for k, v in meta.items() if k not in ("timestamp", "event_id", "client_id", "local_path_hash")}
    return out


def probe(binary, ref, backend, home, quick):
    env = dict(os.environ, PROBE_HOME=home, PROBE_TELEMETRY="local",
               ONNXRUNTIME_SHARED_LIBRARY_PATH=f"{ROOT}/.testenv/lib/libonnxruntime.so")
    args = [binary, "--model", ref, "--json", "--backend", backend, "--budget", "0", "--length-budget", "60s", "--threads", "1"]
    p = subprocess.run(args + ["--quick"] * quick, cwd=ROOT, env=env, capture_output=True, text=True)
    try:
        doc = facts(json.loads(p.stdout))
    except ValueError:
        doc = {"no document": p.stdout[:200]}
    return {"exit": p.returncode, "stderr": p.stderr, "report": doc}


def save(binary, path, quick):
    with tempfile.TemporaryDirectory() as home, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {f"{ref} [{b}]": pool.submit(probe, os.path.abspath(binary), ref, b, home, quick)
                for ref in models() for b in ("onnxruntime", "go")}
        out = {k: j.result() for k, j in jobs.items()}
    with open(path, "w") as f:
        json.dump(out, f, indent=1, sort_keys=True)
    print(f"{len(out)} reports in {path}")


def differences(a, b, at=""):
    if isinstance(a, dict) and isinstance(b, dict):
        for k in sorted(a.keys() | b.keys()):
            yield from differences(a.get(k, "(absent)"), b.get(k, "(absent)"), f"{at}.{k}" if at else k)
    elif a != b:
        same = isinstance(a, (int, float)) and isinstance(b, (int, float)) and abs(a - b) <= 1e-5 * max(abs(a), abs(b)) + 1e-9
        if not same:
            yield at, a, b


def compare(before, after):
    a, b = (json.load(open(p)) for p in (before, after))
    n = 0
    for key in sorted(a.keys() | b.keys()):
        for at, x, y in differences(a.get(key, "(absent)"), b.get(key, "(absent)")):
            n += 1
            print(f"{key}: {at}: {json.dumps(x)[:120]} -> {json.dumps(y)[:120]}")
    print(f"{len(a)} reports before, {len(b)} after, {n} differences")
    return n != 0


if __name__ == "__main__":
    if len(sys.argv) >= 4 and sys.argv[1] == "save":
        save(sys.argv[2], sys.argv[3], "--quick" in sys.argv[4:])
    elif len(sys.argv) == 4 and sys.argv[1] == "compare":
        sys.exit(compare(sys.argv[2], sys.argv[3]))
    else:
        sys.exit(__doc__)
