"""Wall time and peak memory of whole processes, side by side.

    python measure.py SPEC.json [--runs N] [--json FILE]

SPEC.json holds {"groups": [{"name", "commands": [{"name", "argv", "env"}]}]}. Within a group the commands take turns
(A B C A B C ...), after one turn that is not counted, so that a slow minute of the machine hits all of them. The first
command is what the others are compared with. Where two commands of a group print {"embedding": [...]}, the vectors must
agree: programs that do different work are not compared. Only the standard library is used.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time

# Linux counts ru_maxrss in KiB, macOS in bytes.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def run(command):
    """Runs one command to its end: seconds, peak bytes, CPU seconds and what it printed."""
    environment = {**os.environ, **command.get("env", {})}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(command["argv"], stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment)
        # wait4 returns this child's own record (and that of children it waited for), not the peak over all so far. A
        # child starts from this process's size, some 12 MB, which is below all that is measured here.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        printed = out.read().decode(errors="replace")
        if process.returncode != 0:
            sys.exit(f"{command['name']} ended with {process.returncode}:\n{err.read().decode(errors='replace')}{printed}")
    return {
        "wall": wall,
        "rss": usage.ru_maxrss * RSS_UNIT,
        "cpu": usage.ru_utime + usage.ru_stime,
        "embedding": embedding(printed),
    }


def embedding(printed):
    for line in printed.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict) and isinstance(value.get("embedding"), list):
            return value["embedding"]
    return None


def cosine(a, b):
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return dot / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


def measure(group, runs):
    taken = {command["name"]: [] for command in group["commands"]}
    for turn in range(runs + 1):
        for command in group["commands"]:
            result = run(command)
            if turn > 0:
                taken[command["name"]].append(result)
    vectors = {name: results[0]["embedding"] for name, results in taken.items() if results[0]["embedding"]}
    names = list(vectors)
    for name in names[1:]:
        near = cosine(vectors[names[0]], vectors[name])
        if near < group.get("agree", 0.99999):
            sys.exit(f"{group['name']}: {names[0]} and {name} make different vectors, cosine {near:.6f}")
    rows = []
    for name, results in taken.items():
        walls = [r["wall"] for r in results]
        rows.append(
            {
                "name": name,
                "runs": runs,
                "wall_median_s": statistics.median(walls),
                "wall_min_s": min(walls),
                "wall_max_s": max(walls),
                "cpu_median_s": statistics.median(r["cpu"] for r in results),
                "rss_median_bytes": int(statistics.median(r["rss"] for r in results)),
            }
        )
    for row in rows:
        row["wall_ratio"] = row["wall_median_s"] / rows[0]["wall_median_s"]
        row["rss_ratio"] = row["rss_median_bytes"] / rows[0]["rss_median_bytes"]
    return {"name": group["name"], "rows": rows}


def show(result):
    print(f"\n{result['name']}")
    print(f"  {'':34}{'wall s':>8}{'min':>8}{'max':>8}{'cpu s':>8}{'MB':>8}{'time':>8}{'memory':>8}")
    for r in result["rows"]:
        print(
            f"  {r['name']:34}{r['wall_median_s']:8.3f}{r['wall_min_s']:8.3f}{r['wall_max_s']:8.3f}"
            f"{r['cpu_median_s']:8.2f}{r['rss_median_bytes'] / 1e6:8.0f}{r['wall_ratio']:7.2f}x{r['rss_ratio']:7.2f}x"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("spec")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    with open(arguments.spec, encoding="utf-8") as file:
        spec = json.load(file)
    print(f"medians of {arguments.runs} runs taken in turns, {os.cpu_count()} cores; ratios to the first of each group")
    results = []
    for group in spec["groups"]:
        results.append(measure(group, arguments.runs))
        show(results[-1])
        sys.stdout.flush()
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump({"cores": os.cpu_count(), "groups": results}, file, indent=1)
            file.write("\n")


main()
