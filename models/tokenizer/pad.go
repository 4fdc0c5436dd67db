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

// Apply pads encodings that were made with o, as EncodeBatch does with Options.Pad: for callers whose batch holds pairs,
// or comes together piece by piece.
func (p *Padding) Apply(batch []*Encoding, _ Options) error { return p.pad(batch) }

// pad fills up a batch. What is longer already stays as it is.
func (p *Padding) pad(batch []*Encoding) error {
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
			*e = *p.padded(e, n, left)
		}
	}
	return nil
}

// padded is e with n more tokens.
func (p *Padding) padded(e *Encoding, n int, left bool) *Encoding {
	old := len(e.IDs)
	all := make([]int64, 4*(old+n))
	slot := func(i int) []int64 { return all[i*(old+n) : (i+1)*(old+n) : (i+1)*(old+n)] }
	out := &Encoding{IDs: slot(0), TypeIDs: slot(1), AttentionMask: slot(2), SpecialTokensMask: slot(3),
		Truncated: e.Truncated, FullLength: e.FullLength}
	text, start := 0, old // where the text goes, and where the padding
	if left {
		text, start = n, 0
	}
	copy(out.IDs[text:], e.IDs)
	copy(out.TypeIDs[text:], e.TypeIDs)
	copy(out.AttentionMask[text:], e.AttentionMask)
	copy(out.SpecialTokensMask[text:], e.SpecialTokensMask)
	for i := start; i < start+n; i++ {
		out.IDs[i], out.TypeIDs[i], out.SpecialTokensMask[i] = p.ID, p.TypeID, 1
	}
	if e.Tokens != nil {
		out.Tokens = make([]string, old+n)
		copy(out.Tokens[text:], e.Tokens)
		for i := start; i < start+n; i++ {
			out.Tokens[i] = p.Token
		}
	}
	if e.Offsets != nil {
		out.Offsets = make([][2]int, old+n)
		copy(out.Offsets[text:], e.Offsets)
	}
	return out
}
