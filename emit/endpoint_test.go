package emit

import (
	"strings"
	"testing"
)

func TestEndpoint(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"":                                "https://api.divinedevops.com/api/v1/telemetry",
		"https://example.com/":            "https://example.com/api/v1/telemetry",
		"https://example.com/base":        "https://example.com/base/api/v1/telemetry",
		"http://127.0.0.1:8080":           "http://127.0.0.1:8080/api/v1/telemetry",
		"http://localhost":                "http://localhost/api/v1/telemetry",
		"http://[::1]:80":                 "http://[::1]:80/api/v1/telemetry",
		"http://example.com":              "",
		"http://127.0.0.1.example.com":    "",
		"http://localhost.example.com":    "",
		"https://user:pw@example.com":     "",
		"https://example.com/?token=abcd": "",
		"ftp://example.com":               "",
		"example.com":                     "",
		"https://":                        "",
		"http://10.0.0.1":                 "",
		"https://exa mple.com":            "",
		"mailto:x@example.com":            "",
	} {
		got, err := Endpoint(base, env())
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q: found %q, %v", base, got, err)
		}
		if err != nil && (strings.Contains(err.Error(), "pw") || strings.Contains(err.Error(), "abcd")) {
			t.Errorf("%q: the error gives a secret away: %v", base, err)
		}
		if fromEnv, _ := Endpoint("", env("PROBE_TELEMETRY_ENDPOINT", base)); fromEnv != got {
			t.Errorf("%q from the environment: %q", base, fromEnv)
		}
	}
}
