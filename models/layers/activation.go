// Package layers has the small layers that follow pooling in a sentence-transformers model: Dense with its activation,
// LayerNorm and Normalize. It is pure arithmetic over float32 vectors, row-major, batch x dim.
//
// Sums and transcendental functions run in float64 and are rounded to float32 once: PyTorch's own float32 results scatter
// around that value by an amount that depends on the machine's vector width.
package layers

import (
	"math"
	"sort"
	"strings"

	"github.com/divinedevops/probe/models/failure"
)

// Activation is a torch.nn activation with its default arguments, applied to one component.
type Activation func(x float64) float64

// activations are the classes of torch.nn that act on each component alone and have no weights, by class name. The
// definitions are those of PyTorch's documentation, with the defaults of each constructor.
func activations() map[string]Activation {
	return map[string]Activation{
		"Identity":    func(x float64) float64 { return x },
		"Tanh":        math.Tanh,
		"ReLU":        func(x float64) float64 { return max(x, 0) },
		"ReLU6":       func(x float64) float64 { return min(max(x, 0), 6) },
		"LeakyReLU":   func(x float64) float64 { return max(x, 0) + 0.01*min(x, 0) },
		"ELU":         func(x float64) float64 { return max(x, 0) + math.Expm1(min(x, 0)) },
		"CELU":        func(x float64) float64 { return max(x, 0) + math.Expm1(min(x, 0)) },
		"SELU":        selu,
		"GELU":        func(x float64) float64 { return x * 0.5 * math.Erfc(-x/math.Sqrt2) },
		"SiLU":        func(x float64) float64 { return x * sigmoid(x) },
		"Mish":        func(x float64) float64 { return x * math.Tanh(softplus(x)) },
		"Sigmoid":     sigmoid,
		"LogSigmoid":  func(x float64) float64 { return min(x, 0) - math.Log1p(math.Exp(-math.Abs(x))) },
		"Softplus":    softplus,
		"Softsign":    func(x float64) float64 { return x / (1 + math.Abs(x)) },
		"Tanhshrink":  func(x float64) float64 { return x - math.Tanh(x) },
		"Hardtanh":    func(x float64) float64 { return min(max(x, -1), 1) },
		"Hardswish":   func(x float64) float64 { return x * min(max(x+3, 0), 6) / 6 },
		"Hardsigmoid": func(x float64) float64 { return min(max(x+3, 0), 6) / 6 },
	}
}

// The constants of SELU (arXiv:1706.02515).
const (
	seluAlpha = 1.6732632423543772848170429916717
	seluScale = 1.0507009873554804934193349852946
)

func selu(x float64) float64 {
	return seluScale * (max(x, 0) + seluAlpha*math.Expm1(min(x, 0)))
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// softplus is linear above 20, as torch.nn.Softplus with its default threshold.
func softplus(x float64) float64 {
	if x > 20 {
		return x
	}
	return math.Log1p(math.Exp(x))
}

// ParseActivation finds an activation by the path that Dense's config.json holds in activation_function, such as
// "torch.nn.modules.activation.Tanh"; "" is Tanh, the default of Dense where the key is absent. Anything that is not a
// known weightless class below torch.nn is an *failure.Error that names it: a wrong guess would make wrong vectors.
// (sentence-transformers replaces a path outside torch by Tanh with a warning; that is not done here.)
func ParseActivation(path string) (Activation, error) {
	if path == "" {
		path = "torch.nn.modules.activation.Tanh"
	}
	known := activations()
	class := path[strings.LastIndexByte(path, '.')+1:]
	if f, ok := known[class]; ok && strings.HasPrefix(path, "torch.nn.") {
		return f, nil
	}
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	sort.Strings(names)
	return nil, failure.Errorf(failure.StageLoad, failure.KindUnsupportedModel,
		"Dense activation_function: expected a class of torch.nn among %s, found %q", strings.Join(names, ", "), path)
}
