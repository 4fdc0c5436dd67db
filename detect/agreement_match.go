package detect

// match says what found what: credit[i][j] is what text i gets for image j, 1 shared among the nearest.
type match struct {
	pictures             []Picture
	byText, byImage      [][]float64 // text x image, both
	meanMatched, meanOut float64
}

func matchOf(in TextImageInput) *match {
	n := len(in.Pictures)
	similarity := make([][]float64, n)
	turned := make([][]float64, n)
	for i := range n {
		similarity[i], turned[i] = make([]float64, n), make([]float64, n)
	}
	m := &match{pictures: in.Pictures}
	for i, t := range in.Texts {
		for j, v := range in.Images {
			s := cosine(t, v)
			similarity[i][j], turned[j][i] = s, s
			if i == j {
				m.meanMatched += s / float64(n)
			} else {
				m.meanOut += s / float64(n*(n-1))
			}
		}
	}
	m.byText = nearest(similarity)
	m.byImage = make([][]float64, n)
	back := nearest(turned)
	for i := range n {
		m.byImage[i] = make([]float64, n)
		for j := range n {
			m.byImage[i][j] = back[j][i]
		}
	}
	return m
}

// nearest shares 1 among the largest of each row.
func nearest(rows [][]float64) [][]float64 {
	out := make([][]float64, len(rows))
	for i, row := range rows {
		best, ties := row[0], 0
		for _, s := range row {
			switch {
			case s > best:
				best, ties = s, 1
			case s == best:
				ties++
			}
		}
		out[i] = make([]float64, len(row))
		for j, s := range row {
			if s == best {
				out[i][j] = 1 / float64(ties)
			}
		}
	}
	return out
}

// sum adds the credit of the pairs that a relation holds for.
func (m *match) sum(credit [][]float64, holds func(text, image Picture) bool) float64 {
	total := 0.0
	for i, row := range credit {
		for j, c := range row {
			if c > 0 && holds(m.pictures[i], m.pictures[j]) {
				total += c
			}
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
	same := func(a, b Picture) bool { return a.Colour == b.Colour && a.Shape == b.Shape }
	colour := func(a, b Picture) bool { return a.Colour == b.Colour }
	shape := func(a, b Picture) bool { return a.Shape == b.Shape }
	e.Texts = retrieval(m.sum(m.byText, same), n, n)
	e.Images = retrieval(m.sum(m.byImage, same), n, n)
	e.Colour = retrieval(m.sum(m.byText, colour)+m.sum(m.byImage, colour), 2*n, colours)
	e.Shape = retrieval(m.sum(m.byText, shape)+m.sum(m.byImage, shape), 2*n, shapes)
	e.MeanMatched, e.MeanOther = m.meanMatched, m.meanOut
	observed, extreme := e.Texts.Right+e.Images.Right, 0
	const slack = 1e-9 // sums of shares
	for c := range permutations(colours) {
		for s := range permutations(shapes) {
			renamed := func(a, b Picture) bool { return c[a.Colour] == b.Colour && s[a.Shape] == b.Shape }
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
