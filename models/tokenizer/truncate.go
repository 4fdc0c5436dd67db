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
	// Stride is how many tokens the parts of a text overlap where it is cut into several. Encode returns the first
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

// errTooShort and errNoPair are the errors of the strategies only_first and only_second.
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

// truncate cuts one text or a pair to MaxLength tokens, which here counts no special tokens.
func (t *Truncation) truncate(texts []part) (bool, error) {
	total := 0
	for i := range texts {
		total += len(texts[i].ids)
	}
	excess := total - t.MaxLength
	switch {
	case excess <= 0:
		return false, nil
	case t.MaxLength == 0:
		for i := range texts {
			texts[i].cut(0, t.Side)
		}
		return true, nil
	case t.Strategy == LongestFirst && len(texts) == 1:
		return true, t.cut(&texts[0], t.MaxLength)
	case t.Strategy == LongestFirst:
		n1, n2 := t.share(len(texts[0].ids), len(texts[1].ids))
		if err := t.cut(&texts[0], n1); err != nil {
			return false, err
		}
		return true, t.cut(&texts[1], n2)
	}
	target := &texts[0]
	if t.Strategy == OnlySecond {
		if len(texts) < 2 {
			return false, errNoPair
		}
		target = &texts[1]
	}
	if len(target.ids) <= excess {
		return false, errTooShort
	}
	return true, t.cut(target, len(target.ids)-excess)
}

// share is how long the texts of a pair may be: the shorter one stays whole if it leaves enough for the other, else
// each has half.
func (t *Truncation) share(n1, n2 int) (int, int) {
	swap := n1 > n2
	n1 = min(n1, n2) // the other is computed from it
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

func (t *Truncation) cut(p *part, n int) error {
	if n >= len(p.ids) {
		return nil
	}
	if n > 0 && t.Stride >= n {
		return fmt.Errorf("truncation: a stride of %d needs more than the %d tokens that are left for the text",
			t.Stride, n)
	}
	p.cut(n, t.Side)
	return nil
}
