package tokenizer

// Apply pads encodings that were made with o, as EncodeBatch does with Options.Pad: for callers whose batch holds pairs,
// or comes together piece by piece.
func (p *Padding) Apply(batch []*Encoding, o Options) error { return p.pad(batch, o) }
