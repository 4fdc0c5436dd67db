package emit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/divinedevops/probe/internal/wholefile"
)

// FieldsVersion counts the sets of fields that an event may have. Whoever adds a field raises it, and consent given to
// an earlier set no longer covers sending: the user is asked again. A test holds the two together.
const FieldsVersion = 1

const consentFile = "consent.json"

// Consent is what the user decided: the content of telemetry/consent.json.
type Consent struct {
	Mode          Mode      `json:"mode"`
	Given         time.Time `json:"given"`
	FieldsVersion int       `json:"fields_version"` // the set of fields that was shown
	AppVersion    string    `json:"app_version"`
	Endpoint      string    `json:"endpoint"` // ModeOn: the URL that was shown, and no other; see Endpoint
	KeepID        bool      `json:"keep_id"`  // the client id stays, else each month has its own
	Note          string    `json:"note"`     // for a person who opens the file
}

// ReadConsent returns the user's decision, nil if there is none yet.
func ReadConsent(dir Dir) (*Consent, error) {
	root, err := dir.openTelemetry(false)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNoDir) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("consent: %w", err)
	}
	defer func() { _ = root.Close() }()
	data, err := readTrusted(root, consentFile, 64<<10)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("consent: %w", err)
	}
	c, err := parseConsent(data)
	if err != nil {
		return nil, fmt.Errorf("consent: %s: %w", consentFile, err)
	}
	return c, nil
}

// parseConsent takes the file as WriteConsent writes it and nothing else. Files of before endpoint and keep_id lack these.
func parseConsent(data []byte) (*Consent, error) {
	if _, err := exactObject(data, []string{"mode", "given", "fields_version", "app_version", "note"},
		[]string{"endpoint", "keep_id"}); err != nil {
		return nil, err
	}
	var c Consent
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, err
	}
	if _, err := ParseMode(string(c.Mode)); err != nil {
		return nil, fmt.Errorf("mode: %w", err)
	}
	return &c, nil
}

// WriteConsent records a decision, given now for this version's fields, durably; from then on every process obeys it, a
// sender under way included.
func WriteConsent(dir Dir, c Consent) error {
	if c.Mode == ModeOn && c.Endpoint == "" {
		return errors.New("consent: on holds for one endpoint, and none is named")
	}
	root, err := dir.openTelemetry(true)
	if err != nil {
		return fmt.Errorf("consent: %w", err)
	}
	defer func() { _ = root.Close() }()
	if c.Given.IsZero() {
		c.Given = time.Now()
	}
	c.Given, c.FieldsVersion = c.Given.UTC().Truncate(time.Second), FieldsVersion
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(c); err != nil {
		return fmt.Errorf("consent: %w", err)
	}
	if err := wholefile.WriteIn(root, consentFile, out.Bytes()); err != nil {
		return fmt.Errorf("consent: %w", err)
	}
	return nil
}
