package graph

import (
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
	"github.com/divinedevops/probe/models/weights"
	"github.com/divinedevops/probe/models/weights/stored"
)

// value is the name of a tensor in the graph.
type value string

// none is an optional input left out.
const none value = ""

// builder adds nodes to a graph and takes weights from a set. The first error stays; nothing useful
// happens after it, so builders need not check at each step, but loops over layers stop on it.
type builder struct {
	out    *onnx.Builder
	set    *weights.Set
	prefix string
	used   map[string]bool
	params map[string]value
	consts map[string]value
	count  int
	err    error

	ids   value // input_ids, batch x sequence
	mask  value // attention_mask, batch x sequence
	shape value // [batch, sequence]
	seq   value // [sequence]
}

// newBuilder finds the prefix that the file's tensors have before the family's names.
func newBuilder(fam family, set *weights.Set) (*builder, error) {
	b := &builder{
		out: newOut(), set: set, used: map[string]bool{}, params: map[string]value{}, consts: map[string]value{},
	}
	var found []string
	for _, p := range fam.prefixes {
		if _, ok := set.Lookup(p + fam.anchor); ok {
			found = append(found, p)
		}
	}
	switch len(found) {
	case 0:
		return nil, failure.Errorf(failure.StageLoad, failure.KindMissingTensor,
			"%s: expected a tensor %q (or with one of the prefixes %q before it), found none",
			set.Path(), fam.anchor, fam.prefixes)
	case 1:
		b.prefix = found[0]
		return b, nil
	}
	return nil, failure.Errorf(failure.StageLoad, failure.KindInvalidFormat,
		"%s: tensor %q is there with the prefixes %q; expected one model in a file", set.Path(), fam.anchor, found)
}

func (b *builder) fail(kind failure.Kind, format string, args ...any) {
	if b.err == nil {
		b.err = failure.Errorf(failure.StageLoad, kind, format, args...)
	}
}

// leftOver lists the tensors that no node uses and that are not known leftovers. transformers leaves such tensors out with a
// warning: parts of other heads, and layers beyond the number that config.json has. If the model follows code that is not
// in transformers they are refused, because they may be what that code has more of.
func (b *builder) leftOver(leftovers []string, ownCode bool) (left []string, err error) {
	for _, name := range b.set.Names() {
		if b.used[name] {
			continue
		}
		known := slices.ContainsFunc(leftovers, func(pattern string) bool {
			whole, _ := path.Match(pattern, name)
			short, _ := path.Match(pattern, strings.TrimPrefix(name, b.prefix))
			return whole || short
		})
		if !known && !ownCode {
			left = append(left, name)
			continue
		}
		if !known {
			return nil, failure.Errorf(failure.StageLoad, failure.KindInvalidConfig,
				"tensor %q is in the weights, but the architecture that config.json describes has no place for it", name)
		}
	}
	return left, nil
}

// op adds a node with one output and returns that output's name.
func (b *builder) op(op string, inputs []value, attrs ...onnx.Attr) value {
	b.count++
	out := value(fmt.Sprintf("%s_%d", strings.ToLower(op), b.count))
	b.node(op, inputs, out, attrs...)
	return out
}

func (b *builder) node(op string, inputs []value, out value, attrs ...onnx.Attr) {
	names := make([]string, len(inputs))
	for i, in := range inputs {
		names[i] = string(in)
	}
	b.out.Node(op, names, []string{string(out)}, attrs...)
}

// lookup finds a weight by the first of the names that is there (prefix put before it), checks its shape and marks it.
func (b *builder) lookup(shape []int64, names ...string) (stored.Tensor, bool) {
	for _, name := range names {
		t, ok := b.set.Lookup(b.prefix + name)
		if !ok {
			continue
		}
		if !slices.Equal(t.Shape, shape) {
			b.fail(failure.KindInvalidConfig, "tensor %q has shape %v, where config.json leads to %v", t.Name, t.Shape, shape)
			return t, false
		}
		if t.DType != tensor.Float32 && t.DType != tensor.Float16 && t.DType != tensor.BFloat16 {
			b.fail(failure.KindUnsupportedModel,
				"tensor %q is %s; graphs are built for float32, float16 and bfloat16 weights", t.Name, t.Type)
			return t, false
		}
		b.used[t.Name] = true
		return t, true
	}
	b.fail(failure.KindMissingTensor, "the weights have no tensor %q (shape %v), which the architecture needs",
		b.prefix+names[0], shape)
	return stored.Tensor{}, false
}

