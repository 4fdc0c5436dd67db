package tokenizer

// Encoding is a text as token ids. IDs, TypeIDs, AttentionMask and SpecialTokensMask are equally long, and so are
// Tokens and Offsets where they were asked for.
type Encoding struct {
	// IDs are the token ids.
	IDs []int64
	// TypeIDs say which text of a pair a token is of, as the post-processor numbers them.
	TypeIDs []int64
	// AttentionMask is 1, and 0 for padding.
	AttentionMask []int64
	// SpecialTokensMask is 1 for what the post-processor or the padding added. Special tokens that stand in the text
	// itself have 0, as in the Rust library.
	SpecialTokensMask []int64
	// Tokens are the texts of the tokens: the vocabulary's entry, the text itself for added tokens and for what Unigram
	// does not know. Nil without Options.Tokens.
	Tokens []string
	// Offsets are where in the text the tokens come from, start and end, in Unicode characters (as Python's
	// `tokenizers` counts them; not bytes). Special tokens have [0, 0]. In a pair each text counts from 0. Nil
	// without Options.Offsets.
	Offsets [][2]int
	// Truncated reports whether tokens of the text were cut off.
	Truncated bool
	// FullLength is how many tokens there would be without truncation and padding, special ones included.
	FullLength int
}

// Options choose what Encode does with a text. The zero value is the bare tokens of the text.
type Options struct {
	// AddSpecialTokens adds what the post-processor of the file adds: [CLS], [SEP] and the like.
	AddSpecialTokens bool
	// Pair is a second text that goes with the first.
	Pair *string
	// MaxLength is the most tokens there may be, special ones included: 0 for no limit, -1 for what the file itself
	// declares. It is an error if it does not leave room for the special tokens.
	MaxLength int
	// TruncationSide is the side that tokens are cut off from: "right" or "left"; "" for right, or with MaxLength -1
	// the file's own.
	TruncationSide string
	// TruncationStrategy is "longest_first", "only_first" or "only_second"; "" for longest_first, or with MaxLength -1
	// the file's own.
	TruncationStrategy string
	// Pad is how to fill up with padding tokens; nil does not. Tokenizer.Padding returns what the file declares.
	Pad *Padding
	// Tokens and Offsets ask for Encoding.Tokens and Encoding.Offsets, which cost time.
	Tokens, Offsets bool
}
