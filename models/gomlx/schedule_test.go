package gomlx

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/gomlx/compute"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/enginetest"
	"github.com/divinedevops/probe/models/tensor"
)

func TestSequentialReachesTheBackend(t *testing.T) {
	t.Parallel()
	want, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	got, err := compute.NewWithConfig("go")
	if err != nil {
		t.Fatal(err)
	}
	if err := setSequential(got); err != nil {
		t.Fatal(err)
	}
	mode := func(b compute.Backend) int64 {
		return reflect.Indirect(reflect.ValueOf(b)).FieldByName("OpsExecutionType").Int()
	}
	if mode(got) != mode(want) {
		t.Errorf("expected execution type %d, found %d", mode(want), mode(got))
	}
}

// TestProductsSideBySide runs a graph of products none of which waits for another, on fewer workers: a GoMLX that starts
// them all at once never ends.
func TestProductsSideBySide(t *testing.T) {
	t.Parallel()
	const heads, size = 12, 64
	g := &enginetest.Graph{}
	g.Input("x", tensor.Float32, heads, size, size)
	sum, want := "x", float32(1)
	for i := range heads {
		term, product, next := fmt.Sprint("t", i), fmt.Sprint("p", i), fmt.Sprint("s", i)
		g.Constant(fmt.Sprint("c", i), tensor.NewFloat32([]float32{float32(i)}))
		g.Node("Add", []string{"x", fmt.Sprint("c", i)}, []string{term}) // GoMLX computes equal products once
		want += size * float32((1+i)*(1+i))
		if i == heads-1 {
			next = "y"
		}
		g.Node("MatMul", []string{term, term}, []string{product})
		g.Node("Add", []string{sum, product}, []string{next})
		sum = next
	}
	g.Output("y", tensor.Float32, heads, size, size)
	s, err := New().Open(t.Context(), g.Engine(""), engine.Options{Threads: 2, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ones := make([]float32, heads*size*size)
	for i := range ones {
		ones[i] = 1
	}
	in := []tensor.Named{{Name: "x", Tensor: tensor.NewFloat32(ones, heads, size, size)}}
	for range 20 {
		got, err := s.Run(t.Context(), in, []string{"y"})
		if err != nil {
			t.Fatal(err)
		}
		if v := got[0].F32[0]; v != want {
			t.Fatalf("expected %g, found %g", want, v)
		}
	}
}