// has reports whether the weights have a tensor of this name.
func (b *builder) has(name string) bool {
	_, ok := b.set.Lookup(b.prefix + name)
	return ok
}

// stored is a weight in the type it is stored in. Older files have other names for some weights; the first found
// counts.
func (b *builder) stored(shape []int64, names ...string) (value, tensor.DType) {
	t, ok := b.lookup(shape, names...)
	if !ok {
		return none, tensor.Float32
	}
	v := value(t.Name)
	if _, ok := b.params["stored "+t.Name]; !ok {
		b.initializer(t)
		b.params["stored "+t.Name] = v
	}
	return v, t.DType
}

// initializer adds a weight: the place of its bytes, or the bytes themselves if no file holds them as they are.
func (b *builder) initializer(t stored.Tensor) {
	i := onnx.Initializer{Name: t.Name, DType: t.DType, Shape: t.Shape}
	if t.Make == nil {
		i.External = onnx.External{Location: b.set.Location(t.File), Offset: t.Offset, Length: t.Length}
	} else {
		raw, err := weights.Raw(t)
		if err != nil && b.err == nil {
			b.err = err
		}
		i.Raw = raw
	}
	b.out.Initializer(i)
}

// param is a weight as float32.
func (b *builder) param(shape []int64, names ...string) value {
	v, dtype := b.stored(shape, names...)
	if dtype == tensor.Float32 {
		return v
	}
	if cast, ok := b.params[string(v)]; ok {
		return cast
	}
	cast := b.toFloat32(v)
	b.params[string(v)] = cast
	return cast
}

func (b *builder) toFloat32(v value) value {
	return b.op("Cast", []value{v}, onnx.Int("to", int64(tensor.Float32)))
}

func (b *builder) toInt64(v value) value {
	return b.op("Cast", []value{v}, onnx.Int("to", int64(tensor.Int64)))
}

// ints is a constant list of integers.
func (b *builder) ints(values ...int64) value {
	return b.constant(fmt.Sprintf("const_ints_%v", values), func(name string) {
		b.out.Int64s(name, []int64{int64(len(values))}, values...)
	})
}

// int is a constant integer scalar.
func (b *builder) int(v int64) value {
	return b.constant(fmt.Sprintf("const_int_%d", v), func(name string) { b.out.Int64s(name, nil, v) })
}

// float is a constant float32 scalar.
func (b *builder) float(v float64) value {
	return b.constant(fmt.Sprintf("const_float_%x", math.Float32bits(float32(v))), func(name string) {
		b.out.Float32s(name, nil, float32(v))
	})
}

func (b *builder) constant(name string, add func(name string)) value {
	if v, ok := b.consts[name]; ok {
		return v
	}
	clean := strings.NewReplacer(" ", "_", "[", "", "]", "").Replace(name)
	add(clean)
	b.consts[name] = value(clean)
	return value(clean)
}

func (b *builder) add(x, y value) value { return b.op("Add", []value{x, y}) }
func (b *builder) sub(x, y value) value { return b.op("Sub", []value{x, y}) }
func (b *builder) mul(x, y value) value { return b.op("Mul", []value{x, y}) }
func (b *builder) div(x, y value) value { return b.op("Div", []value{x, y}) }

// unsqueeze inserts axes of length 1.
func (b *builder) unsqueeze(x value, axes ...int64) value {
	return b.op("Unsqueeze", []value{x, b.ints(axes...)})
}

// reshape takes a shape value such as one of b.ints or b.dims.
func (b *builder) reshape(x, shape value) value { return b.op("Reshape", []value{x, shape}) }

func (b *builder) transpose(x value, perm ...int64) value {
	return b.op("Transpose", []value{x}, onnx.Ints("perm", perm...))
}

// slice takes [start, end) of one axis.
func (b *builder) slice(x value, axis, start, end int64) value {
	return b.op("Slice", []value{x, b.ints(start), b.ints(end), b.ints(axis)})
}

// dims is the shape [batch, sequence, rest...].
func (b *builder) dims(rest ...int64) value {
	key := fmt.Sprintf("dims %v", rest)
	if v, ok := b.consts[key]; ok {
		return v
	}
	v := b.op("Concat", []value{b.shape, b.ints(rest...)}, onnx.Int("axis", 0))
	b.consts[key] = v
	return v
}
