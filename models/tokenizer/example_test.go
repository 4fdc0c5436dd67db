package tokenizer_test

import (
	"fmt"
	"log"

	"github.com/divinedevops/probe/models/tokenizer"
)

func Example() {
	t, err := tokenizer.Load("../../testdata/zoo/bert-mean-l2/tokenizer.json")
	if err != nil {
		log.Fatal(err)
	}
	e, err := t.Encode("a", tokenizer.Options{AddSpecialTokens: true, Tokens: true, Offsets: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(e.IDs)
	fmt.Println(e.Tokens)
	fmt.Println(e.Offsets)
	// Output:
	// [2 95 3]
	// [[CLS] a [SEP]]
	// [[0 0] [0 1] [0 0]]
}
