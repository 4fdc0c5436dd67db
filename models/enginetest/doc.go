// Package enginetest is the one test suite that every engine passes; see Conformance. To add an engine, implement
// engine.Engine and engine.Session and call Conformance from the new package's test.
package enginetest
