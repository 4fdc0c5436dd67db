package tokenizer

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// pieceModel is what a sentencepiece .model file says: a ModelProto of sentencepiece_model.proto, of which the fields
// that a tokenizer needs are read.
type pieceModel struct {
	pieces       []spPiece
	bpe          bool // trained as BPE, not as a unigram model
	unknown      int
	unknownPiece string
	byteFallback bool
	charsmap     []byte
}

type spPiece struct {
	text  string
	score float64
	kind  uint64 // 1 normal, 2 unknown, 3 control, 4 user defined, 5 unused, 6 byte
}

// errNotPieces is the error of a file that is not a ModelProto.
var errNotPieces = errors.New("expected a sentencepiece model, found something else")

func parsePieceModel(data []byte) (*pieceModel, error) {
	m := &pieceModel{unknownPiece: "<unk>"}
	err := eachField(data, func(n protowire.Number, number uint64, bytes []byte) error {
		switch n {
		case 1:
			if len(m.pieces) >= maxVocabSize {
				return fmt.Errorf("more than %d pieces", maxVocabSize)
			}
			p := spPiece{kind: 1}
			err := eachField(bytes, func(n protowire.Number, number uint64, bytes []byte) error {
				switch n {
				case 1:
					p.text = string(bytes)
				case 2:
					p.score = float64(math.Float32frombits(uint32(number)))
				case 3:
					p.kind = number
				}
				return nil
			})
			if !utf8.ValidString(p.text) || len(p.text) > maxTokenBytes || math.IsNaN(p.score) {
				return fmt.Errorf("piece %d is not valid", len(m.pieces))
			}
			m.pieces = append(m.pieces, p)
			return err
		case 2:
			return eachField(bytes, m.trainerField)
		case 3:
			return eachField(bytes, func(n protowire.Number, _ uint64, bytes []byte) error {
				if n == 2 {
					m.charsmap = bytes
				}
				return nil
			})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(m.pieces) == 0 {
		return nil, errNotPieces
	}
	return m, nil
}

// trainerField reads a field of TrainerSpec.
func (m *pieceModel) trainerField(n protowire.Number, number uint64, bytes []byte) error {
	switch n {
	case 3:
		if number != 1 && number != 2 {
			return fmt.Errorf("a sentencepiece model of type %d; expected 1 (unigram) or 2 (BPE)", number)
		}
		m.bpe = number == 2
	case 35:
		m.byteFallback = number != 0
	case 40:
		m.unknown = int(int32(number))
	case 45:
		m.unknownPiece = string(bytes)
	}
	return nil
}

// eachField calls f with every field of a message: its number, and its value as a number or as bytes.
func eachField(data []byte, f func(n protowire.Number, number uint64, bytes []byte) error) error {
	for len(data) > 0 {
		n, kind, size := protowire.ConsumeTag(data)
		if size < 0 {
			return errNotPieces
		}
		data = data[size:]
		var number uint64
		var bytes []byte
		switch kind {
		case protowire.VarintType:
			number, size = protowire.ConsumeVarint(data)
		case protowire.Fixed32Type:
			var short uint32
			short, size = protowire.ConsumeFixed32(data)
			number = uint64(short)
		case protowire.Fixed64Type:
			number, size = protowire.ConsumeFixed64(data)
		case protowire.BytesType:
			bytes, size = protowire.ConsumeBytes(data)
		default:
			return errNotPieces
		}
		if size < 0 {
			return errNotPieces
		}
		data = data[size:]
		if err := f(n, number, bytes); err != nil {
			return err
		}
	}
	return nil
}

// unigram is a Unigram model of pieces.
func (m *pieceModel) unigram(pieces []spPiece, unknown int, byteFallback bool) (*modelFile, error) {
	f := &modelFile{list: true, vocab: newVocab(len(pieces))}
	f.fields = object{"type": "Unigram", "unk_id": float64(unknown), "byte_fallback": byteFallback}
	for i, p := range pieces {
		if err := f.vocab.add([]byte(p.text), int32(i)); err != nil {
			return nil, err
		}
		f.scores = append(f.scores, p.score)
	}
	f.vocab.close()
	return f, nil
}

// bpeModel is a BPE model of the pieces. Its merges are all ways to cut a piece into two others, in the order of the
// pieces, which is the order they were learned in.
func (m *pieceModel) bpeModel(fields object) (*modelFile, error) {
	f := &modelFile{pairs: true, vocab: newVocab(len(m.pieces)), fields: fields}
	ids := make(map[string]int, len(m.pieces))
	for i, p := range m.pieces {
		if err := f.vocab.add([]byte(p.text), int32(i)); err != nil {
			return nil, err
		}
		ids[p.text] = i
	}
	f.vocab.close()
	for i, p := range m.pieces {
		if ids[p.text] != i {
			continue
		}
		for at := range p.text {
			_, left := ids[p.text[:at]]
			_, right := ids[p.text[at:]]
			if at == 0 || !left || !right {
				continue
			}
			if len(f.merges) >= maxVocabSize {
				return nil, fmt.Errorf("more than %d merges", maxVocabSize)
			}
			start := uint32(len(f.texts))
			f.texts = append(f.texts, p.text...)
			f.merges = append(f.merges, mergeText{start, start + uint32(at), uint32(len(f.texts))})
		}
	}
	return f, nil
}
