package ort

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"github.com/divinedevops/probe/models/engine"
)

// profileEvent is what is read of an event of ONNX Runtime's profile, a JSON array in Chrome's trace event format.
type profileEvent struct {
	Category string `json:"cat"`
	Args     struct {
		Provider string `json:"provider"`
	} `json:"args"`
}

// countProviders reads a profile and counts, by execution provider, how often a node was executed. It streams: a
// profile holds one event for every node of every run.
func countProviders(r io.Reader) (engine.Provider, error) {
	dec := json.NewDecoder(bufio.NewReaderSize(r, 1<<16))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('[') {
		return engine.Provider{}, fmt.Errorf("expected ONNX Runtime's profile to be a JSON array, found %v (%w)", tok, err)
	}
	nodes := map[string]int{}
	for dec.More() {
		var e profileEvent
		if err := dec.Decode(&e); err != nil {
			return engine.Provider{}, fmt.Errorf("expected an event in ONNX Runtime's profile: %w", err)
		}
		if e.Category == "Node" && e.Args.Provider != "" {
			nodes[e.Args.Provider]++
		}
	}
	p := engine.Provider{Nodes: nodes}
	for name, n := range nodes {
		if most := nodes[p.Name]; n > most || n == most && name < p.Name {
			p.Name = name
		}
	}
	if p.Name == "" {
		return engine.Provider{}, fmt.Errorf("expected executed nodes in ONNX Runtime's profile, found none")
	}
	p.DeviceType = providers.deviceType(p.Name)
	return p, nil
}
