package registry

import (
	"cmp"
	"iter"
	"slices"

	"github.com/divinedevops/probe/collect/record"
)

// Counter counts votes as they come, so that a survey costs what is new since the last one, not all that was ever sent.
// Its size grows with clients times models, not with events. It is not safe for concurrent use.
type Counter struct {
	models   map[string]*ballotBox
	clients  map[record.Key]uint32
	networks map[string]uint32 // from 1 on
	answers  map[answers]*counted
	events   int
	skipped  int
}

// answers are what one vote says of each field, interned: most clients say the same.
type answers struct {
	source, kind, dimension, modality, normalization, distance, pooling, maxLength string
}

// counted is how many ballots share one value.
type counted struct {
	answers
	ballots int
}

// ballotBox holds the latest vote of each client on one model.
type ballotBox struct {
	ballots map[uint32]ballot // by client
	model   *Model            // as counted; nil if a ballot came since
}

type ballot struct {
	answers *counted
	network uint32 // 0 if not recorded
}

// NewCounter returns a Counter that has counted nothing.
func NewCounter() *Counter {
	return &Counter{
		models: map[string]*ballotBox{}, clients: map[record.Key]uint32{}, networks: map[string]uint32{}, answers: map[answers]*counted{},
	}
}

// TakeSurvey counts the votes of records.
func TakeSurvey(records iter.Seq2[record.Record, error]) (Survey, error) {
	c := NewCounter()
	for r, err := range records {
		if err != nil {
			return Survey{}, err
		}
		c.Add(record.Entry{Record: r})
	}
	return c.Survey(), nil
}

// Add counts an entry. It replaces the client's earlier vote on the same model.
func (c *Counter) Add(e record.Entry) {
	if e.Skipped != nil {
		c.skipped++
		return
	}
	v, ok := voteOf(e.Record)
	if !ok {
		return
	}
	c.events++
	box := c.models[v.Name]
	if box == nil {
		box = &ballotBox{ballots: map[uint32]ballot{}}
		c.models[v.Name] = box
	}
	client := number(c.clients, record.KeyOf(e.HWID))
	var network uint32
	if e.Network != "" {
		network = number(c.networks, e.Network)
	}
	said := c.intern(v.answers())
	if before, voted := box.ballots[client]; voted {
		c.release(before.answers)
	}
	box.ballots[client] = ballot{said, network}
	box.model = nil
}

// number gives each key a number, from 1 on.
func number[K comparable](numbers map[K]uint32, key K) uint32 {
	n, known := numbers[key]
	if !known {
		n = uint32(len(numbers) + 1)
		numbers[key] = n
	}
	return n
}

func (c *Counter) intern(a answers) *counted {
	said := c.answers[a]
	if said == nil {
		said = &counted{answers: a}
		c.answers[a] = said
	}
	said.ballots++
	return said
}

func (c *Counter) release(said *counted) {
	if said.ballots--; said.ballots == 0 {
		delete(c.answers, said.answers)
	}
}

// Survey returns what was counted so far. Only models that got a vote since the last survey are counted again.
func (c *Counter) Survey() Survey {
	survey := Survey{Events: c.events, Clients: len(c.clients), Skipped: c.skipped}
	for name, box := range c.models {
		if box.model == nil {
			model := box.count(name)
			box.model = &model
		}
		survey.Models = append(survey.Models, *box.model)
	}
	slices.SortFunc(survey.Models, func(a, b Model) int {
		return cmp.Or(cmp.Compare(b.Clients, a.Clients), cmp.Compare(a.Name, b.Name))
	})
	return survey
}

// party is those who gave the same answers.
type party struct {
	clients  int
	networks map[uint32]struct{}
}

func (p *party) join(clients int, networks map[uint32]struct{}) {
	p.clients += clients
	for network := range networks {
		p.networks[network] = struct{}{}
	}
}

func (b *ballotBox) count(name string) Model {
	parties := map[*counted]*party{}
	networks := map[uint32]struct{}{}
	for _, vote := range b.ballots {
		p := parties[vote.answers]
		if p == nil {
			p = &party{networks: map[uint32]struct{}{}}
			parties[vote.answers] = p
		}
		p.clients++
		if vote.network != 0 {
			p.networks[vote.network] = struct{}{}
			networks[vote.network] = struct{}{}
		}
	}
	tally := func(answer func(answers) string) Tally {
		byValue := map[string]*party{}
		for said, p := range parties {
			value := answer(said.answers)
			if value == "" {
				continue
			}
			if byValue[value] == nil {
				byValue[value] = &party{networks: map[uint32]struct{}{}}
			}
			byValue[value].join(p.clients, p.networks)
		}
		var t Tally
		for value, p := range byValue {
			t = append(t, Votes{value, p.clients, len(p.networks)})
		}
		slices.SortFunc(t, func(a, b Votes) int {
			return cmp.Or(cmp.Compare(b.Clients, a.Clients), cmp.Compare(a.Value, b.Value))
		})
		return t
	}
	return Model{
		Name: name, Clients: len(b.ballots), Networks: len(networks),
		Source:        tally(func(a answers) string { return a.source }),
		Type:          tally(func(a answers) string { return a.kind }),
		Dimension:     tally(func(a answers) string { return a.dimension }),
		Modality:      tally(func(a answers) string { return a.modality }),
		Normalization: tally(func(a answers) string { return a.normalization }),
		Distance:      tally(func(a answers) string { return a.distance }),
		Pooling:       tally(func(a answers) string { return a.pooling }),
		MaxLength:     tally(func(a answers) string { return a.maxLength }),
	}
}

// answers returns what is counted of a vote; values that are too long count as none.
func (v vote) answers() answers {
	short := func(s string) string {
		if len(s) > maxModelName {
			return ""
		}
		return s
	}
	return answers{
		source: short(v.Source), kind: short(v.modelType()), dimension: positive(v.Dimension), modality: v.modality(),
		normalization: short(v.Normalization), distance: short(v.Distance), pooling: short(v.Pooling),
		maxLength: positive(v.MaxSequenceLength),
	}
}
