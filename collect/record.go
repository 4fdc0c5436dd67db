package collect

import (
	"encoding/json"
	"time"
)

// DefaultClientType is that of an event that names none: vector-inspector was the first to send here.
const DefaultClientType = "vector-inspector"

// Record is one event as it is stored: one line of an NDJSON segment, one row of the table events.
type Record struct {
	ReceivedAt time.Time       `json:"received_at"` // UTC, microseconds
	IP         string          `json:"ip,omitempty"`
	HWID       string          `json:"hwid"`
	EventName  string          `json:"event_name"`
	AppVersion string          `json:"app_version"`
	ClientType string          `json:"client_type"`
	Metadata   json.RawMessage `json:"metadata"` // an object; keys that are not known are kept
	// EventID is metadata's event_id; empty where the sender gave none, and then repeats cannot be told.
	EventID string `json:"-"`
}

// eventIDOf finds the event_id in metadata; "" where there is none, or no text.
func eventIDOf(metadata json.RawMessage) string {
	var m struct {
		EventID any `json:"event_id"`
	}
	if json.Unmarshal(metadata, &m) != nil {
		return ""
	}
	id, _ := m.EventID.(string)
	return id
}
