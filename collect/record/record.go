// Package record holds the collected event as every store keeps it.
package record

import (
	"crypto/sha256"
	"encoding/json"
	"time"
)

// DefaultClientType is the client_type of an event that has none: vector-inspector was the first to send here.
const DefaultClientType = "vector-inspector"

// ModelRegistration is the event_name of a measured model. Only these events count in the survey.
const ModelRegistration = "model_registration"

// Record is one stored event: one line of an NDJSON segment, one row of the table events.
type Record struct {
	ReceivedAt time.Time       `json:"received_at"` // UTC, microseconds
	IP         string          `json:"ip,omitempty"`
	Network    string          `json:"network,omitempty"` // keyed hash of the sender's network, see package collect
	HWID       string          `json:"hwid"`
	EventName  string          `json:"event_name"`
	AppVersion string          `json:"app_version"`
	ClientType string          `json:"client_type"`
	Metadata   json.RawMessage `json:"metadata"` // an object; unknown keys are kept
	// EventID is metadata's event_id, "" if the sender gave none; repeats cannot be detected then.
	EventID string `json:"-"`
}

// EventIDOf returns the event_id in metadata, "" if there is none or it is not a string.
func EventIDOf(metadata json.RawMessage) string {
	var m struct {
		EventID any `json:"event_id"`
	}
	if json.Unmarshal(metadata, &m) != nil {
		return ""
	}
	id, _ := m.EventID.(string)
	return id
}

// Key stands for an event_id, or a whole line, in little memory: half of its SHA-256.
type Key [16]byte

// KeyOf returns the key of a text.
func KeyOf(text string) Key {
	sum := sha256.Sum256([]byte(text))
	return Key(sum[:16])
}
