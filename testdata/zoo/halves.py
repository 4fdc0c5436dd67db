"""ONNX graphs in float16, made from float32 ones as onnxconverter-common does it.

Every float tensor and cast narrowed.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def narrow(tensor: onnx.TensorProto) -> onnx.TensorProto:
    """The tensor as float16; what is too large for it (the mask's -3.4e38) becomes the largest there is."""
    if tensor.data_type != TensorProto.FLOAT:
        return tensor
    return numpy_helper.from_array(
        np.clip(numpy_helper.to_array(tensor), -65504, 65504).astype(np.float16), tensor.name
    )


def to_float16(model: onnx.ModelProto, keep_io: bool) -> onnx.ModelProto:
    """Changes the model in place. With keep_io float inputs and outputs stay float32 between Cast nodes."""
    graph = model.graph
    for i, tensor in enumerate(graph.initializer):
        graph.initializer[i].CopyFrom(narrow(tensor))
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                attribute.t.CopyFrom(narrow(attribute.t))
            elif attribute.name == "to" and attribute.i == TensorProto.FLOAT:
                attribute.i = TensorProto.FLOAT16
    for value in [*graph.output, *graph.input]:
        if value.type.tensor_type.elem_type == TensorProto.FLOAT:
            if not keep_io:
                value.type.tensor_type.elem_type = TensorProto.FLOAT16
            elif value in graph.output:
                inner = value.name + "_fp16"
                for node in graph.node:
                    node.output[:] = [inner if o == value.name else o for o in node.output]
                    node.input[:] = [inner if o == value.name else o for o in node.input]
                graph.node.append(helper.make_node("Cast", [inner], [value.name], to=TensorProto.FLOAT))
    return model
