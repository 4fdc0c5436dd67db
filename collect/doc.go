// Package collect is the endpoint that probe and vector-inspector send their events to, for those who host their own:
// it takes events over HTTP, stores them durably before it acknowledges them, shows what they say, and turns them into
// vector-inspector's registry of known models.
package collect
