package layers

import (
	"github.com/divinedevops/probe/models/failure"
)

// Dense is a linear layer with an activation, and with use_residual a way around it:
// y = activation(x W^T + b) [+ x R^T, or + x]. Source: sentence_transformers/base/modules/dense.py, 6.2.
type Dense struct {
	In, Out int
	// Weight is out x in, row-major, as linear.weight of torch.nn.Linear.
	Weight []float32
	// Bias has Out numbers, or is nil.
	Bias []float32
	// Activation is applied to each component; nil is Identity.
	Activation Activation
	// Residual adds the input to the activated output (use_residual).
	Residual bool
	// ResidualWeight is out x in (residual.weight), needed where Residual is set and In differs from Out.
	ResidualWeight []float32
}

// Check reports whether the sizes of the weights fit In and Out. The error is an *failure.Error of stage load.
func (d Dense) Check() error {
	switch {
	case d.In < 1 || d.Out < 1:
		return failure.Errorf(failure.StageLoad, failure.KindInvalidConfig,
			"Dense: expected in_features and out_features of at least 1, found %d and %d", d.In, d.Out)
	case len(d.Weight) != d.In*d.Out:
		return failure.Errorf(failure.StageLoad, failure.KindInvalidConfig,
			"Dense: expected linear.weight of %d x %d numbers, found %d", d.Out, d.In, len(d.Weight))
	case d.Bias != nil && len(d.Bias) != d.Out:
		return failure.Errorf(failure.StageLoad, failure.KindInvalidConfig,
			"Dense: expected linear.bias of %d numbers, found %d", d.Out, len(d.Bias))
	case d.Residual && d.In != d.Out && len(d.ResidualWeight) != d.In*d.Out:
		return failure.Errorf(failure.StageLoad, failure.KindInvalidConfig,
			"Dense: expected residual.weight of %d x %d numbers, found %d", d.Out, d.In, len(d.ResidualWeight))
	}
	return nil
}

// Apply maps batch x In to batch x Out. The length of x is a multiple of In; anything else, or weights that do not fit,
// is an *failure.Error.
func (d Dense) Apply(x []float32) ([]float32, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	if len(x)%d.In != 0 {
		return nil, failure.Errorf(failure.StageInference, failure.KindInvalidConfig,
			"Dense: expected vectors of in_features %d numbers, found %d numbers in all", d.In, len(x))
	}
	batch := len(x) / d.In
	y := make([]float32, batch*d.Out)
	for b := range batch {
		row := x[b*d.In : (b+1)*d.In]
		for o := range d.Out {
			sum := dot(row, d.Weight[o*d.In:(o+1)*d.In])
			if d.Bias != nil {
				sum += float64(d.Bias[o])
			}
			if d.Activation != nil {
				sum = d.Activation(float64(float32(sum)))
			}
			y[b*d.Out+o] = float32(sum) + d.around(row, o)
		}
	}
	return y, nil
}

// around is what the residual adds to component o.
func (d Dense) around(row []float32, o int) float32 {
	switch {
	case !d.Residual:
		return 0
	case d.In == d.Out:
		return row[o]
	}
	return float32(dot(row, d.ResidualWeight[o*d.In:(o+1)*d.In]))
}

func dot(a, b []float32) float64 {
	sum := 0.0
	for i, x := range a {
		sum += float64(x) * float64(b[i])
	}
	return sum
}
