// Package models goes from a REF to a model that returns vectors.
//
// Model (model.go) is what every model is: facts, inputs with a cost, vectors. What only some can do (tokens, token states,
// padding, images, providers) are capabilities, which As returns. Open (open.go) finds the files, reads the card, and opens
// the kind of model that they are, by one table of kinds. Encoder is a model on this machine: texts in, vectors out, exactly
// as sentence-transformers runs the pipeline of modules.json.
package models
