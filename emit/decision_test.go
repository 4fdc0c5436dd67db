package emit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		stored, probe, dnt, ci string
		want                   Mode
		reason                 string
	}{
		{"", "", "", "", ModeLocal, "default"},
		{"off", "", "", "", ModeOff, "consent of 2026-11-23"},
		{"local", "", "", "", ModeLocal, "consent of 2026-11-23"},
		{"on", "", "", "", ModeOn, "consent of 2026-11-23"},
		{"", "", "1", "", ModeOff, "DO_NOT_TRACK=1"},
		{"on", "", "1", "", ModeOff, "DO_NOT_TRACK=1"},
		{"on", "", "true", "true", ModeOff, "DO_NOT_TRACK=true"},
		{"on", "", "0", "false", ModeOn, "consent of 2026-11-23"},
		{"", "", "", "true", ModeOff, "CI=true"},
		{"on", "", "", "true", ModeOff, "CI=true"},
		{"", "local", "1", "true", ModeLocal, "default"},
		{"on", "on", "1", "true", ModeOn, "consent of 2026-11-23"},
		{"on", "local", "1", "", ModeLocal, "PROBE_TELEMETRY=local"},
		{"on", "off", "", "", ModeOff, "PROBE_TELEMETRY=off"},
		{"", "on", "", "", ModeLocal, "default"}, // the environment alone never turns sending on
		{"local", "on", "", "", ModeLocal, "consent of 2026-11-23"},
		{"off", "on", "", "", ModeOff, "consent of 2026-11-23"},
		{"off", "local", "", "", ModeOff, "consent of 2026-11-23"},
		{"on", "ON", "1", "", ModeOn, "consent of 2026-11-23"},
		{"on", "yes please", "", "", ModeOff, "PROBE_TELEMETRY=yes please"},
	} {
		dir := NewDir(t.TempDir())
		if test.stored != "" {
			if err := WriteConsent(dir, Consent{Mode: Mode(test.stored), Given: testTime, Endpoint: testEndpoint}); err != nil {
				t.Fatal(err)
			}
		}
		d := Decide(dir, "", env("PROBE_TELEMETRY", test.probe, "DO_NOT_TRACK", test.dnt, "CI", test.ci))
		if d.Mode != test.want || d.Reason != test.reason {
			t.Errorf("%+v: found %s (%s)", test, d.Mode, d.Reason)
		}
	}
}

func TestDecideDoubtIsPrivate(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"empty file":         "",
		"cut":                `{"mode": "on"`,
		"unknown mode":       `{"mode": "always", "fields_version": 1}`,
		"not a consent":      `[]`,
		"far too long":       strings.Repeat(" ", 70<<10) + `{"mode":"on","fields_version":1}`,
		"no mode in it":      `{"fields_version": 1}`,
		"mode of wrong type": `{"mode": true}`,
	} {
		dir := NewDir(t.TempDir())
		if err := WriteConsent(dir, Consent{Mode: ModeOn, Given: testTime, Endpoint: testEndpoint}); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir.Telemetry(), consentFile), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if d := Decide(dir, "", env()); d.Mode != ModeOff || len(d.Notices) != 1 {
			t.Errorf("%s: expected off with a notice, found %+v", name, d)
		}
	}
}

func TestConsentToFewerFieldsDoesNotSend(t *testing.T) {
	t.Parallel()
	dir := NewDir(t.TempDir())
	if err := WriteConsent(dir, Consent{Mode: ModeOn, Given: testTime, Endpoint: testEndpoint}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir.Telemetry(), consentFile)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	older := strings.Replace(string(data), `"fields_version": 1`, `"fields_version": 0`, 1)
	if older == string(data) {
		t.Fatalf("no fields_version in %s", data)
	}
	if err := os.WriteFile(path, []byte(older), 0o600); err != nil {
		t.Fatal(err)
	}
	if d := Decide(dir, "", env()); d.Mode != ModeLocal || len(d.Notices) != 1 || d.Notices[0].Code != NoticeMoreFields {
		t.Errorf("expected local and a notice, found %+v", d)
	}
}

// The file is for people too: the mode, the date, what the words mean, each on a line.
func TestConsentFileIsReadable(t *testing.T) {
	t.Parallel()
	dir := NewDir(t.TempDir())
	if err := WriteConsent(dir, Consent{Mode: ModeOn, Given: testTime, Endpoint: testEndpoint, Note: "what the words mean"}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir.Telemetry(), "consent.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{`"mode": "on",`, `"given": "2026-11-23T10:00:00Z",`, `"note": "what the words mean"`} {
		if !strings.Contains(string(data), line) {
			t.Errorf("expected %s in\n%s", line, data)
		}
	}
	info, err := os.Stat(filepath.Join(dir.Telemetry(), "consent.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the file: %v, %v", info.Mode(), err)
	}
}
