package emit

import "time"

// NoticeCode is something that the user should know, in one word; whoever shows it makes the sentence.
type NoticeCode string

// The codes, with the fields of Notice that each uses.
const (
	NoticeConsentUnreadable NoticeCode = "consent_unreadable" // Err: the decision cannot be read, so telemetry is off
	NoticeMoreFields        NoticeCode = "more_fields"        // Since: consent of that day covers fewer fields than there are now
	NoticeEnvironment       NoticeCode = "environment"        // Err: PROBE_TELEMETRY has no meaning, so telemetry is off
	NoticeQueueFull         NoticeCode = "queue_full"         // Count: so many of the oldest events made room
	NoticeNotRecorded       NoticeCode = "not_recorded"       // Err: the event could not be queued
)

// Notice is something that the user should know.
type Notice struct {
	Code  NoticeCode
	Err   error
	Count int
	Since time.Time
}

// NoticeCodes lists the codes.
func NoticeCodes() []NoticeCode {
	return []NoticeCode{
		NoticeConsentUnreadable, NoticeMoreFields, NoticeEnvironment, NoticeQueueFull, NoticeNotRecorded,
	}
}
