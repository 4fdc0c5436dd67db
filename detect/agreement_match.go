package detect

// found is one nearest neighbour: the caption and the image, by index, and its share where several are as near.
type found struct {
	text, image int
	share       float64
}

// match says what found what.
type match struct {
	pictures               []Picture
	byText, byImage        []found
	meanMatched, meanOther float64
}

func matchOf(in TextImageInput) *match {
	n := len(in.Pictures)
	m := &match{pictures: in.Pictures}
	rows, columns := make([][]float64, n), make([][]float64, n)
	for i := range n {
		rows[i], columns[i] = make([]float64, n), make([]float64, n)
	}
	for i, t := range in.Texts {
		for j, v := range in.Images {
			s := cosine(t, v)
			rows[i][j], columns[j][i] = s, s
			if i == j {
				m.meanMatched += s / float64(n)
			} else {
				m.meanOther += s / float64(n*(n-1))
			}
		}
	}
	for i := range n {
		nearest := largest(rows[i])
		for _, j := range nearest {
			m.byText = append(m.byText, found{i, j, 1 / float64(len(nearest))})
		}
		nearest = largest(columns[i])
		for _, j := range nearest {
			m.byImage = append(m.byImage, found{j, i, 1 / float64(len(nearest))})
		}
	}
	return m
}

// largest are the places of a list's largest value.
func largest(list []float64) []int {
	var places []int
	for i, v := range list {
		switch {
		case places == nil || v > list[places[0]]:
			places = []int{i}
		case v == list[places[0]]:
			places = append(places, i)
		}
	}
	return places
}

// sum adds the shares of the pairs that a relation holds for.
func (m *match) sum(list []found, holds func(text, image *Picture) bool) float64 {
	total := 0.0
	for _, f := range list {
		if holds(&m.pictures[f.text], &m.pictures[f.image]) {
			total += f.share
		}
	}
	return total
}

// fill computes the evidence.
func (e *TextImageEvidence) fill(m *match) {
	n := len(m.pictures)
	colours, shapes := 0, 0
	for _, p := range m.pictures {
		colours, shapes = max(colours, p.Colour+1), max(shapes, p.Shape+1)
	}
	same := func(a, b *Picture) bool { return a.Colour == b.Colour && a.Shape == b.Shape }
	colour := func(a, b *Picture) bool { return a.Colour == b.Colour }
	shape := func(a, b *Picture) bool { return a.Shape == b.Shape }
	e.Texts = retrieval(m.sum(m.byText, same), n, n)
	e.Images = retrieval(m.sum(m.byImage, same), n, n)
	e.Colour = retrieval(m.sum(m.byText, colour)+m.sum(m.byImage, colour), 2*n, colours)
	e.Shape = retrieval(m.sum(m.byText, shape)+m.sum(m.byImage, shape), 2*n, shapes)
	e.MeanMatched, e.MeanOther = m.meanMatched, m.meanOther
	observed, extreme := e.Texts.Right+e.Images.Right, 0
	const slack = 1e-9 // sums of shares
	for c := range permutations(colours) {
		for s := range permutations(shapes) {
			renamed := func(a, b *Picture) bool { return c[a.Colour] == b.Colour && s[a.Shape] == b.Shape }
			e.Relabellings++
			if m.sum(m.byText, renamed)+m.sum(m.byImage, renamed) >= observed-slack {
				extreme++
			}
		}
	}
	e.P = float64(extreme) / float64(e.Relabellings)
}

// retrieval is right of n, where one of choices is right by chance.
func retrieval(right float64, n, choices int) *Retrieval {
	whole := int(right + 1e-9)
	chance := 1 / float64(choices)
	return &Retrieval{
		Right: right, Of: n, Accuracy: right / float64(n), Interval: clopperPearson(whole, n), Chance: chance,
		P: binomialTail(whole, n, chance),
	}
}

// permutations yields every order of 0 to n-1 (Heap's algorithm); the slice is valid until the next one.
func permutations(n int) func(yield func([]int) bool) {
	return func(yield func([]int) bool) {
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		var visit func(k int) bool
		visit = func(k int) bool {
			if k <= 1 {
				return yield(order)
			}
			for i := range k {
				if !visit(k - 1) {
					return false
				}
				other := 0
				if k%2 == 0 {
					other = i
				}
				order[other], order[k-1] = order[k-1], order[other]
			}
			return true
		}
		visit(n)
	}
}
