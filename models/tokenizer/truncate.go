package tokenizer

import (
	"errors"
	"fmt"
)

// Truncation is how texts that are too long are cut.
type Truncation struct {
	// MaxLength is the most tokens there may be, special ones included.
	MaxLength int
	// Strategy is which text of a pair is cut: "longest_first", "only_first" or "only_second".
	Strategy string
	// Stride is how many tokens the parts of a text overlap where it is cut into several. Encode gives the first
	// part only; the stride must still be less than what is left for the text.
	Stride int
	// Side is the side that tokens are cut off from: "right" or "left".
	Side string
}

// The names of strategies and sides.
const (
	LongestFirst = "longest_first"
	OnlyFirst    = "only_first"
	OnlySecond   = "only_second"
	Right        = "right"
	Left         = "left"
)

// errTooShort and errNoPair are what the strategies only_first and only_second can run into.
var (
	errTooShort = errors.New("truncation: the text that may be cut is too short to make the pair fit; " +
		"use the strategy longest_first")
	errNoPair = errors.New("truncation: the strategy is only_second, and there is no second text")
)

func newTruncation(v any) (*Truncation, error) {
	if v == nil {
		return nil, nil
	}
	o, ok := v.(object)
	if !ok {
		return nil, wrongType("truncation", "an object or null", v)
	}
	t := &Truncation{}
	var err error
	if t.MaxLength, err = o.integer("max_length", maxTextBytes); err != nil {
		return nil, err
	}
	if t.Stride, err = o.integer("stride", maxTextBytes); err != nil {
		return nil, err
	}
	strategy, err := o.str("strategy")
	if err != nil {
		return nil, err
	}
	side, err := o.strOr("direction", "Right")
	if err != nil {
		return nil, err
	}
	if t.Strategy, err = truncationStrategy(strategy); err != nil {
		return nil, err
	}
	t.Side, err = sideName(side)
	return t, err
}

func truncationStrategy(name string) (string, error) {
	switch name {
	case "LongestFirst", LongestFirst:
		return LongestFirst, nil
	case "OnlyFirst", OnlyFirst:
		return OnlyFirst, nil
	case "OnlySecond", OnlySecond:
		return OnlySecond, nil
	}
	return "", fmt.Errorf("unknown truncation strategy %.40q; expected longest_first, only_first or only_second", name)
}

func sideName(name string) (string, error) {
	switch name {
	case "Right", Right:
		return Right, nil
	case "Left", Left:
		return Left, nil
	}
	return "", fmt.Errorf("unknown side %.40q; expected right or left", name)
}

// truncationFor is how the options want texts cut, nil for not at all. MaxLength is without the special tokens.
func (t *Tokenizer) truncationFor(o Options) (*Truncation, error) {
	if o.MaxLength == 0 || (o.MaxLength < 0 && t.truncation == nil) {
		return nil, nil
	}
	limit := Truncation{MaxLength: o.MaxLength, Strategy: LongestFirst, Side: Right}
	if o.MaxLength < 0 {
		limit = *t.truncation
	}
	var err error
	if o.TruncationStrategy != "" {
		if limit.Strategy, err = truncationStrategy(o.TruncationStrategy); err != nil {
			return nil, err
		}
	}
	if o.TruncationSide != "" {
		if limit.Side, err = sideName(o.TruncationSide); err != nil {
			return nil, err
		}
	}
	if !o.AddSpecialTokens {
		return &limit, nil
	}
	special := t.SpecialTokens(o.Pair != nil)
	if limit.MaxLength < special {
		return nil, fmt.Errorf("a maximum of %d tokens leaves no room for the %d special tokens", limit.MaxLength, special)
	}
	limit.MaxLength -= special
	return &limit, nil
}

// truncate cuts one sequence or a pair to MaxLength tokens, which here counts no special tokens.
func (t *Truncation) truncate(sequences []*Encoding) (bool, error) {
	total := 0
	for _, s := range sequences {
		total += len(s.IDs)
	}
	excess := total - t.MaxLength
	switch {
	case excess <= 0:
		return false, nil
	case t.MaxLength == 0:
		for _, s := range sequences {
			s.cut(0, t.Side)
		}
		return true, nil
	case t.Strategy == LongestFirst && len(sequences) == 1:
		return true, t.cut(sequences[0], t.MaxLength)
	case t.Strategy == LongestFirst:
		n1, n2 := t.share(len(sequences[0].IDs), len(sequences[1].IDs))
		if err := t.cut(sequences[0], n1); err != nil {
			return false, err
		}
		return true, t.cut(sequences[1], n2)
	}
	target := sequences[0]
	if t.Strategy == OnlySecond {
		if len(sequences) < 2 {
			return false, errNoPair
		}
		target = sequences[1]
	}
	if len(target.IDs) <= excess {
		return false, errTooShort
	}
	return true, t.cut(target, len(target.IDs)-excess)
}

// share is how long the texts of a pair may be: the shorter one stays whole if it leaves enough for the other, else
// each has half.
func (t *Truncation) share(n1, n2 int) (int, int) {
	swap := n1 > n2
	if swap {
		n1, n2 = n2, n1
	}
	if n1 > t.MaxLength {
		n2 = n1
	} else {
		n2 = max(n1, t.MaxLength-n1)
	}
	if n1+n2 > t.MaxLength {
		n1 = t.MaxLength / 2
		n2 = n1 + t.MaxLength%2
	}
	if swap {
		n1, n2 = n2, n1
	}
	return n1, n2
}

func (t *Truncation) cut(e *Encoding, n int) error {
	if n > 0 && n < len(e.IDs) && t.Stride >= n {
		return fmt.Errorf("truncation: a stride of %d needs more than the %d tokens that are left for the text",
			t.Stride, n)
	}
	e.cut(n, t.Side)
	return nil
}

// cut keeps n tokens.
func (e *Encoding) cut(n int, side string) {
	length := len(e.IDs)
	if n >= length {
		return
	}
	start, end := 0, n
	if side == Left {
		start, end = length-n, length
	}
	e.IDs, e.TypeIDs = e.IDs[start:end], e.TypeIDs[start:end]
	e.AttentionMask, e.SpecialTokensMask = e.AttentionMask[start:end], e.SpecialTokensMask[start:end]
	if e.Tokens != nil {
		e.Tokens = e.Tokens[start:end]
	}
	if e.Offsets != nil {
		e.Offsets = e.Offsets[start:end]
	}
}
