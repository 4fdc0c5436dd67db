package weights_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/weights"
)

// TestRealMiniLMInTorchForms: the real all-MiniLM-L6-v2 as pytorch_model.bin, in every form that people have, gives the
// same numbers as its safetensors, bit by bit, on every engine. The forms run one after the other, for each is 90 MB.
func TestRealMiniLMInTorchForms(t *testing.T) {
	t.Parallel()
	model := testenv.MiniLM(t)
	config, err := os.ReadFile(filepath.Join(model, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	original, err := weights.Open(model)
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{"zip", "legacy", "sharded", "state_dict", "views"} {
		t.Run(form, func(t *testing.T) {
			set, err := weights.Open(testenv.TorchMiniLM(t, form))
			if err != nil {
				t.Fatal(err)
			}
			if set.Parameters() != original.Parameters() || set.DType() != original.DType() {
				t.Errorf("%d parameters of %s, expected %d of %s", set.Parameters(), set.DType(), original.Parameters(), original.DType())
			}
			for _, name := range set.Names() {
				if info, _ := set.Lookup(name); info.Make != nil {
					t.Errorf("%s is copied; it must be read in place", name)
				}
			}
			wantSameStates(t, config, set, original)
		})
	}
}
