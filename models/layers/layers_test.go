package layers

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/divinedevops/probe/models/failure"
)

type truth struct {
	Activations []struct {
		Name            string
		Inputs, Outputs []float32
	}
	Dense []struct {
		Batch, In, Out                int
		Activation                    string
		Inputs, Weight, Bias, Outputs []float32
	}
	LayerNorm []struct {
		Inputs, Weight, Bias, Outputs []float32
	} `json:"layer_norm"`
	Normalize []struct {
		Dim             int
		Inputs, Outputs []float32
	}
}

func load(t *testing.T) truth {
	t.Helper()
	data, err := os.ReadFile("../../testdata/pooling/modules.json")
	if err != nil {
		t.Fatal(err)
	}
	var tr truth
	if err := json.Unmarshal(data, &tr); err != nil {
		t.Fatal(err)
	}
	return tr
}

// near compares with a relative tolerance and an absolute one for values near zero.
func near(t *testing.T, what string, got, want []float32, relative, absolute float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i := range got {
		d := math.Abs(float64(got[i]) - float64(want[i]))
		if !(d <= absolute+relative*math.Abs(float64(want[i]))) {
			t.Errorf("%s[%d] = %g, want %g", what, i, got[i], want[i])
		}
	}
}

func TestActivationsEqualPyTorch(t *testing.T) {
	t.Parallel()
	tr := load(t)
	if len(tr.Activations) != len(activations()) {
		t.Errorf("truth for %d activations, %d known", len(tr.Activations), len(activations()))
	}
	for _, a := range tr.Activations {
		f, err := ParseActivation(a.Name)
		if err != nil {
			t.Error(err)
			continue
		}
		got := make([]float32, len(a.Inputs))
		for i, x := range a.Inputs {
			got[i] = float32(f(float64(x)))
		}
		// PyTorch's float32 GELU and Mish lose digits in 1 + erf(x) left of zero; 6e-7 is that loss.
		near(t, a.Name, got, a.Outputs, 1e-6, 6e-7)
	}
}

func TestParseActivation(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"torch.nn.modules.activation.PReLU", "torch.nn.modules.activation.tanh", "my.code.Tanh", "Tanh", "torch.nn.", "os.system",
	} {
		_, err := ParseActivation(path)
		var e *failure.Error
		if !errors.As(err, &e) || e.Kind != failure.KindUnsupportedModel || !strings.Contains(err.Error(), `"`+path+`"`) {
			t.Errorf("%q: error %v does not name it", path, err)
		}
	}
	f, err := ParseActivation("")
	if err != nil || f(1) != math.Tanh(1) {
		t.Errorf("the default is not Tanh: %v", err)
	}
}

func TestDenseEqualsPyTorch(t *testing.T) {
	t.Parallel()
	for _, c := range load(t).Dense {
		f, err := ParseActivation(c.Activation)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Dense{In: c.In, Out: c.Out, Weight: c.Weight, Bias: c.Bias, Activation: f}.Apply(c.Inputs)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "dense", got, c.Outputs, 1e-6, 3e-7)
	}
}

func TestDenseResidual(t *testing.T) {
	t.Parallel()
	square := Dense{In: 2, Out: 2, Weight: []float32{0, 1, 1, 0}, Bias: []float32{1, 0}, Residual: true}
	got, err := square.Apply([]float32{3, 5})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "x around", got, []float32{5 + 1 + 3, 3 + 5}, 0, 0)
	narrow := Dense{
		In: 2, Out: 1, Weight: []float32{1, 1}, Activation: math.Tanh, Residual: true, ResidualWeight: []float32{2, 3},
	}
	got, err = narrow.Apply([]float32{1, -1})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "x R^T around", got, []float32{-1}, 0, 0)
	narrow.ResidualWeight = nil
	if err := narrow.Check(); err == nil || !strings.Contains(err.Error(), "residual.weight") {
		t.Errorf("missing residual weight: %v", err)
	}
}

func TestDenseSizes(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]Dense{
		"in_features":   {In: 0, Out: 1},
		"linear.weight": {In: 2, Out: 2, Weight: make([]float32, 3)},
		"linear.bias":   {In: 1, Out: 2, Weight: make([]float32, 2), Bias: make([]float32, 1)},
	} {
		if _, err := d.Apply(nil); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (Dense{In: 2, Out: 1, Weight: make([]float32, 2)}).Apply(make([]float32, 3)); err == nil {
		t.Error("3 numbers for vectors of 2 were taken")
	}
}

func TestLayerNormEqualsPyTorch(t *testing.T) {
	t.Parallel()
	for _, c := range load(t).LayerNorm {
		got, err := LayerNorm(c.Inputs, c.Weight, c.Bias)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "layer norm", got, c.Outputs, 2e-6, 2e-6)
	}
	if _, err := LayerNorm(make([]float32, 4), make([]float32, 2), make([]float32, 3)); err == nil {
		t.Error("a bias of another length was taken")
	}
	if _, err := LayerNorm(make([]float32, 5), make([]float32, 2), make([]float32, 2)); err == nil {
		t.Error("5 numbers for vectors of 2 were taken")
	}
}

func TestNormalizeEqualsPyTorch(t *testing.T) {
	t.Parallel()
	for _, c := range load(t).Normalize {
		got, err := Normalize(c.Inputs, c.Dim)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "normalize", got, c.Outputs, 3e-7, 1e-18)
	}
	if _, err := Normalize(make([]float32, 5), 2); err == nil {
		t.Error("5 numbers for vectors of 2 were taken")
	}
}
