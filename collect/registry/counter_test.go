package registry

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/divinedevops/probe/collect/record"
)

// Counted bit by bit, with a survey after each, is the same as counted at once.
func TestCounterIsIncremental(t *testing.T) {
	t.Parallel()
	c := NewCounter()
	var so []record.Record
	for _, r := range collected() {
		so = append(so, r)
		c.Add(record.Entry{Record: r})
		if diff := cmp.Diff(mustSurvey(t, so), c.Survey()); diff != "" {
			t.Fatalf("after %d events (-at once +bit by bit):\n%s", len(so), diff)
		}
	}
	c.Add(record.Entry{Skipped: &record.Skipped{}})
	if s := c.Survey(); s.Skipped != 1 {
		t.Errorf("skipped %d", s.Skipped)
	}
}

// Clients that vote again and again leave nothing behind but their latest vote.
func TestCounterForgetsOldVotes(t *testing.T) {
	t.Parallel()
	c := NewCounter()
	for i := range 1000 {
		c.Add(record.Entry{Record: measurement("a", "acme/model", i+1, "l2")})
	}
	if len(c.answers) != 1 || len(c.models["acme/model"].ballots) != 1 || c.Survey().Models[0].Dimension.Value() != "1000" {
		t.Errorf("%d answers, %+v", len(c.answers), c.Survey())
	}
}

// Many clients of one network are seen to be of one.
func TestNetworksAreCounted(t *testing.T) {
	t.Parallel()
	c := NewCounter()
	for i, client := range []string{"forged-1", "forged-2", "forged-3", "honest-1", "honest-2"} {
		r := measurement(client, "acme/model", 999, "l2")
		r.Network = "attacker"
		if i >= 3 {
			r = measurement(client, "acme/model", 384, "l2")
			r.Network = client
		}
		c.Add(record.Entry{Record: r})
	}
	m := c.Survey().Models[0]
	if diff := cmp.Diff(Tally{{"999", 3, 1}, {"384", 2, 2}}, m.Dimension); diff != "" || m.Clients != 5 || m.Networks != 3 {
		t.Errorf("%d clients of %d networks (-want +got):\n%s", m.Clients, m.Networks, diff)
	}
}
