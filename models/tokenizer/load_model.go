package tokenizer

import (
	"bytes"
	"errors"
	"fmt"
	"math"
)

// modelFile is the "model" of a tokenizer.json as it was read: its small fields, and its large ones already in their
// tables.
type modelFile struct {
	fields object
	vocab  *vocab
	scores []float64 // Unigram: by id
	list   bool      // the vocabulary is a list of pairs, as Unigram has it
	merges []mergeText
	texts  []byte // of the merges
	pairs  bool   // "merges" is there
}

// mergeText is a merge as it was read: bytes start to mid and mid to end of modelFile.texts.
type mergeText struct{ start, mid, end uint32 }

func readModel(j *jsonScanner) (*modelFile, error) {
	m := &modelFile{fields: object{}}
	err := j.object(func(key string) error {
		var err error
		switch {
		case key == "vocab" && j.peek() == '[':
			err = m.readScores(j)
		case key == "vocab":
			err = m.readVocab(j)
		case key == "merges":
			err = m.readMerges(j)
		default:
			m.fields[key], err = j.value()
		}
		if err != nil {
			return fmt.Errorf("model.%s: %w", key, err)
		}
		return nil
	})
	return m, err
}

// readVocab reads {"token": id, ...}.
func (m *modelFile) readVocab(j *jsonScanner) error {
	m.vocab, m.list = newVocab(j.sizeHint(16)), false
	err := j.pairs(func(token []byte) error {
		// The token is in the scanner's buffer, which reading the id leaves alone.
		id, err := j.id()
		if err != nil {
			return err
		}
		return m.vocab.add(token, id)
	})
	m.vocab.close()
	return err
}

// readScores reads [["token", score], ...], where the ids follow each other from 0.
func (m *modelFile) readScores(j *jsonScanner) error {
	m.vocab, m.scores, m.list = newVocab(j.sizeHint(32)), nil, true
	err := j.array(func() error {
		if err := j.open('['); err != nil {
			return err
		}
		token, err := j.str()
		if err != nil {
			return err
		}
		if err := m.vocab.add(token, int32(len(m.scores))); err != nil {
			return err
		}
		if err := j.expect(','); err != nil {
			return err
		}
		score, _, err := j.number()
		if err != nil {
			return err
		}
		m.scores = append(m.scores, score)
		if len(m.scores) > maxVocabSize {
			return fmt.Errorf("a vocabulary of more than %d tokens", maxVocabSize)
		}
		if err := j.expect(']'); err != nil {
			return err
		}
		j.depth--
		return nil
	})
	m.vocab.close()
	return err
}

// readMerges reads [["a", "b"], ...], or the older ["a b", ...].
func (m *modelFile) readMerges(j *jsonScanner) error {
	m.merges, m.texts, m.pairs = nil, nil, true
	return j.array(func() error {
		if len(m.merges) >= maxVocabSize {
			return fmt.Errorf("more than %d merges", maxVocabSize)
		}
		start := uint32(len(m.texts))
		if j.peek() == '[' {
			return m.readPair(j, start)
		}
		line, err := j.str()
		if err != nil {
			return err
		}
		return m.addMergeLine(line)
	})
}

func (m *modelFile) readPair(j *jsonScanner, start uint32) error {
	if err := j.open('['); err != nil {
		return err
	}
	a, err := j.str()
	if err != nil {
		return err
	}
	m.texts = append(m.texts, a...)
	mid := uint32(len(m.texts))
	if err := j.expect(','); err != nil {
		return err
	}
	b, err := j.str()
	if err != nil {
		return err
	}
	m.texts = append(m.texts, b...)
	m.merges = append(m.merges, mergeText{start, mid, uint32(len(m.texts))})
	if err := j.expect(']'); err != nil {
		return err
	}
	j.depth--
	return nil
}

// addMergeLine reads "a b". Lines that begin with #version are not merges.
func (m *modelFile) addMergeLine(line []byte) error {
	if bytes.HasPrefix(line, []byte("#version")) {
		return nil
	}
	a, b, ok := bytes.Cut(line, []byte(" "))
	if !ok || bytes.IndexByte(b, ' ') >= 0 {
		return fmt.Errorf("merge %d: expected two tokens and a space between them, found %.60q", len(m.merges)+1, line)
	}
	start := uint32(len(m.texts))
	m.texts = append(m.texts, a...)
	mid := uint32(len(m.texts))
	m.texts = append(m.texts, b...)
	m.merges = append(m.merges, mergeText{start, mid, uint32(len(m.texts))})
	return nil
}

// sizeHint guesses how many elements of so many bytes each are left in the file.
func (j *jsonScanner) sizeHint(bytes int) int {
	return min((len(j.data)-j.pos)/bytes, 1<<20)
}

// kind is the model's type; files that are old do not state it.
func (m *modelFile) kind() string {
	if kind, ok := m.fields["type"].(string); ok {
		return kind
	}
	switch {
	case m.pairs:
		return "BPE"
	case m.list:
		return "Unigram"
	case m.fields["max_input_chars_per_word"] != nil:
		return "WordPiece"
	}
	return "WordLevel"
}

// build makes the model.
func (m *modelFile) build() (model, error) {
	if m.vocab == nil {
		return nil, errors.New(`expected a "vocab", found none`)
	}
	kind := m.kind()
	if m.list != (kind == "Unigram") {
		return nil, fmt.Errorf("the vocabulary of a %s model is of the wrong kind", kind)
	}
	switch kind {
	case "WordPiece":
		unknown, err := m.fields.str("unk_token")
		if err != nil {
			return nil, err
		}
		prefix, err := m.fields.str("continuing_subword_prefix")
		if err != nil {
			return nil, err
		}
		chars, err := m.fields.integer("max_input_chars_per_word", math.MaxInt32)
		if err != nil {
			return nil, err
		}
		if err := m.vocab.indexByTrie(); err != nil {
			return nil, err
		}
		return newWordPiece(m.vocab, unknown, prefix, chars)
	case "WordLevel":
		unknown, err := m.fields.str("unk_token")
		m.vocab.indexByHash()
		return &wordLevel{m.vocab, unknown}, err
	case "Unigram":
		return m.buildUnigram()
	case "BPE":
		return m.buildBPE()
	}
	return nil, fmt.Errorf("unknown model type %.40q; expected WordPiece, BPE, Unigram or WordLevel", kind)
}
