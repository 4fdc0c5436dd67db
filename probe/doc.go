// Package probe measures one embedding model: Measure finds it, opens it, runs the battery of package detect, and gathers
// the Report. It writes nothing and sends nothing; the command line does.
package probe
