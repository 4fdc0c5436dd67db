package pixels

import (
	"fmt"
	"math"
)

// Filter is a resampling filter by Pillow's number, as "resample" in preprocessor_config.json states it.
type Filter int

// Pillow's filters (PIL.Image.Resampling).
const (
	Nearest  Filter = 0
	Lanczos  Filter = 1
	Bilinear Filter = 2
	Bicubic  Filter = 3
	Box      Filter = 4
	Hamming  Filter = 5
)

// String is Pillow's name of the filter in lower case.
func (f Filter) String() string {
	names := [...]string{"nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"}
	if f < 0 || int(f) >= len(names) {
		return fmt.Sprintf("Filter(%d)", int(f))
	}
	return names[f]
}

// kernel is a filter's function and the distance from which on it is 0; nil for Nearest, which has none.
func (f Filter) kernel() (at func(float64) float64, support float64) {
	switch f {
	case Lanczos:
		return lanczos, 3
	case Bilinear:
		return bilinear, 1
	case Bicubic:
		return bicubic, 2
	case Box:
		return box, 0.5
	case Hamming:
		return hamming, 1
	}
	return nil, 0
}

func box(x float64) float64 {
	if x > -0.5 && x <= 0.5 {
		return 1
	}
	return 0
}

func bilinear(x float64) float64 { return max(0, 1-math.Abs(x)) }

func hamming(x float64) float64 {
	x = math.Abs(x)
	if x == 0 {
		return 1
	}
	if x >= 1 {
		return 0
	}
	x *= math.Pi
	return math.Sin(x) / x * (0.54 + 0.46*math.Cos(x))
}

// bicubic is the cubic convolution of Keys (IEEE ASSP 29, 1981) with a = -0.5.
func bicubic(x float64) float64 {
	const a = -0.5
	x = math.Abs(x)
	switch {
	case x < 1:
		return ((a+2)*x-(a+3))*x*x + 1
	case x < 2:
		return (((x-5)*x+8)*x - 4) * a
	}
	return 0
}

// lanczos is a windowed sinc with three lobes.
func lanczos(x float64) float64 {
	if -3 <= x && x < 3 {
		return sinc(x) * sinc(x/3)
	}
	return 0
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	x *= math.Pi
	return math.Sin(x) / x
}
