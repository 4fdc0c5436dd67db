// Package event makes a telemetry event of a report, and is the one place that knows both: package probe knows nothing of
// telemetry, package emit nothing of reports.
//
// Record queues the event as far as the user's consent goes, Send sends what is queued. Both ask package emit for the
// consent; nothing is ever sent unless the user has turned sending on.
package event
