// Package library finds the ONNX Runtime shared library on this machine, and installs a pinned one.
//
// Nothing is loaded: the version is read from the library's file, so that one that is too old is passed over before it
// can do harm. It is pure Go; models/ort loads what was found.
package library
