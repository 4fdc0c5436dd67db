"""Broken and unsuitable ONNX files."""

import os

import numpy as np
from onnx import TensorProto, helper, numpy_helper

import weights
from broken import FLOAT, case, external, graph, lookup, onnx_file, write_bytes

SHAPE = ["batch", "sequence"]


@case("onnx-truncated", "truncated", "load", "an .onnx file cut off in the middle of its weights", "model.onnx")
def truncated(path):
    whole = lookup().SerializeToString(deterministic=True)
    write_bytes(os.path.join(path, "model.onnx"), whole[: len(whole) * 6 // 10])


@case("onnx-empty", "empty_file", "load", "an .onnx file of zero bytes", "model.onnx")
def empty(path):
    write_bytes(os.path.join(path, "model.onnx"), b"")


@case("onnx-garbage", "invalid_format", "load", "an .onnx file of random bytes", "model.onnx")
def garbage(path):
    noise = (abs(weights.bell("garbage", (600,))) * 1000 % 256).astype(np.uint8)
    write_bytes(os.path.join(path, "model.onnx"), b"\xff\xff\xff\xff" + noise.tobytes())


@case("onnx-web-page", "invalid_format", "load", "an error page saved as model.onnx", "model.onnx")
def web_page(path):
    write_bytes(
        os.path.join(path, "model.onnx"), b"<!DOCTYPE html>\n<html><body><h1>404 Not Found</h1></body></html>\n"
    )


@case("onnx-unknown-op", "unsupported_op", "load", "a node FrobnicateXYZ of the default domain")
def unknown_op(path):
    onnx_file(
        path, lookup([helper.make_node("FrobnicateXYZ", ["states"], ["last_hidden_state"])], "last_hidden_state")
    )


@case("onnx-nan-output", "non_finite", "inference", "0/0 in the graph: NaN in every vector")
def nan_output(path):
    zero = [
        helper.make_node("Sub", ["states", "states"], ["zero"]),
        helper.make_node("Div", ["zero", "zero"], ["last_hidden_state"]),
    ]
    onnx_file(path, lookup(zero, "last_hidden_state"))


@case("onnx-inf-output", "non_finite", "inference", "1e38 times 1e38 in the graph: Inf in every vector")
def inf_output(path):
    big = np.full((30, 8), 1e38, np.float32)
    onnx_file(
        path, lookup([helper.make_node("Mul", ["states", "states"], ["last_hidden_state"])], "last_hidden_state", big)
    )


@case("onnx-data-outside-relative", "unsafe_path", "load", "external data at ../../secret.bin")
def outside_relative(path):
    external(path, "../../secret.bin")


@case("onnx-data-outside-absolute", "unsafe_path", "load", "external data at /secret.bin")
def outside_absolute(path):
    external(path, "/secret.bin")


@case("onnx-data-outside-symlink", "unsafe_path", "load", "external data through a link that leaves the folder")
def outside_symlink(path):
    external(path, "model.onnx_data")
    os.symlink("../../zoo/onnx-bare/model.onnx", os.path.join(path, "model.onnx_data"))


@case("onnx-data-missing", "missing_file", "load", "external data in a file that is not there")
def data_missing(path):
    external(path, "model.onnx_data")


@case("onnx-data-short", "truncated", "load", "external data that ends before the tensor does")
def data_short(path):
    external(path, "model.onnx_data")
    write_bytes(os.path.join(path, "model.onnx_data"), bytes(100))


@case("onnx-tensor-too-short", "invalid_format", "load", "a tensor of 30 x 8 numbers with 12 bytes of data")
def tensor_short(path):
    made = lookup()
    made.graph.initializer[0].raw_data = bytes(12)
    onnx_file(path, made)


@case(
    "onnx-regression",
    "no_text_or_image",
    "inference",
    "a regression on float features: it takes neither text nor images",
)
def regression(path):
    w = numpy_helper.from_array(weights.bell("regression", (4, 1)).astype(np.float32), "w")
    onnx_file(
        path,
        graph(
            [helper.make_node("MatMul", ["features", "w"], ["target"])],
            [("features", FLOAT, ["batch", 4])],
            [("target", FLOAT, ["batch", 1])],
            [w],
        ),
    )


@case("onnx-classifier", "not_an_embedding", "inference", "a text classifier whose one output is an int64 label")
def classifier(path):
    made = lookup(
        [
            helper.make_node("ReduceMean", ["states"], ["mean"], axes=[1], keepdims=0),
            helper.make_node("ArgMax", ["mean"], ["label"], axis=1, keepdims=0),
        ],
        "label",
    )
    made.graph.output[0].CopyFrom(helper.make_tensor_value_info("label", TensorProto.INT64, ["batch"]))
    onnx_file(path, made)


@case(
    "onnx-fails-to-run",
    "inference_failed",
    "inference",
    "a Reshape that fits no input: the session is made, every run fails",
)
def fails_to_run(path):
    made = lookup([helper.make_node("Reshape", ["states", "impossible"], ["last_hidden_state"])], "last_hidden_state")
    made.graph.initializer.append(numpy_helper.from_array(np.array([7, 1013, 8], np.int64), "impossible"))
    made.graph.output[0].CopyFrom(helper.make_tensor_value_info("last_hidden_state", FLOAT, [*SHAPE, 8]))
    onnx_file(path, made)
