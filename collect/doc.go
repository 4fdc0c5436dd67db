// Package collect is the endpoint that probe and vector-inspector send their events to, for those who host their own: it
// takes events over HTTP, stores them durably before it acknowledges them, and shows what they say. The stores are in
// store, the registry of known models that is made of the events in registry, publishing in publish.
package collect
