// Package emit makes an event of facts, keeps it in a queue on this machine as far as the user's consent goes and, only if
// the user said so, sends it.
//
// An event is built from an allowlist (Facts), never scrubbed out of a report. Where state lives is a Dir:
//
//	telemetry/consent.json     what the user decided, and when
//	telemetry/exclude.txt      models and publishers of which no event is made
//	telemetry/sender.lock      held by the one sender (an OS lock: it dies with its process)
//	telemetry/data/            all that Purge removes:
//	  client_id                a random id, made with the first event
//	  path_secret              the key of local_path_hash; never leaves the machine
//	  queue/ID.CRC.json        one file an event: exactly the bytes that would be sent
//	  damaged/, rejected/      set aside: changed on disk; refused by the server
//	  sent.ndjson, send.json   what was sent; when the sender may try again
//
// The package knows nothing of models and reports: package event makes the facts.
package emit
