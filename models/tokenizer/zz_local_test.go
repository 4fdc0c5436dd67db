package tokenizer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestLocalTruth(t *testing.T) {
	files, _ := filepath.Glob("/tmp/tkt/out/*")
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			data, _ := os.ReadFile(f)
			var d struct {
				File string
				Res  []struct {
					S, Side      string
					P            *string
					Sp           bool
					Ml           int
					Ids, Ty, Stm []int64
					Off          [][2]int
					Tok          []string
					Err          string
				}
			}
			if err := json.Unmarshal(data, &d); err != nil {
				t.Fatal(err)
			}
			tk, err := Load(d.File)
			if err != nil {
				t.Fatal(err)
			}
			bad := 0
			for _, r := range d.Res {
				for k := 0; k < 2; k++ {
					e, err := tk.Encode(r.S, Options{AddSpecialTokens: r.Sp, Pair: r.P, MaxLength: r.Ml, TruncationSide: r.Side, Tokens: k == 1, Offsets: k == 1})
					if (err != nil) != (r.Err != "") {
						t.Errorf("%q: err %v want %q", r.S, err, r.Err)
						bad++
						continue
					}
					if err != nil {
						continue
					}
					switch {
					case !reflect.DeepEqual(append([]int64{}, e.IDs...), append([]int64{}, r.Ids...)):
						bad++
						t.Errorf("%q pair %v ids\n got %v\nwant %v\n%q\n%q", r.S, r.P != nil, e.IDs, r.Ids, e.Tokens, r.Tok)
					case !reflect.DeepEqual(append([]int64{}, e.TypeIDs...), append([]int64{}, r.Ty...)):
						bad++
						t.Errorf("%q types\n got %v\nwant %v", r.S, e.TypeIDs, r.Ty)
					case !reflect.DeepEqual(append([]int64{}, e.SpecialTokensMask...), append([]int64{}, r.Stm...)):
						bad++
						t.Errorf("%q stm\n got %v\nwant %v", r.S, e.SpecialTokensMask, r.Stm)
					case k == 1 && len(r.Tok) > 0 && !reflect.DeepEqual(e.Tokens, r.Tok):
						bad++
						t.Errorf("%q tokens\n got %q\nwant %q", r.S, e.Tokens, r.Tok)
					case k == 1 && len(r.Tok) > 0 && !reflect.DeepEqual(e.Offsets, r.Off):
						bad++
						t.Errorf("%q offsets\n got %v\nwant %v\n%q", r.S, e.Offsets, r.Off, r.Tok)
					}
				}
				if bad > 6 {
					t.FailNow()
				}
			}
			t.Logf("%d texts, %d bad", len(d.Res), bad)
		})
	}
}
