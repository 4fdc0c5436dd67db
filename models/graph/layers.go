package graph

import (
	"math"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
)

// linear is torch.nn.Linear on rows (n x in): x W^T + b, with the weight as it is stored, out x in.
func (b *builder) linear(x value, name string, in, out int64, bias bool) value {
	inputs := []value{x, b.param([]int64{out, in}, name+".weight")}
	if bias {
		inputs = append(inputs, b.param([]int64{out}, name+".bias"))
	}
	return b.op("Gemm", inputs, onnx.Int("transB", 1))
}

// layerNorm is torch.nn.LayerNorm over the last axis. Checkpoints that were converted from TensorFlow call the scale
// gamma and the shift beta.
func (b *builder) layerNorm(x value, name string, dim int64, eps float64, bias bool) value {
	shape := []int64{dim}
	inputs := []value{x, b.param(shape, name+".weight", name+".gamma")}
	if bias {
		inputs = append(inputs, b.param(shape, name+".bias", name+".beta"))
	}
	return b.op("LayerNormalization", inputs, onnx.Int("axis", -1), onnx.Float("epsilon", float32(eps)))
}

// rmsNorm is x / sqrt(mean(x^2) + eps) * (weight + shift) over the last axis (Zhang and Sennrich 2019,
// arXiv:1910.07467); shift is 1 in the Gemma family, whose weights are stored around zero, else 0.
func (b *builder) rmsNorm(x value, name string, dim int64, eps, shift float64) value {
	weight := b.param([]int64{dim}, name+".weight")
	if shift != 0 {
		weight = b.add(weight, b.float(shift))
	}
	mean := b.op("ReduceMean", []value{b.mul(x, x)}, onnx.Ints("axes", -1), onnx.Int("keepdims", 1))
	root := b.op("Sqrt", []value{b.add(mean, b.float(eps))})
	return b.mul(b.div(x, root), weight)
}

// activate applies an activation by transformers' name (ACT2FN in activations.py).
func (b *builder) activate(x value, name string) value {
	switch name {
	case "gelu", "gelu_python":
		erf := b.op("Erf", []value{b.div(x, b.float(math.Sqrt2))})
		return b.mul(b.mul(x, b.add(erf, b.float(1))), b.float(0.5))
	case "gelu_new", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_fast", "gelu_accurate":
		cube := b.mul(b.mul(x, x), x)
		inner := b.mul(b.add(x, b.mul(cube, b.float(0.044715))), b.float(math.Sqrt(2/math.Pi)))
		tanh := b.op("Tanh", []value{inner})
		return b.mul(b.mul(x, b.float(0.5)), b.add(tanh, b.float(1)))
	case "quick_gelu":
		return b.mul(x, b.op("Sigmoid", []value{b.mul(x, b.float(1.702))}))
	case "silu", "swish":
		return b.mul(x, b.op("Sigmoid", []value{x}))
	case "relu":
		return b.op("Relu", []value{x})
	case "tanh":
		return b.op("Tanh", []value{x})
	case "linear":
		return x
	}
	b.fail(failure.KindUnsupportedModel, "config.json: activation %q is not known; known are gelu, gelu_new, "+
		"gelu_pytorch_tanh, gelu_fast, quick_gelu, silu, relu, tanh and linear", name)
	return x
}
