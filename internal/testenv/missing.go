package testenv

import (
	"os"
	"os/exec"
	"testing"
)

// missing ends a test that needs something which is not installed: it fails in CI and is skipped elsewhere.
func missing(t testing.TB, what, from string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("expected %s, which comes with %s (scripts/testenv.sh)", what, from)
	}
	t.Skipf("needs %s: install %s", what, from)
}

// Chromium is a headless Chromium.
func Chromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, "chromium", "the Debian package chromium-headless-shell")
	return ""
}

// APIPython is an interpreter that has schemathesis and requests at pinned versions: .testenv/api/bin/python.
func APIPython(t testing.TB) string { return need(t, "api", "bin", "python") }
