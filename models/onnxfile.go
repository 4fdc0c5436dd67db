package models

import (
	"context"
	"path/filepath"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/onnx"
)

func (e *Encoder) openONNX(ctx context.Context, o Opening) error {
	path := o.Source.ONNXPath
	head, err := readGraph(path, o.Source.Caches)
	if err != nil {
		return err
	}
	e.info = Info{
		Parameters: head.Weights.Parameters, Bytes: head.Weights.Bytes, DType: head.Weights.DType,
		Files: []string{path}, QuantizesBatch: quantizesBatch(head),
	}
	for _, name := range head.ExternalFiles {
		e.info.Files = append(e.info.Files, filepath.Join(filepath.Dir(path), name))
	}
	if c := o.Card.Config; c != nil && c.ModelType != nil {
		e.info.ModelType = c.ModelType.Value
	}
	if err := e.manyVectors(); err != nil {
		return err
	}
	e.softmaxed = head.Softmaxed
	if err := e.openMain(ctx, o, towerGraph{Graph: graphOf(path, head, o.Source.Caches), head: head}); err != nil {
		return err
	}
	if !o.Card.ModulesDeclared {
		e.cautionClass(purposeOf(o.Card))
	}
	rows, width := head.TableIndexedBy(e.main.feeds.idsName())
	e.info.VocabularySize, e.tableWidth = int(rows), width
	if second := o.Source.VisionTower(); second != "" && e.info.Text && !e.info.Image {
		e.openSecond(func(ctx context.Context) (towerGraph, error) {
			head, err := readGraph(second, o.Source.Caches)
			if err != nil {
				return towerGraph{}, err
			}
			return towerGraph{Graph: graphOf(second, head, o.Source.Caches), head: head}, nil
		}, o)
	}
	return nil
}

// quantizesBatch reports whether a graph has an operator that takes scale and zero point from all values of a tensor, whose
// first axis is the batch. Static quantization has them in the file.
func quantizesBatch(head *onnx.Head) bool {
	for _, op := range []string{"DynamicQuantizeLinear", "com.microsoft:DynamicQuantizeMatMul", "com.microsoft:DynamicQuantizeLSTM"} {
		if head.Ops[op] > 0 {
			return true
		}
	}
	return false
}

// readGraph reads the head of an .onnx file and looks for its external data.
func readGraph(path string, caches []string) (*onnx.Head, error) {
	head, err := onnx.ReadHead(path)
	if err != nil {
		return nil, err
	}
	return head, onnx.CheckExternal(head, filepath.Dir(path), caches...)
}

// graphOf is an .onnx file as an engine opens it.
func graphOf(path string, head *onnx.Head, caches []string) engine.Graph {
	return engine.Graph{Path: path, Inputs: head.Inputs, Outputs: head.Outputs, Caches: caches}
}
