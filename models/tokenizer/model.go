package tokenizer

import "fmt"

// model turns a piece into tokens: WordPiece, BPE, Unigram or WordLevel.
type model interface {
	// tokenize appends the tokens of a piece that is not empty to out.
	tokenize(s *scratch, p *piece, out []token) ([]token, error)
	// vocabulary is the model's own, without added tokens.
	vocabulary() *vocab
	// size is the number of the model's tokens as the Rust library counts them: the first id for added tokens.
	size() int
}

// errNoUnknown says that a text needs the unknown token and there is none.
func errNoUnknown(model, token string) error {
	return fmt.Errorf("%s: the text has a word outside the vocabulary, and the vocabulary has no unknown token %q",
		model, token)
}
