package library

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Version is an ONNX Runtime version, major.minor.patch.
type Version struct{ Major, Minor, Patch int }

// MinVersion is the oldest ONNX Runtime that the engine works with: its binding asks for version 29 of the C API. An
// older library refuses that with a line on stderr, so it is told from its file and not loaded.
var MinVersion = Version{1, 29, 0}

// ParseVersion reads "1.31.1" or "1.31"; what follows a digit, as in "1.31.1rc1" or "1.31.1+cu12", is left out.
func ParseVersion(s string) (Version, error) {
	parts := strings.SplitN(s, ".", 3)
	if len(parts) < 2 {
		return Version{}, fmt.Errorf("expected a version such as 1.31.1, found %q", s)
	}
	var n [3]int
	for i, p := range parts {
		digits := p
		if end := strings.IndexFunc(p, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 && i == 2 {
			digits = p[:end]
		}
		v, err := strconv.ParseUint(digits, 10, 16)
		if err != nil {
			return Version{}, fmt.Errorf("expected a version such as 1.31.1, found %q", s)
		}
		n[i] = int(v)
	}
	return Version{n[0], n[1], n[2]}, nil
}

func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// IsZero reports whether the version is not known.
func (v Version) IsZero() bool { return v == Version{} }

// Compare is negative where v is older than w, 0 where they are the same.
func (v Version) Compare(w Version) int {
	return cmp.Or(cmp.Compare(v.Major, w.Major), cmp.Compare(v.Minor, w.Minor), cmp.Compare(v.Patch, w.Patch))
}
