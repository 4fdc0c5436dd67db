package tokenizer

import (
	"fmt"
	"math"
)

// Padding is how short texts are filled up.
type Padding struct {
	// Length is how long every text becomes at least; 0 for as long as the longest of the batch.
	Length int
	// MultipleOf rounds the length up to a multiple; 0 does not.
	MultipleOf int
	// Side is where the padding goes: "right" (or "") or "left".
	Side string
	// ID, TypeID and Token are the padding token's.
	ID     int64
	TypeID int64
	Token  string
}

// maxPad is the longest that padding makes a text, and 64 times that all texts of a batch together: it bounds what a
// file can ask for.
const maxPad = 1 << 20

func newPadding(v any) (*Padding, error) {
	if v == nil {
		return nil, nil
	}
	o, ok := v.(object)
	if !ok {
		return nil, wrongType("padding", "an object or null", v)
	}
	p := &Padding{}
	var err error
	switch strategy := o["strategy"].(type) {
	case string:
		if strategy != "BatchLongest" {
			return nil, wrongType("strategy", `"BatchLongest" or {"Fixed": length}`, strategy)
		}
	case object:
		if p.Length, err = strategy.integer("Fixed", math.MaxInt32); err != nil {
			return nil, err
		}
	default:
		return nil, wrongType("strategy", `"BatchLongest" or {"Fixed": length}`, strategy)
	}
	if p.MultipleOf, err = o.integerOr("pad_to_multiple_of", math.MaxInt32, 0); err != nil {
		return nil, err
	}
	side, err := o.str("direction")
	if err != nil {
		return nil, err
	}
	if p.Side, err = sideName(side); err != nil {
		return nil, err
	}
	id, err := o.integer("pad_id", math.MaxInt32)
	if err != nil {
		return nil, err
	}
	typeID, err := o.integer("pad_type_id", math.MaxInt32)
	if err != nil {
		return nil, err
	}
	p.ID, p.TypeID = int64(id), int64(typeID)
	p.Token, err = o.str("pad_token")
	return p, err
}

// pad fills up a batch. What is longer already stays as it is.
func (p *Padding) pad(batch []*Encoding, o Options) error {
	left := false
	if p.Side != "" {
		side, err := sideName(p.Side)
		if err != nil {
			return err
		}
		left = side == Left
	}
	length := p.Length
	if length == 0 {
		for _, e := range batch {
			length = max(length, len(e.IDs))
		}
	}
	if p.MultipleOf > 0 && length%p.MultipleOf > 0 {
		length += p.MultipleOf - length%p.MultipleOf
	}
	if length > maxPad || length*len(batch) > 64*maxPad {
		return fmt.Errorf("padding %d texts to %d tokens; expected at most %d tokens, %d in all", len(batch), length,
			maxPad, 64*maxPad)
	}
	for _, e := range batch {
		if n := length - len(e.IDs); n > 0 {
			*e = *p.padded(e, n, left, o)
		}
	}
	return nil
}

// padded is e with n more tokens.
func (p *Padding) padded(e *Encoding, n int, left bool, o Options) *Encoding {
	padding := newEncoding(n, p.TypeID)
	for i := range n {
		padding.IDs[i] = p.ID
		padding.AttentionMask[i] = 0
		padding.SpecialTokensMask[i] = 1
	}
	if o.Tokens {
		padding.Tokens = make([]string, n)
		for i := range padding.Tokens {
			padding.Tokens[i] = p.Token
		}
	}
	if o.Offsets {
		padding.Offsets = make([][2]int, n)
	}
	parts := []*Encoding{e, padding}
	if left {
		parts = []*Encoding{padding, e}
	}
	all := concat(parts)
	all.Truncated, all.FullLength = e.Truncated, e.FullLength
	return all
}
