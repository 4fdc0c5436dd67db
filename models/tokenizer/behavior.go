package tokenizer

import "fmt"

// behavior is what happens to the delimiters when a text is split.
type behavior uint8

// On "the-final--countdown", split at "-":
const (
	removed            behavior = iota // the, final, countdown
	isolated                           // the, -, final, -, -, countdown
	mergedWithPrevious                 // the-, final-, -, countdown
	mergedWithNext                     // the, -final, -, -countdown
	contiguous                         // the, -, final, --, countdown
)

func newBehavior(o object, otherwise behavior) (behavior, error) {
	name, err := o.strOr("behavior", "")
	if err != nil {
		return 0, err
	}
	switch name {
	case "":
		return otherwise, nil
	case "Removed", "removed":
		return removed, nil
	case "Isolated", "isolated":
		return isolated, nil
	case "MergedWithPrevious", "merged_with_previous":
		return mergedWithPrevious, nil
	case "MergedWithNext", "merged_with_next":
		return mergedWithNext, nil
	case "Contiguous", "contiguous":
		return contiguous, nil
	}
	return 0, fmt.Errorf("unknown behavior %.40q", name)
}

// cut is a part of a text: a delimiter, or what lies between two.
type cut struct {
	start, end int
	delimiter  bool
}

// split cuts a piece up at cuts, which cover it without a gap, and appends the parts to out.
func (b behavior) split(p *piece, cuts []cut, out []piece) []piece {
	switch b {
	case removed:
		for _, c := range cuts {
			if !c.delimiter {
				out = appendSlice(out, p, c.start, c.end)
			}
		}
	case isolated:
		for _, c := range cuts {
			out = appendSlice(out, p, c.start, c.end)
		}
	case mergedWithNext:
		out = b.splitBackward(p, cuts, out)
	default:
		out = b.splitForward(p, cuts, out)
	}
	return out
}

// splitForward joins a delimiter to the part before it, or equals to each other.
func (b behavior) splitForward(p *piece, cuts []cut, out []piece) []piece {
	start, end := 0, 0
	previous, any := false, false
	for _, c := range cuts {
		join := c.delimiter && !previous
		if b == contiguous {
			join = c.delimiter == previous
		}
		if !join && any {
			out = appendSlice(out, p, start, end)
		}
		if !join || !any {
			start = c.start
		}
		end = c.end
		previous, any = c.delimiter, true
	}
	return appendSlice(out, p, start, end)
}

// splitBackward joins a delimiter to the part after it, unless that is a delimiter too.
func (b behavior) splitBackward(p *piece, cuts []cut, out []piece) []piece {
	for i := 0; i < len(cuts); i++ {
		c := cuts[i]
		if c.delimiter && i+1 < len(cuts) && !cuts[i+1].delimiter {
			i++
		}
		out = appendSlice(out, p, c.start, cuts[i].end)
	}
	return out
}
