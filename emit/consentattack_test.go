package emit

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// consentFor makes a state folder whose user has turned telemetry on for testEndpoint, and returns the path of the file.
func consentFor(t *testing.T, mode Mode) (Dir, string) {
	t.Helper()
	dir := NewDir(t.TempDir())
	if err := WriteConsent(dir, Consent{Mode: mode, Given: testTime, Endpoint: testEndpoint}); err != nil {
		t.Fatal(err)
	}
	return dir, filepath.Join(dir.Telemetry(), consentFile)
}

// expectOff expects that the decision is off, with a notice that names the cause.
func expectOff(t *testing.T, what string, dir Dir) {
	t.Helper()
	d := Decide(dir, "", env())
	if d.Mode != ModeOff || len(d.Notices) != 1 || d.Notices[0].Code != NoticeConsentUnreadable || d.Notices[0].Err == nil {
		t.Errorf("%s: expected off with a notice, found %s (%s), %v", what, d.Mode, d.Reason, d.Notices)
	}
}

// A file that package json would take for consent, and a person for something else.
func TestConsentKeysAreExact(t *testing.T) {
	t.Parallel()
	const rest = `"given": "2026-11-23T10:00:00Z", "fields_version": 1, "app_version": "0.1.0", "note": "", ` +
		`"endpoint": "` + testEndpoint + `", "keep_id": false`
	for name, content := range map[string]string{
		"another case":             `{"MODE": "on", ` + rest + `}`,
		"another case beside":      `{"mode": "off", "Mode": "on", ` + rest + `}`,
		"a letter that folds to k": strings.Replace(`{"mode": "on", `+rest+`}`, "keep_id", "\u212aeep_id", 1),
		"mode twice":               `{"mode": "off", "mode": "on", ` + rest + `}`,
		"mode twice, escaped":      `{"mode": "off", "m\u006fde": "on", ` + rest + `}`,
		"endpoint twice":           `{"mode": "on", "endpoint": "https://example.com", ` + rest + `}`,
		"a key nobody knows":       `{"mode": "on", "x": 1, ` + rest + `}`,
		"no version of fields":     strings.Replace(`{"mode": "on", `+rest+`}`, `"fields_version": 1, `, "", 1),
		"no date":                  strings.Replace(`{"mode": "on", `+rest+`}`, `"given": "2026-11-23T10:00:00Z", `, "", 1),
		"null":                     strings.Replace(`{"mode": "on", `+rest+`}`, `"2026-11-23T10:00:00Z"`, "null", 1),
		"two objects":              `{"mode": "on", ` + rest + `} {"mode": "off"}`,
		"something behind":         `{"mode": "on", ` + rest + `} x`,
		"a list of it":             `[{"mode": "on", ` + rest + `}]`,
		"cut":                      `{"mode": "on", ` + rest,
	} {
		dir, path := consentFor(t, ModeLocal)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		expectOff(t, name, dir)
	}
	dir, path := consentFor(t, ModeLocal)
	if err := os.WriteFile(path, []byte(`{"mode": "on", `+rest+`}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if d := Decide(dir, "", env()); d.Mode != ModeOn {
		t.Errorf("the same keys, each once: expected on, found %+v", d)
	}
}

// Consent holds for the endpoint that was shown: neither an option nor the environment leads events elsewhere.
func TestConsentHoldsForItsEndpoint(t *testing.T) {
	t.Parallel()
	in := newInbox(t, nil)
	dir, path := consentFor(t, ModeOn)
	r := Recorder{Dir: dir, Getenv: env(), Now: clock()}
	mustRecord(t, r, miniLM())
	for name, sender := range map[string]Sender{
		"option":      {Endpoint: in.URL + ingestPath, Getenv: env()},
		"environment": {Getenv: env("PROBE_TELEMETRY_ENDPOINT", in.URL)},
		"both":        {Endpoint: in.URL + ingestPath, Getenv: env("PROBE_TELEMETRY_ENDPOINT", in.URL, "PROBE_TELEMETRY", "on")},
	} {
		d := Decide(dir, sender.Endpoint, sender.Getenv)
		if d.Mode != ModeLocal || d.Stored != ModeOn || len(d.Notices) != 1 || d.Notices[0].Code != NoticeOtherEndpoint ||
			d.Notices[0].Endpoint != in.URL+ingestPath || d.Notices[0].Agreed != testEndpoint {
			t.Errorf("%s: expected local and a notice, found %+v", name, d)
		}
		sender.Dir, sender.Now = dir, clock()
		if _, err := sender.Send(context.Background()); !errors.Is(err, ErrNotOn) {
			t.Errorf("%s: expected ErrNotOn, found %v", name, err)
		}
	}
	if d := Decide(dir, "", env("PROBE_TELEMETRY_ENDPOINT", "http://example.com")); d.Mode != ModeLocal {
		t.Errorf("an endpoint that cannot be used: %+v", d)
	}
	// A file of before endpoints were written down holds for none.
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	old := strings.Replace(string(data), `  "endpoint": "`+testEndpoint+"\",\n", "", 1)
	if err := os.WriteFile(path, []byte(old), 0o600); err != nil || old == string(data) {
		t.Fatalf("%v, %s", err, data)
	}
	if d := Decide(dir, "", env()); d.Mode != ModeLocal || len(d.Notices) != 1 {
		t.Errorf("consent without an endpoint: %+v", d)
	}
	if in.seen != 0 {
		t.Errorf("%d requests reached an endpoint that nobody agreed to", in.seen)
	}
	if err := WriteConsent(dir, Consent{Mode: ModeOn}); err == nil {
		t.Error("expected an error for consent to an endpoint without a name")
	}
}

// While events are on their way to one endpoint the user agrees to another instead: the rest stays.
func TestEndpointChangedUnderWay(t *testing.T) {
	t.Parallel()
	in := newInbox(t, nil)
	r, s := sendingTo(t, in.URL)
	mustRecord(t, r, miniLM())
	mustRecord(t, r, miniLM())
	root, err := r.Dir.openData(false)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	if err := s.mayGoOn(root); err != nil {
		t.Fatal(err)
	}
	if err := WriteConsent(r.Dir, Consent{Mode: ModeOn, Endpoint: testEndpoint}); err != nil {
		t.Fatal(err)
	}
	if err := s.mayGoOn(root); !errors.Is(err, errTurnedOff) {
		t.Errorf("expected the sender to stop, found %v", err)
	}
}

// A private repository lies in the cache like a public one: its name goes out only if the user says so, and he is asked
// once.
func TestUnknownPublisherIsAskedAboutOnce(t *testing.T) {
	t.Parallel()
	r, _ := sendingTo(t, "http://127.0.0.1:9")
	secret := Facts{Origin: OriginHub, Model: "acme-corp/secret-project-x", Version: "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"}
	var asked []string
	for range 3 {
		e := mustRecord(t, r, secret)
		if m := e.Event.Metadata; m.ModelName != LocalModelName || m.ModelVersion != nil || strings.Contains(string(e.Event.Bytes()), "acme") {
			t.Errorf("the name is in the event: %s", e.Event.Bytes())
		}
		for _, n := range e.Notices {
			asked = append(asked, string(n.Code)+" "+n.Publisher)
		}
	}
	if want := []string{"name_withheld acme-corp"}; !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
	if list, err := Withheld(r.Dir); err != nil || !slices.Equal(list, []string{"acme-corp"}) {
		t.Errorf("withheld: %q, %v", list, err)
	}
	if err := WriteInclusions(r.Dir, Inclusions{"Acme-Corp"}); err != nil {
		t.Fatal(err)
	}
	if m := mustRecord(t, r, secret).Event.Metadata; m.ModelName != secret.Model || m.ModelVersion == nil {
		t.Errorf("included, but named %q", m.ModelName)
	}
	if list, err := Withheld(r.Dir); err != nil || len(list) != 0 {
		t.Errorf("withheld: %q, %v", list, err)
	}
}

// What was queued under a longer list, or by a version of probe that named everything, is not sent any more.
func TestQueuedNamesAreCheckedAgain(t *testing.T) {
	t.Parallel()
	in := newInbox(t, nil)
	r, s := sendingTo(t, in.URL)
	if err := WriteInclusions(r.Dir, Inclusions{"acme-corp", "secret"}); err != nil {
		t.Fatal(err)
	}
	for _, model := range []string{"acme-corp/secret-project-x", "BAAI/bge-m3", "secret", "gpt2"} {
		mustRecord(t, r, Facts{Origin: OriginHub, Model: model})
	}
	mustRecord(t, r, Facts{Origin: OriginEndpoint, Provider: "openai", Model: "text-embedding-3-small"})
	mustRecord(t, r, Facts{LocalPath: "/x"})
	if err := WriteInclusions(r.Dir, nil); err != nil {
		t.Fatal(err)
	}
	if result := mustSend(t, s); result != (SendResult{Sent: 4, Excluded: 2}) {
		t.Errorf("result %+v", result)
	}
	if sent := strings.Join(in.stored(), ""); strings.Contains(sent, "acme") || strings.Contains(sent, "secret") {
		t.Errorf("sent: %s", sent)
	}
}

func TestListsOfThePublicAreSorted(t *testing.T) {
	t.Parallel()
	for _, list := range [][]string{publicPublishers, publicModels} {
		if !slices.IsSorted(list) || len(slices.Compact(slices.Clone(list))) != len(list) {
			t.Errorf("not sorted, or something stands twice: %q", list)
		}
		for _, name := range list {
			if strings.ToLower(name) != name || !isModelName(name) {
				t.Errorf("%q cannot be found", name)
			}
		}
	}
}

// Neither the timestamp nor the event's id says when in the day somebody worked.
func TestNoTimeOfDayInAnEvent(t *testing.T) {
	t.Parallel()
	r := recorder(t)
	for _, at := range []time.Duration{0, time.Nanosecond, 7*time.Hour + 13*time.Minute + 17*time.Second + 123*time.Millisecond, 24*time.Hour - 1} {
		now := dayOf(testTime).Add(at)
		r.Now = func() time.Time { return now }
		r.Dir = NewDir(t.TempDir())
		m := mustRecord(t, r, miniLM()).Event.Metadata
		if m.Timestamp != "2026-11-23T00:00:00Z" {
			t.Errorf("at %s: timestamp %s", at, m.Timestamp)
		}
		if id := uuid.MustParse(*m.EventID); ticksOf(id) != uint64(dayOf(testTime).UnixMilli())<<12 {
			t.Errorf("at %s: event_id %s holds the time %s", at, id, timeOf(id))
		}
	}
	// A zone east of Greenwich is in another day.
	r.Now = func() time.Time {
		return time.Date(2026, 11, 24, 3, 0, 0, 0, time.FixedZone("", 9*3600))
	}
	if m := mustRecord(t, r, miniLM()).Event.Metadata; m.Timestamp != "2026-11-23T00:00:00Z" {
		t.Errorf("timestamp %s", m.Timestamp)
	}
}

// Each month has its own client id and its own key of local_path_hash, unless the user keeps them.
func TestClientIDIsRenewedMonthly(t *testing.T) {
	t.Parallel()
	for _, keepID := range []bool{false, true} {
		r := recorder(t)
		if err := WriteConsent(r.Dir, Consent{Mode: ModeLocal, KeepID: keepID}); err != nil {
			t.Fatal(err)
		}
		at := func(when string) (client, hash string) {
			r.Now = func() time.Time {
				now, err := time.Parse(time.RFC3339, when)
				if err != nil {
					t.Fatal(err)
				}
				return now
			}
			e := mustRecord(t, r, Facts{LocalPath: "/models/mine"}).Event
			return e.HWID, *e.Metadata.LocalPathHash
		}
		client, hash := at("2026-11-01T00:00:00Z")
		if c, h := at("2026-11-30T23:59:59Z"); c != client || h != hash {
			t.Errorf("keep %v: within a month the id stays", keepID)
		}
		if c, h := at("2026-12-01T00:00:00Z"); (c == client) != keepID || (h == hash) != keepID {
			t.Errorf("keep %v: a month later: client %v, hash %v", keepID, c == client, h == hash)
		}
		if c, _ := at("2027-12-01T00:00:00Z"); (c == client) != keepID {
			t.Errorf("keep %v: a year later: %v", keepID, c == client)
		}
		root, err := r.Dir.openData(false)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{clientIDFile, pathSecretFile} {
			if files := monthsOf(root, name); len(files) != 1 {
				t.Errorf("keep %v: expected one file, found %q", keepID, files)
			}
		}
		_ = root.Close()
		if id, err := ClientID(r.Dir); err != nil || id == nil || (*id == client) != keepID {
			t.Errorf("keep %v: client id %v, %v", keepID, id, err)
		}
	}
}
