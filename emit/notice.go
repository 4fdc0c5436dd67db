package emit

import "time"

// NoticeCode is something that the user should know, in one word; whoever shows it makes the sentence.
type NoticeCode string

// The codes, with the fields of Notice that each uses.
const (
	NoticeConsentUnreadable NoticeCode = "consent_unreadable" // Err: the decision cannot be trusted, so telemetry is off
	NoticeMoreFields        NoticeCode = "more_fields"        // Since: consent of that day covers fewer fields than there are now
	NoticeOtherEndpoint     NoticeCode = "other_endpoint"     // Endpoint, Agreed: consent was given for another endpoint
	NoticeEndpointUnusable  NoticeCode = "endpoint_unusable"  // Err: there is no endpoint to send to
	NoticeEnvironment       NoticeCode = "environment"        // Err: PROBE_TELEMETRY has no meaning, so telemetry is off
	NoticeQueueFull         NoticeCode = "queue_full"         // Count: so many of the oldest events made room
	NoticeNotRecorded       NoticeCode = "not_recorded"       // Err: the event could not be queued
	NoticeNameWithheld      NoticeCode = "name_withheld"      // Publisher: not known to be public, so events say `local`
	NoticeInclusions        NoticeCode = "inclusions"         // Err: the publishers that the user included cannot be read
)

// NoticeCodes lists the codes.
func NoticeCodes() []NoticeCode {
	return []NoticeCode{
		NoticeConsentUnreadable, NoticeMoreFields, NoticeOtherEndpoint, NoticeEndpointUnusable, NoticeEnvironment,
		NoticeQueueFull, NoticeNotRecorded, NoticeNameWithheld, NoticeInclusions,
	}
}

// Notice is something that the user should know.
type Notice struct {
	Code      NoticeCode
	Err       error
	Count     int
	Since     time.Time
	Endpoint  string // that events would go to
	Agreed    string // the endpoint that the user agreed to
	Publisher string
}
