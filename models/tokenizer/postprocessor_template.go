package tokenizer

import (
	"fmt"
	"math"
	"slices"
)

// template puts special tokens around and between the texts as a list of parts says.
type template struct {
	single, pair []templatePart
}

// templatePart is a text (sequence 0 or 1), or special tokens (sequence -1).
type templatePart struct {
	sequence int
	typeID   int64
	ids      []int64
	tokens   []string
}

// maxTemplate bounds the parts of a template and the ids of a special token, maxTemplateTexts how many of the parts are
// the texts.
const (
	maxTemplate      = 1024
	maxTemplateTexts = 4
)

func newTemplate(o object) (postProcessor, error) {
	tokens, err := o.object("special_tokens")
	if err != nil {
		return nil, err
	}
	var t template
	if t.single, err = newTemplateParts(o, "single", tokens, 1); err != nil {
		return nil, err
	}
	t.pair, err = newTemplateParts(o, "pair", tokens, 2)
	return &t, err
}

func newTemplateParts(o object, key string, tokens object, sequences int) ([]templatePart, error) {
	list, err := o.objects(key)
	if err != nil {
		return nil, err
	}
	if len(list) > maxTemplate {
		return nil, fmt.Errorf("a template of %d parts; expected at most %d", len(list), maxTemplate)
	}
	parts := make([]templatePart, len(list))
	texts := 0
	for i, each := range list {
		if parts[i], err = newTemplatePart(each, tokens, sequences); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		if parts[i].sequence >= 0 {
			texts++
		}
	}
	if texts > maxTemplateTexts {
		return nil, fmt.Errorf("a template that repeats its texts %d times; expected at most %d", texts, maxTemplateTexts)
	}
	return parts, nil
}

func newTemplatePart(o object, tokens object, sequences int) (part templatePart, err error) {
	if s, ok := o["Sequence"].(object); ok {
		id, err := s.str("id")
		if err != nil {
			return part, err
		}
		switch {
		case id == "A":
			part.sequence = 0
		case id == "B" && sequences == 2:
			part.sequence = 1
		default:
			return part, fmt.Errorf("there is no sequence %.40q", id)
		}
		typeID, err := s.integer("type_id", math.MaxInt32)
		part.typeID = int64(typeID)
		return part, err
	}
	s, err := o.object("SpecialToken")
	if err != nil {
		return part, err
	}
	part.sequence = -1
	typeID, err := s.integer("type_id", math.MaxInt32)
	if err != nil {
		return part, err
	}
	part.typeID = int64(typeID)
	name, err := s.str("id")
	if err != nil {
		return part, err
	}
	token, err := tokens.object(name)
	if err != nil {
		return part, fmt.Errorf("special_tokens: %w", err)
	}
	part.ids, part.tokens, err = templateToken(token)
	return part, err
}

func templateToken(o object) (ids []int64, tokens []string, err error) {
	list, err := o.list("ids")
	if err != nil {
		return nil, nil, err
	}
	texts, err := o.list("tokens")
	if err != nil {
		return nil, nil, err
	}
	if len(list) != len(texts) || len(list) > maxTemplate {
		return nil, nil, fmt.Errorf("a special token of %d ids and %d tokens; expected as many, at most %d",
			len(list), len(texts), maxTemplate)
	}
	for i := range list {
		id, ok := list[i].(float64)
		if !ok || id < 0 || id > math.MaxInt32 || id != math.Trunc(id) {
			return nil, nil, wrongType("ids", "a list of token ids", list[i])
		}
		text, ok := texts[i].(string)
		if !ok {
			return nil, nil, wrongType("tokens", "a list of strings", texts[i])
		}
		ids, tokens = append(ids, int64(id)), append(tokens, text)
	}
	return ids, tokens, nil
}

func (t *template) added(pair bool) int {
	n := 0
	for _, p := range t.parts(pair) {
		n += len(p.ids)
	}
	return n
}

func (t *template) parts(pair bool) []templatePart {
	if pair {
		return t.pair
	}
	return t.single
}

func (t *template) process(runs []tokenRun, add bool) ([]tokenRun, error) {
	if len(runs) > 2 {
		return nil, fmt.Errorf("a template takes one text or two, and the post-processor before it made %d parts",
			len(runs))
	}
	parts := t.parts(len(runs) == 2)
	out := make([]tokenRun, 0, len(parts))
	for i := range parts {
		p := &parts[i]
		switch {
		case p.sequence >= 0:
			r := slices.Clone(runs[p.sequence])
			r.setType(p.typeID)
			out = append(out, r)
		case add:
			out = append(out, tokenRun{{ids: p.ids, tokens: p.tokens, typeID: p.typeID, special: true}})
		}
	}
	return out, nil
}
