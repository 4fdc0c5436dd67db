// Package emit turns what a probe measured into an event, asks the user's consent what may become of it, keeps it in a
// queue on this machine and, only where the user said so, sends it.
//
// An event is built from an allowlist (Facts), never scrubbed out of a report. Where state lives is a Dir:
//
//	telemetry/consent.json     what the user decided, and when
//	telemetry/exclude.txt      models and publishers of which no event is made
//	telemetry/sender.lock      held by the one sender (an OS lock: it dies with its process)
//	telemetry/data/            all that `probe telemetry purge` removes:
//	  client_id                a random id, made with the first event
//	  path_secret              the key of local_path_hash; never leaves the machine
//	  queue/ID.CRC.json        one file an event: exactly the bytes that would be sent
//	  damaged/, rejected/      set aside: changed on disk; refused by the server
//	  sent.ndjson, send.json   what was sent; when the sender may try again
//
// The package knows nothing of models: the command hands the facts over.
package emit
