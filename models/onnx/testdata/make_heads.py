"""Writes heads/*.onnx, small graphs with everything that an ONNX head can hold, and heads.json: what the onnx library finds
in each by walking the parsed protobuf.

Run with onnx 1.22 or newer: python make_heads.py
"""
import collections
import json
import pathlib

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).parent
OUT = HERE / "heads"
F, I64 = TensorProto.FLOAT, TensorProto.INT64


def tensor(name, *shape, dtype=np.float32):
    return numpy_helper.from_array(np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype), name)


def value(name, dtype, shape):
    return helper.make_tensor_value_info(name, dtype, shape)


def model(graph, opsets=(("", 17),), **kw):
    return helper.make_model(graph, opset_imports=[helper.make_opsetid(d, v) for d, v in opsets], ir_version=10,
                             producer_name="make_heads", producer_version="1", **kw)


def plain():
    g = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["h"]), helper.make_node("Add", ["h", "b"], ["y"])], "plain",
        [value("x", F, ["batch", 4])], [value("y", F, ["batch", None])], [tensor("w", 4, 3), tensor("b", 3)])
    m = model(g)
    helper.set_model_props(m, {"task": "feature-extraction", "note": "Grüße"})
    return m


def initializers_as_inputs():
    g = helper.make_graph([helper.make_node("Add", ["x", "b"], ["y"])], "old",
                          [value("b", F, [3]), value("x", F, [1, 3])], [value("y", F, [1, 3])], [tensor("b", 3)])
    return model(g)


def subgraphs():
    inner = helper.make_graph([helper.make_node("Identity", ["deep"], ["o"])], "inner", [], [value("o", F, [2])],
                              [tensor("deep", 2)])
    then = helper.make_graph([helper.make_node("If", ["c"], ["o1"], then_branch=inner, else_branch=inner)], "then", [],
                             [value("o1", F, [2])])
    other = helper.make_graph([helper.make_node("Constant", [], ["o2"], value=tensor("", 2))], "else", [],
                              [value("o2", F, [2])])
    return model(helper.make_graph([helper.make_node("If", ["c"], ["y"], then_branch=then, else_branch=other)], "subgraphs",
                                   [value("c", TensorProto.BOOL, [])], [value("y", F, [2])]))


def functions():
    f = helper.make_function("my.domain", "Twice", ["a"], ["b"], [helper.make_node("Add", ["a", "a"], ["b"])],
                             [helper.make_opsetid("", 17)])
    g = helper.make_graph([helper.make_node("Twice", ["x"], ["h"], domain="my.domain"),
                           helper.make_node("Gelu", ["h"], ["y"], domain="com.microsoft")], "functions",
                          [value("x", F, [None, "seq"])], [value("y", F, None)])
    return model(g, (("", 17), ("my.domain", 1), ("com.microsoft", 1)), functions=[f])


def types():
    kinds = [np.float64, np.float16, np.int8, np.uint8, np.int32, np.int64, np.bool_, np.uint16]
    inits = [tensor(f"t{k.__name__}", 2, 5, dtype=k) for k in kinds]
    inits.append(helper.make_tensor("int4", TensorProto.INT4, [3], [1, 2, 3]))
    inits.append(helper.make_tensor("bf16", TensorProto.BFLOAT16, [3], [1.0, 2.0, 3.0]))
    inits.append(helper.make_tensor("floats", F, [2], [1.0, 2.0]))  # float_data, not raw_data
    inits.append(helper.make_tensor("ints", I64, [2], [1, -2]))
    inits.append(helper.make_tensor("strings", TensorProto.STRING, [2], ["a", "b"]))
    inits.append(helper.make_tensor("nothing", F, [0], []))
    inits.append(helper.make_tensor("scalar", F, [], [1.0]))
    sparse = helper.make_sparse_tensor(helper.make_tensor("sparse", F, [2], [1.0, 2.0]), helper.make_tensor("at", I64, [2], [1, 4]), [8])
    g = helper.make_graph([helper.make_node("Identity", ["tfloat16"], ["y"])], "types", [],
                          [value("y", TensorProto.FLOAT16, [2, 5])], inits, sparse_initializer=[sparse])
    return model(g, (("", 21),))


