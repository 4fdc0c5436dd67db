// Package models goes from a model's files to its vectors.
//
// Open takes what models/source found and models/card read, makes a session on an engine, and gives an Encoder: tokens in,
// vectors out, exactly as sentence-transformers runs the pipeline of modules.json.
package models
