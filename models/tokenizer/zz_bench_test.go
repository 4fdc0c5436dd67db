package tokenizer

import (
	"encoding/json"
	"os"
	"testing"
)

var benchFiles = map[string]string{"wp": "/work/main/.testenv/models/all-MiniLM-L6-v2/tokenizer.json", "bpe": "/tmp/tkt/bpe50k.json", "uni": "/tmp/tkt/uni250k.json"}

func BenchmarkLocalEncode(b *testing.B) {
	data, _ := os.ReadFile("/tmp/tkt/sent.json")
	var s []string
	json.Unmarshal(data, &s)
	n := 0
	for _, x := range s {
		n += len(x)
	}
	for name, f := range benchFiles {
		tk, err := Load(f)
		if err != nil {
			b.Fatal(err)
		}
		for _, off := range []bool{false, true} {
			nm := name
			if off {
				nm += "+offsets"
			}
			b.Run(nm, func(b *testing.B) {
				b.SetBytes(int64(n))
				b.ReportAllocs()
				for b.Loop() {
					for _, x := range s {
						if _, err := tk.Encode(x, Options{AddSpecialTokens: true, Offsets: off, Tokens: off}); err != nil {
							b.Fatal(err)
						}
					}
				}
			})
		}
	}
}

func BenchmarkLocalLoad(b *testing.B) {
	for name, f := range benchFiles {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Load(f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
