package tokenizer

import (
	"math"
	"strconv"
)

// number reads a JSON number; isInt says that it was written without a fraction and an exponent.
//
// The value is what serde_json 1.0 computes without its float_roundtrip feature, which is how the Rust library reads
// the scores of a Unigram vocabulary: the digits as an integer rounded to float64, then divided or multiplied by a
// power of ten. That can differ from the nearest float64 in the last bit, and the last bit decides ties.
func (j *jsonScanner) number() (value float64, isInt bool, err error) {
	c := j.peek()
	negative := c == '-'
	if negative {
		j.pos++
	}
	var significand uint64
	exponent := 0
	if c = j.at(); c < '0' || c > '9' {
		return 0, false, j.errorf("expected a JSON value")
	}
	j.pos++
	significand = uint64(c - '0')
	if c == '0' {
		if c = j.at(); c >= '0' && c <= '9' {
			return 0, false, j.errorf("a number with a leading zero")
		}
	} else {
		significand, exponent = j.digits(significand, 0, 1)
	}
	isInt = exponent == 0
	if j.at() == '.' {
		isInt = false
		j.pos++
		if c = j.at(); c < '0' || c > '9' {
			return 0, false, j.errorf("a number without digits after its point")
		}
		if exponent > 0 { // too long already: further digits count for nothing
			for c = j.at(); c >= '0' && c <= '9'; c = j.at() {
				j.pos++
			}
		} else {
			significand, exponent = j.digits(significand, -1, 0)
		}
	}
	if c = j.at(); c == 'e' || c == 'E' {
		isInt = false
		shift, err := j.exponent()
		if err != nil {
			return 0, false, err
		}
		exponent += shift
	}
	value, ok := scaled(significand, exponent)
	if !ok {
		return 0, false, j.errorf("a number out of range")
	}
	if negative {
		value = -value
	}
	return value, isInt, nil
}

// digits reads digits into the significand. Each that fits moves the exponent by fits, each that does not (the
// significand is full) by dropped.
func (j *jsonScanner) digits(significand uint64, fits, dropped int) (uint64, int) {
	exponent := 0
	full := false
	for c := j.at(); c >= '0' && c <= '9'; c = j.at() {
		d := uint64(c - '0')
		if full || significand > (math.MaxUint64-d)/10 {
			full = true
			exponent += dropped
		} else {
			significand = significand*10 + d
			exponent += fits
		}
		j.pos++
	}
	return significand, exponent
}

// exponent reads the e of a number and its digits.
func (j *jsonScanner) exponent() (int, error) {
	j.pos++
	sign := 1
	switch j.at() {
	case '-':
		sign = -1
		j.pos++
	case '+':
		j.pos++
	}
	if c := j.at(); c < '0' || c > '9' {
		return 0, j.errorf("a number without digits in its exponent")
	}
	n := 0
	for c := j.at(); c >= '0' && c <= '9'; c = j.at() {
		if n < 1<<28 {
			n = n*10 + int(c-'0')
		}
		j.pos++
	}
	return sign * n, nil
}

// at is the byte at the position, 0 at the end.
func (j *jsonScanner) at() byte {
	if j.pos < len(j.data) {
		return j.data[j.pos]
	}
	return 0
}

// scaled is significand * 10^exponent in serde_json's order of roundings; false if it is infinite.
func scaled(significand uint64, exponent int) (float64, bool) {
	f := float64(significand)
	for exponent < -308 {
		if f == 0 {
			return 0, true
		}
		f /= 1e308
		exponent += 308
	}
	if exponent < 0 {
		return f / pow10(-exponent), true
	}
	if exponent > 308 {
		return 0, f == 0
	}
	f *= pow10(exponent)
	return f, !math.IsInf(f, 0)
}

// pow10 is the float64 nearest to 10^n, n from 0 to 308. (math.Pow10 is a bit off for some n over 31.)
func pow10(n int) float64 {
	if n <= 22 { // exact, as are its factors
		return math.Pow10(n)
	}
	f, err := strconv.ParseFloat("1e"+strconv.Itoa(n), 64)
	if err != nil {
		return math.Inf(1)
	}
	return f
}
