package emit

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/google/uuid"
)

// EventName is the one kind of event that probe makes.
const EventName = "model_registration"

// DefaultClientType names probe among the programs that send to the same endpoint.
const DefaultClientType = "probe"

// MaxEventBytes bounds an event. No facts reach it; a longer file in the queue was not written by probe.
const MaxEventBytes = 4096

// Event is one object as it is queued and sent: the body of a POST to {base}/api/v1/telemetry.
type Event struct {
	HWID       string   `json:"hwid"` // the client id
	EventName  string   `json:"event_name"`
	AppVersion string   `json:"app_version"`
	ClientType string   `json:"client_type"`
	Metadata   Metadata `json:"metadata"`
}

// Identity is what an event has besides facts.
type Identity struct {
	ClientID   uuid.UUID
	EventID    uuid.UUID
	PathSecret []byte // key of local_path_hash; nil leaves the hash null
	AppVersion string
	ClientType string
	Time       time.Time           // the event holds its day
	Included   Inclusions          // what the user lets events name
	Getenv     func(string) string // for names of the user and the machine, which no event may hold; nil: os.Getenv
}

// NewEvent builds an event from facts; whatever does not fit its field is left out, so that it cannot fail.
func NewEvent(f Facts, id Identity) Event {
	if id.Getenv == nil {
		id.Getenv = os.Getenv
	}
	refused := ownWords(id.Getenv)
	e := Event{
		HWID:       id.ClientID.String(),
		EventName:  EventName,
		AppVersion: appVersion(id.AppVersion, refused),
		ClientType: clientType(id.ClientType, refused),
		Metadata:   newMetadata(f, id, refused),
	}
	if id.ClientID == uuid.Nil {
		e.HWID = ""
		return e
	}
	client, event := id.ClientID.String(), id.EventID.String()
	e.Metadata.ClientID, e.Metadata.EventID = &client, &event
	if f.Origin == OriginLocal && f.LocalPath != "" && id.PathSecret != nil {
		hash := hashPath(id.PathSecret, f.LocalPath)
		e.Metadata.LocalPathHash = &hash
	}
	return e
}

// Bytes is the event as it is queued and sent, without a line break inside and with one at its end.
func (e Event) Bytes() []byte {
	data, err := json.Marshal(e)
	if err != nil { // a struct of strings, numbers and lists
		panic(fmt.Sprintf("emit: event: %v", err))
	}
	return append(data, '\n')
}

// CheckClientType reports whether s can be a client_type: 1 to 40 lower-case letters, digits, `.`, `_` and `-`, beginning
// with a letter.
func CheckClientType(s string) error {
	ok := len(s) > 0 && len(s) <= 40 && s[0] >= 'a' && s[0] <= 'z'
	for i := range len(s) {
		c := s[i]
		ok = ok && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-')
	}
	if !ok {
		return fmt.Errorf("client type: expected up to 40 of a-z, 0-9, '.', '_' and '-' that begin with a letter, found %q", s)
	}
	return nil
}

func clientType(s string, refused words) string {
	if CheckClientType(s) != nil || refused.within(s) || looksSecret(s) {
		return DefaultClientType
	}
	return s
}

// appVersion accepts what looks like a semantic version (https://semver.org), else it returns 0.0.0.
func appVersion(s string, refused words) string {
	const unknown = "0.0.0"
	if len(s) > 64 || refused.within(s) || looksSecret(s) {
		return unknown
	}
	dots, i := 0, 0
	for ; i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] == '.'); i++ {
		if s[i] == '.' {
			dots++
		}
	}
	if i == 0 || s[0] == '.' || dots != 2 || i < len(s) && s[i] != '-' && s[i] != '+' {
		return unknown
	}
	for ; i < len(s); i++ {
		if c := s[i]; !isAlphanumeric(c) && c != '.' && c != '-' && c != '+' {
			return unknown
		}
	}
	return s
}