def other_values():
    g = helper.make_graph(
        [helper.make_node("SequenceAt", ["s", "i"], ["y"])], "values",
        [helper.make_tensor_sequence_value_info("s", F, None), value("i", I64, []),
         helper.make_value_info("o", helper.make_optional_type_proto(helper.make_tensor_type_proto(F, [2])))],
        [value("y", F, [-1, "n"])])
    return model(g)


def matmul_nbits():
    g = helper.make_graph(
        [helper.make_node("MatMulNBits", ["x", "packed", "scales"], ["y"], domain="com.microsoft", K=32, N=4, bits=4,
                          block_size=32)], "nbits", [value("x", F, ["b", 32])], [value("y", F, ["b", 4])],
        [tensor("packed", 4, 1, 16, dtype=np.uint8), tensor("scales", 4)])
    return model(g, (("", 17), ("com.microsoft", 1)))


def uint8_quantized():
    g = helper.make_graph(
        [helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]),
         helper.make_node("MatMulInteger", ["q", "w", "z", "wz"], ["y"])], "quantized",
        [value("x", F, ["b", 4])], [value("y", TensorProto.INT32, ["b", 3])],
        [tensor("w", 4, 3, dtype=np.uint8), tensor("wz", dtype=np.uint8)])
    return model(g)


def walk(m):
    ops, tensors, nodes = collections.Counter(), [], 0

    def add(t, constant, name=None):
        external = {e.key: e.value for e in t.external_data} if t.data_location == TensorProto.EXTERNAL else None
        tensors.append({"name": name or t.name, "dtype": t.data_type, "dims": list(t.dims), "constant": constant,
                        "external": external["location"] if external else ""})

    def each(nodes_):
        nonlocal nodes
        for n in nodes_:
            nodes += 1
            ops[f"{n.domain}:{n.op_type}" if n.domain not in ("", "ai.onnx") else n.op_type] += 1
            for a in n.attribute:
                if a.type == AttributeProto.TENSOR:
                    add(a.t, True, a.t.name or n.output[0])
                if a.type == AttributeProto.GRAPH:
                    graph(a.g)

    def graph(g):
        each(g.node)
        for t in g.initializer:
            add(t, False)
        for s in g.sparse_initializer:
            add(s.values, False)
            add(s.indices, False)

    def info(v):
        t = v.type.tensor_type
        if v.type.WhichOneof("value") != "tensor_type":
            return {"name": v.name, "dtype": 0, "shape": None}
        shape = None
        if t.HasField("shape"):
            shape = [d.dim_param or (d.dim_value if d.HasField("dim_value") else None) for d in t.shape.dim]
        return {"name": v.name, "dtype": t.elem_type, "shape": shape}

    graph(m.graph)
    for f in m.functions:
        each(f.node)
    filled = {t.name for t in m.graph.initializer} | {s.values.name for s in m.graph.sparse_initializer}
    return {
        "ir_version": m.ir_version, "producer": m.producer_name, "graph": m.graph.name,
        "opsets": {o.domain: o.version for o in m.opset_import}, "nodes": nodes, "ops": ops,
        "functions": sorted(f"{f.domain}:{f.name}" for f in m.functions),
        "inputs": [info(v) for v in m.graph.input if v.name not in filled], "outputs": [info(v) for v in m.graph.output],
        "tensors": sorted(tensors, key=lambda t: json.dumps(t, sort_keys=True)),
        "metadata": {p.key: p.value for p in m.metadata_props},
    }


OUT.mkdir(exist_ok=True)
truth = {}
for make in (plain, initializers_as_inputs, subgraphs, functions, types, other_values, matmul_nbits, uint8_quantized):
    (OUT / f"{make.__name__}.onnx").write_bytes(make().SerializeToString())
    truth[make.__name__] = walk(make())
(HERE / "heads.json").write_text(json.dumps(truth, indent=1, ensure_ascii=False) + "\n")
