package registry

import (
	"fmt"
	"io"
)

// Print writes the diff for a person: what is wrong first.
func (d Diff) Print(w io.Writer) error {
	p := &printer{w: w}
	p.line("%d wrong, %d new, %d confirmed, %d disagreeing, %d of too few clients, %d unseen",
		len(d.Wrong), len(d.New), len(d.Confirmed), len(d.Disagreeing), len(d.TooFew), len(d.Unseen))
	for _, e := range d.Wrong {
		done := "kept"
		if e.Accepted {
			done = "corrected"
		}
		p.line("wrong        %s: %s is %s, measured %s (%d of %s%s), %s", e.Name, e.Field, e.Registry, e.Measured,
			e.Votes, plural(e.Clients, "client"), ofNetworks(e.Networks), done)
	}
	for _, e := range d.Disagreeing {
		p.line("disagreeing  %s: %s: %s", e.Name, e.Field, e.Votes)
	}
	for _, list := range []struct {
		label string
		names []string
	}{{"new", d.New}, {"too few", d.TooFew}, {"confirmed", d.Confirmed}, {"unseen", d.Unseen}} {
		for _, name := range list.names {
			p.line("%-12s %s", list.label, name)
		}
	}
	return p.err
}

// printer remembers the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// ofNetworks says of how many networks clients are; nothing if that was not recorded.
func ofNetworks(n int) string {
	if n == 0 {
		return ""
	}
	return " of " + plural(n, "network")
}
