package tokenizer

// WithLowercase is a tokenizer that lowercases texts first: sentence-transformers' do_lower_case. One that lowercases
// already is returned as it is.
func (t *Tokenizer) WithLowercase() *Tokenizer {
	if lowercases(t.normalizer) {
		return t
	}
	c := *t
	c.normalizer = lowercase{}
	if t.normalizer != nil {
		c.normalizer = normalizerSequence{lowercase{}, t.normalizer}
	}
	return &c
}

// lowercases reports whether a normalizer lowercases, at whatever place.
func lowercases(n normalizer) bool {
	switch n := n.(type) {
	case lowercase:
		return true
	case bertNormalizer:
		return n.lowercase
	case *bertNormalizer:
		return n.lowercase
	case normalizerSequence:
		for _, each := range n {
			if lowercases(each) {
				return true
			}
		}
	}
	return false
}
