package onnx

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
	"github.com/divinedevops/probe/models/tensor"
)

// Head is what an ONNX file says about itself, without its weights.
type Head struct {
	// Inputs are the graph's inputs without those that an initializer fills; Outputs its outputs. Both in file order.
	Inputs, Outputs []tensor.Info
	// Ops counts nodes by operator, subgraphs and functions included: "MatMul", "com.microsoft:Attention".
	Ops map[string]int
	// Functions are the model-local functions, spelled as in Ops. Calls of them need no kernel.
	Functions []string
	// Nodes counts the nodes of all graphs and functions.
	Nodes int
	// Tensors is every tensor that holds data: initializers, and constants in nodes.
	Tensors []TensorHead
	// Weights sums the tensors up.
	Weights Weights
	// ExternalFiles are the distinct locations of external data as the file writes them, sorted. See CheckExternal.
	ExternalFiles []string

	// What TableIndexedBy follows.
	gathers []gather
	sameAs  map[string]string

	// What Reads, Downstream, Softmaxed and IsPooler follow.
	flow flow
}

// TensorHead describes one tensor that holds data.
type TensorHead struct {
	// Name is the initializer's, or the first output of the node that holds the constant.
	Name  string
	DType tensor.DType
	Dims  []int64
	// Bytes is the size of the elements as ONNX packs them, whatever the file spends on them.
	Bytes int64
	// External is where the data are; nil if they are inside the file. Its Length is -1 where the file does not say.
	External *External
	// Constant marks the value of a node's attribute.
	Constant bool
}

// Elements is the product of the dimensions.
func (t TensorHead) Elements() int64 {
	n := int64(1)
	for _, d := range t.Dims {
		n *= d
	}
	return n
}

// ReadHead reads the head of an .onnx file; weights are passed over by seeking, so it costs a millisecond for a file of
// any size, and hostile files are bounded in time and memory (see the max... constants).
//
// Errors are *failure.Error of stage load: KindNotFound, KindEmptyFile, KindTruncated, KindInvalidFormat (whose message
// names what the file is instead, where that can be told), KindUnsupportedFormat for ONNX Runtime's own .ort format,
// KindTooLarge.
//
// Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3.
func ReadHead(path string) (*Head, error) {
	f, err := folder.OpenRegular(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, failure.Errorf(failure.StageLoad, failure.KindNotFound, "expected an ONNX file: %w", err)
	}
	if err != nil {
		return nil, failure.Errorf(failure.StageLoad, failure.KindInvalidFormat, "cannot read %s: %w", path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, failure.Errorf(failure.StageLoad, failure.KindInvalidFormat, "cannot read %s: %w", path, err)
	}
	return ReadHeadFrom(f, info.Size(), path)
}

// ReadHeadFrom is ReadHead for size bytes of r; name is what messages call them.
func ReadHeadFrom(r io.ReaderAt, size int64, name string) (*Head, error) {
	if size == 0 {
		return nil, failure.Errorf(failure.StageLoad, failure.KindEmptyFile, "%s is empty (0 bytes)", name)
	}
	if kind, what := foreign(r, size); what != "" {
		return nil, failure.Errorf(failure.StageLoad, kind, "%s is not an ONNX file: it %s", name, what)
	}
	p := newParser(r, size)
	if err := p.model(); err != nil {
		return nil, p.failure(name, err)
	}
	return p.finish(), nil
}

// failure returns a parsing error its kind. A file that was cut still begins as ONNX files do, so what ran past its end
// before any such beginning is no ONNX at all.
func (p *parser) failure(name string, err error) error {
	switch {
	case errors.Is(err, errTooLarge):
		return failure.Errorf(failure.StageLoad, failure.KindTooLarge, "%s: %w", name, err)
	case errors.Is(err, errTruncated) && p.plausible:
		return failure.Errorf(failure.StageLoad, failure.KindTruncated,
			"%s was cut off: it has %d bytes and its graph goes on; copy or download it again", name, p.w.size)
	case errors.Is(err, errTruncated):
		err = fmt.Errorf("its first bytes are not those of an ONNX model")
	}
	return failure.Errorf(failure.StageLoad, failure.KindInvalidFormat, "%s is not a valid ONNX file: %w", name, err)
}

// InputNames are the names of Inputs.
func (h *Head) InputNames() []string { return names(h.Inputs) }

// OutputNames are the names of Outputs.
func (h *Head) OutputNames() []string { return names(h.Outputs) }

func names(infos []tensor.Info) []string {
	out := make([]string, len(infos))
	for i, info := range infos {
		out[i] = info.Name
	}
	return out
}

// RequiredOps are the operators that an engine must have kernels for, spelled as in Ops, sorted.
func (h *Head) RequiredOps() []string {
	var out []string
	for op := range h.Ops {
		if !slices.Contains(h.Functions, op) {
			out = append(out, op)
		}
	}
	slices.Sort(out)
	return out
}

// opKey is how Ops spells an operator. "" and "ai.onnx" are the same domain.
func opKey(domain, op string) string {
	if domain == "" || domain == "ai.onnx" {
		return op
	}
	return strings.Join([]string{domain, op}, ":")
}
