"""Checks exported models: onnx.checker, and what Python onnxruntime computes, against the truth of testdata/graph.

    python testdata/graph/check_export.py MODEL.onnx TRUTH.json [MODEL.onnx TRUTH.json ...]

Prints one line a model with the largest difference; exits with 1 beyond 1e-5.
"""

import base64
import json
import sys

import numpy
import onnx
import onnxruntime


def difference(path, truth):
    onnx.checker.check_model(path, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    wanted = {i.name for i in session.get_inputs()}
    worst = 0.0
    for case in truth["cases"]:
        if "pixels" in case:
            continue
        feed = {"input_ids": case["ids"], "attention_mask": case["mask"], "token_type_ids": case.get("types")}
        feed = {k: numpy.array(v, dtype=numpy.int64) for k, v in feed.items() if k in wanted}
        got = session.run([case.get("output", "last_hidden_state")], feed)[0]
        want = numpy.frombuffer(base64.b64decode(case["hidden"]), dtype=numpy.float32).reshape(case["shape"])
        gap = numpy.abs(got - want)
        if gap.ndim == 3:
            gap = gap[numpy.array(case["mask"]) == 1]
        worst = max(worst, float(gap.max()))
    return worst


def main():
    status = 0
    for path, truth in zip(sys.argv[1::2], sys.argv[2::2]):
        gap = difference(path, json.load(open(truth)))
        print(f"{path} {gap:.2g}")
        if not gap <= 1e-5:
            status = 1
    sys.exit(status)


main()
