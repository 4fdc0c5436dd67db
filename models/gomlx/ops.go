package gomlx

import (
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/vocabulary"
)

// knownOps are the operators that onnx-gomlx v0.5.2 converts (convertNode in internal/onnxgomlx/graph.go, which a test
// compares this list with). It looks at the name alone: com.microsoft's operators go by the same names.
const knownOps = `Abs Add And ArgMax ArgMin AveragePool BatchNormalization BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast
Ceil Clip Concat Constant ConstantOfShape Conv Cos CumSum DequantizeLinear Div DynamicQuantizeLinear Einsum Equal Erf Exp
Expand FastGelu Flatten Floor Gather GatherElements GatherND Gelu Gemm GlobalAveragePool Greater GreaterOrEqual
GroupQueryAttention HardSwish Identity If IsNaN LSTM LayerNormalization Less LessOrEqual Log MatMul MatMulInteger Max
MaxPool Min Mod Mul MultiHeadAttention Neg NonZero Not Or Pad Pow QLinearMatMul QuantizeLinear Range Reciprocal ReduceL2
ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum Relu Reshape Resize RotaryEmbedding ScatterND Shape Sigmoid Sign
SimplifiedLayerNormalization Sin Size Slice Softmax Split Sqrt Squeeze Sub Tanh Tile TopK Transpose Trilu Unsqueeze Where
Xor`

// checkOps tells of the operators that cannot be run before anything is loaded.
func checkOps(head *onnx.Head) error {
	known := strings.Fields(knownOps)
	var missing []string
	for _, op := range head.RequiredOps() {
		name := op[strings.LastIndexByte(op, ':')+1:]
		if !slices.Contains(known, name) {
			missing = append(missing, op)
		}
	}
	if len(missing) > 0 {
		return failure.Errorf(failure.StageLoad, failure.KindUnsupportedOp,
			"the pure Go engine has no kernel for %s; ONNX Runtime may have", strings.Join(missing, ", ")).
			With(vocabulary.RemedyONNXRuntime, vocabulary.RemedyInstallRuntime)
	}
	if len(head.Functions) > 0 {
		return failure.Errorf(failure.StageLoad, failure.KindUnsupportedOp,
			"the pure Go engine has no model-local functions, the graph defines %s", strings.Join(head.Functions, ", ")).
			With(vocabulary.RemedyONNXRuntime, vocabulary.RemedyInstallRuntime)
	}
	return nil
}
