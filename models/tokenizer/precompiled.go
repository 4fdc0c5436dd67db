package tokenizer

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/divinedevops/probe/models/tokenizer/unicode"
)

// charsmap is sentencepiece's precompiled_charsmap: a double-array trie (darts-clone) of the texts that are rewritten,
// and what they become. The layout is: the trie's size in bytes (32 bits, little endian), the trie, and the
// replacements as strings that end with a zero byte; a leaf of the trie is an offset into those.
type charsmap struct {
	units []uint32
	texts string
	ascii [128]asciiRule // what single ASCII characters become
}

type asciiRule struct {
	text  string
	found bool
}

// maxTransformed is how many bytes a grapheme may have to be looked up as a whole.
const maxTransformed = 5

func newPrecompiledNormalizer(o object) (normalizer, error) {
	encoded, err := o.str("precompiled_charsmap")
	if err != nil {
		return nil, err
	}
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("precompiled_charsmap: %w", err)
	}
	return newCharsmap(data)
}

func newCharsmap(data []byte) (*charsmap, error) {
	if len(data) < 4 {
		return nil, fmt.Errorf("precompiled_charsmap: expected at least 4 bytes, found %d", len(data))
	}
	size := binary.LittleEndian.Uint32(data)
	data = data[4:]
	if uint64(size) > uint64(len(data)) {
		return nil, fmt.Errorf("precompiled_charsmap: a trie of %d bytes in a file that has %d", size, len(data))
	}
	c := &charsmap{units: make([]uint32, size/4)}
	for i := range c.units {
		c.units[i] = binary.LittleEndian.Uint32(data[4*i:])
	}
	c.texts = string(data[4*len(c.units):])
	if len(c.units) == 0 {
		return nil, errors.New("precompiled_charsmap: the trie is empty")
	}
	if !utf8.ValidString(c.texts) {
		return nil, errors.New("precompiled_charsmap: the replacements are not UTF-8")
	}
	for b := 1; b < utf8.RuneSelf; b++ {
		text, ok := c.lookup(string(rune(b)))
		c.ascii[b] = asciiRule{text, ok}
	}
	return c, nil
}

// lookup finds what a text becomes: what the shortest of its heads that has a rule becomes, because the Rust library
// takes the first that the trie returns, and the rest of the text is dropped.
func (c *charsmap) lookup(text string) (string, bool) {
	at := unitOffset(c.units[0])
	for i := 0; i < len(text) && text[i] != 0; i++ {
		at ^= uint32(text[i])
		if int(at) >= len(c.units) {
			return "", false
		}
		unit := c.units[at]
		if unit&(1<<31|0xFF) != uint32(text[i]) {
			return "", false
		}
		at ^= unitOffset(unit)
		if unit>>8&1 == 1 {
			if int(at) >= len(c.units) {
				return "", false
			}
			return c.replacement(c.units[at] & (1<<31 - 1))
		}
	}
	return "", false
}

func unitOffset(unit uint32) uint32 {
	return unit >> 10 << (unit & (1 << 9) >> 6)
}

// replacement is the string at an offset.
func (c *charsmap) replacement(offset uint32) (string, bool) {
	if uint64(offset) > uint64(len(c.texts)) || (int(offset) < len(c.texts) && !utf8.RuneStart(c.texts[offset])) {
		return "", false
	}
	text, _, _ := strings.Cut(c.texts[offset:], "\x00")
	return text, true
}

// normalize rewrites grapheme by grapheme: short ones as a whole, and where that has no rule each of their characters.
func (c *charsmap) normalize(s *scratch, p *piece) error {
	if c.unchangedASCII(p.text) {
		return nil
	}
	s.mapped = s.mapped[:0]
	modified := false
	for i := 0; i < len(p.text); {
		if err := s.fits(len(s.mapped)); err != nil {
			return err
		}
		if b := p.text[i]; b < utf8.RuneSelf && b != '\r' && (i+1 == len(p.text) || p.text[i+1] < utf8.RuneSelf) {
			i++ // ASCII before ASCII is a grapheme of its own
			if rule := c.ascii[b]; rule.found {
				modified = true
				s.rewrite(1, rule.text)
			} else {
				s.mapped = append(s.mapped, unicode.Mapped{Rune: rune(b)})
			}
			continue
		}
		n := unicode.NextGrapheme(p.text[i:])
		if c.rewriteGrapheme(s, p.text[i:i+n]) {
			modified = true
		}
		i += n
	}
	if modified {
		p.transform(s.mapped, 0)
	}
	return nil
}

// unchangedASCII reports whether a text is ASCII and none of it has a rule.
func (c *charsmap) unchangedASCII(text string) bool {
	for i := 0; i < len(text); i++ {
		if b := text[i]; b >= utf8.RuneSelf || b == '\r' || c.ascii[b].found {
			return false
		}
	}
	return true
}

func (c *charsmap) rewriteGrapheme(s *scratch, grapheme string) bool {
	if len(grapheme) <= maxTransformed {
		if text, ok := c.lookup(grapheme); ok {
			s.rewrite(utf8.RuneCountInString(grapheme), text)
			return true
		}
	}
	modified := false
	for i, r := range grapheme {
		if text, ok := c.lookup(grapheme[i : i+runeLen(grapheme[i])]); ok {
			modified = true
			s.rewrite(1, text)
		} else {
			s.mapped = append(s.mapped, unicode.Mapped{Rune: r})
		}
	}
	return modified
}

// rewrite replaces so many characters by a text: its last ones are new where it is longer, and its last one stands for
// what goes where it is shorter.
func (s *scratch) rewrite(old int, text string) {
	n := 0
	for _, r := range text {
		s.mapped = append(s.mapped, unicode.Mapped{Rune: r})
		n++
	}
	last := len(s.mapped) - 1
	for i := range n - old {
		s.mapped[last-i].Change = 1
	}
	if n < old && last >= 0 {
		s.mapped[last].Change -= int32(old - n)
	}
}
