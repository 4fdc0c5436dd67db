package ort

import "github.com/divinedevops/probe/models/engine"

// CPUProvider is ONNX Runtime's name of the provider that every library has.
const CPUProvider = "CPUExecutionProvider"

// cpu is part of every session: it runs what no other provider takes, so there is nothing to ask for.
var cpu = provider{
	name: CPUProvider, title: "CPU", word: engine.CPU, deviceType: "cpu",
	ask: func(sessionOptions, string) error { return nil },
}
