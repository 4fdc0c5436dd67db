package tokenizer_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/tokenizer"
)

// benchEnv names a folder that scripts/peers/tokenizers.sh has prepared: sentences.json, wordpiece.json, bpe.json and
// unigram.json. Without it the benchmarks take the committed tokenizers and texts.
const benchEnv = "PROBE_TOKENIZER_BENCH"

// benchTexts are 2,000 sentences.
func benchTexts(b *testing.B) []string {
	b.Helper()
	var texts []string
	if dir := os.Getenv(benchEnv); dir != "" {
		data, err := os.ReadFile(filepath.Join(dir, "sentences.json"))
		if err != nil {
			b.Fatal(err)
		}
		if err := json.Unmarshal(data, &texts); err != nil {
			b.Fatal(err)
		}
		return texts
	}
	for some := corpus(b)[:100]; len(texts) < 2000; { // the sentences of the corpus come first
		texts = append(texts, some...)
	}
	return texts
}

// benchFiles are tokenizer.json files by the kind of their model.
func benchFiles(b *testing.B) map[string]string {
	b.Helper()
	if dir := os.Getenv(benchEnv); dir != "" {
		return map[string]string{"WordPiece": filepath.Join(dir, "wordpiece.json"),
			"ByteLevelBPE": filepath.Join(dir, "bpe.json"), "Unigram": filepath.Join(dir, "unigram.json")}
	}
	files := map[string]string{"WordPiece": filepath.Join(testenv.MiniLM(b), "tokenizer.json")}
	for kind, name := range map[string]string{"ByteLevelBPE": "gpt2", "Unigram": "xlm-roberta"} {
		files[kind] = filepath.Join(b.TempDir(), name+".json")
		if err := os.WriteFile(files[kind], readGzip(b, fixture("models", name+".json.gz")), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return files
}

func BenchmarkEncode(b *testing.B) {
	texts := benchTexts(b)
	for kind, path := range benchFiles(b) {
		tok, err := tokenizer.Load(path)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(kind+"/ids", func(b *testing.B) {
			for b.Loop() {
				encodeAll(b, tok, texts, tokenizer.Options{AddSpecialTokens: true})
			}
		})
		b.Run(kind+"/everything", func(b *testing.B) {
			for b.Loop() {
				encodeAll(b, tok, texts, whole(true))
			}
		})
		// What it remembers of words does not help a tokenizer that sees the texts for the first time.
		b.Run(kind+"/cold", func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				tok, err := tokenizer.Load(path)
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				encodeAll(b, tok, texts, tokenizer.Options{AddSpecialTokens: true})
			}
		})
	}
}

func encodeAll(b *testing.B, tok *tokenizer.Tokenizer, texts []string, o tokenizer.Options) {
	size := 0
	for _, text := range texts {
		size += len(text)
		if _, err := tok.Encode(text, o); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(size))
}

func BenchmarkLoad(b *testing.B) {
	for kind, path := range benchFiles(b) {
		b.Run(kind, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := tokenizer.Load(path); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
