package pixels

import (
	"bytes"
	"math"
)

// size reads what to resize or crop to, in each of the forms that versions of transformers have written: one number,
// [height, width], or an object with height and width, or with shortest_edge and maybe longest_edge.
func (r *reader) size(key string, square bool, into *Size) {
	const expected = "a number, [height, width], height and width, or shortest_edge, each from 1 to 4096"
	v := bytes.TrimSpace(r.fields[key])
	if len(v) == 0 || r.null(key) {
		return
	}
	var s Size
	ok := true
	side := func(f float64) int {
		if f != math.Trunc(f) || f < 1 || f > maxSide {
			ok = false
			return 0
		}
		return int(f)
	}
	switch v[0] {
	case '{':
		var o map[string]*float64
		ok = r.get(key, expected, &o)
		s = sizeObject(o, side)
		ok = ok && s != Size{}
	case '[':
		var list []float64
		if ok = r.get(key, expected, &list) && len(list) == 2; ok {
			s = Size{Height: side(list[0]), Width: side(list[1])}
		}
	default:
		var f float64
		if ok = r.get(key, expected, &f); ok && square {
			s = Size{Height: side(f), Width: side(f)}
		} else if ok {
			s = Size{Shortest: side(f)}
		}
	}
	if !ok {
		if r.err == nil {
			r.wrong(key, expected)
		}
		return
	}
	*into = s
}

// sizeObject reads an object's keys; the zero Size for sets of keys that name none.
func sizeObject(o map[string]*float64, side func(float64) int) Size {
	given := map[string]float64{}
	for k, v := range o {
		if v != nil {
			given[k] = *v
		}
	}
	has := func(keys ...string) bool {
		for _, k := range keys {
			if _, ok := given[k]; !ok {
				return false
			}
		}
		return len(given) == len(keys)
	}
	switch {
	case has("height", "width"):
		return Size{Height: side(given["height"]), Width: side(given["width"])}
	case has("shortest_edge"):
		return Size{Shortest: side(given["shortest_edge"])}
	case has("shortest_edge", "longest_edge"):
		return Size{Shortest: side(given["shortest_edge"]), Longest: side(given["longest_edge"])}
	}
	return Size{}
}
