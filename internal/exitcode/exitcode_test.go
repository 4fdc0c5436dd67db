package exitcode_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/divinedevops/probe/internal/exitcode"
)

func TestOf(t *testing.T) {
	t.Parallel()
	usage := exitcode.Errorf(exitcode.Usage, "no such flag: %w", io.EOF)
	for _, test := range []struct {
		name string
		err  error
		want int
	}{
		{"nil", nil, exitcode.OK},
		{"plain", errors.New("broken"), exitcode.Fault},
		{"coded", usage, exitcode.Usage},
		{"coded and wrapped", fmt.Errorf("telemetry: %w", usage), exitcode.Usage},
		{"silent", &exitcode.Error{Code: exitcode.Gate}, exitcode.Gate},
	} {
		if got := exitcode.Of(test.err); got != test.want {
			t.Errorf("%s: exit code %d, want %d", test.name, got, test.want)
		}
	}
	if !errors.Is(usage, io.EOF) || usage.Error() != "no such flag: EOF" {
		t.Errorf("cause lost: %v", usage)
	}
}
