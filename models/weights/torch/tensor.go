package torch

import (
	"strings"

	"github.com/divinedevops/probe/models/tensor"
	"github.com/divinedevops/probe/models/weights/stored"
)

// storageTypes are the classes of storages, in the module torch.
var storageTypes = map[string]tensor.DType{
	"FloatStorage": tensor.Float32, "HalfStorage": tensor.Float16, "BFloat16Storage": tensor.BFloat16,
	"DoubleStorage": tensor.Float64, "LongStorage": tensor.Int64, "IntStorage": tensor.Int32,
	"ShortStorage": tensor.Int16, "CharStorage": tensor.Int8, "ByteStorage": tensor.Uint8, "BoolStorage": tensor.Bool,
}

// maxElements is far beyond any file and keeps products of two such numbers inside 64 bits.
const maxElements = 1 << 48

// storage is the numbers that one or more tensors are views of.
type storage struct {
	key   string
	dtype tensor.DType
	// count is its elements, base the first of them in the record: not 0 in files of torch before 0.4, which had views of
	// storages.
	count, base int64
	// record is where it lies.
	record *record
}

// record is a storage as the file has it.
type record struct {
	dtype  tensor.DType
	count  int64 // elements
	offset int64 // in the file
}

// tensorValue is a tensor: a row-major part of a storage.
type tensorValue struct {
	storage *storage
	first   int64 // element of the storage
	shape   []int64
}

// storageID are the members of a storage's persistent id: ("storage", class, key, location, count), and in streams a
// view of it.
type storageID struct {
	key   string
	dtype tensor.DType
	count int64
}

func parseStorageID(id tuple) (storageID, error) {
	if len(id) < 5 {
		return storageID{}, invalid("the pickle has a storage with %d members; expected at least 5", len(id))
	}
	class, isName := id[1].(global)
	dtype, isStorage := storageTypes[class.name]
	key, isText := id[2].(string)
	count, isNumber := id[4].(int64)
	switch {
	case !isName || !isStorage || class.module != "torch":
		return storageID{}, invalid("the pickle has a storage without a known class")
	case !isText:
		return storageID{}, invalid("the pickle has a storage whose key is not text")
	case !isNumber:
		return storageID{}, invalid("storage %q: the number of its elements is not an integer", quote(key))
	case count < 0:
		return storageID{}, invalid("storage %q: a negative number of elements, %d", quote(key), count)
	case count > maxElements:
		return storageID{}, tooLarge("storage %q: %d elements", quote(key), count)
	}
	return storageID{key, dtype, count}, nil
}

// makeTensor is _rebuild_tensor_v2(storage, first, size, stride, requires_grad, hooks), or the older one of four.
func makeTensor(args tuple) (any, error) {
	if len(args) < 4 {
		return nil, invalid("the pickle has a tensor of %d members; expected a storage, an offset, a size and a stride", len(args))
	}
	s, isStorage := args[0].(*storage)
	first, isNumber := args[1].(int64)
	if !isStorage || !isNumber {
		return nil, invalid("the pickle has a tensor without a storage or an offset")
	}
	shape, err := numbers(args[2], "size")
	if err != nil {
		return nil, err
	}
	stride, err := numbers(args[3], "stride")
	if err != nil {
		return nil, err
	}
	elements := int64(1)
	for _, n := range shape {
		if n < 0 {
			return nil, invalid("storage %q: a tensor of the size %v", quote(s.key), shape)
		}
		if n > 0 && elements > maxElements/n {
			return nil, tooLarge("storage %q: a tensor of the size %v", quote(s.key), shape)
		}
		elements *= n
	}
	switch {
	case len(stride) != len(shape):
		return nil, invalid("storage %q: a tensor of the size %v with the stride %v", quote(s.key), shape, stride)
	case elements > 0 && !rowMajor(shape, stride):
		return nil, unsupported("storage %q: a tensor of the size %v with the stride %v is a view that is not row-major "+
			"(transposed or expanded); in Python, save it with .contiguous()", quote(s.key), shape, stride)
	case first < 0 || first > s.count || elements > s.count-first:
		return nil, invalid("storage %q has %d elements; a tensor of the size %v at %d ends beyond", quote(s.key), s.count, shape, first)
	}
	return &tensorValue{storage: s, first: first, shape: shape}, nil
}

// rowMajor reports whether the elements lie one after the other. The stride of an axis of length 1 means nothing.
func rowMajor(shape, stride []int64) bool {
	next := int64(1)
	for i := len(shape) - 1; i >= 0; i-- {
		if shape[i] != 1 && stride[i] != next {
			return false
		}
		next *= shape[i]
	}
	return true
}

func numbers(v any, what string) ([]int64, error) {
	t, ok := v.(tuple)
	if !ok || len(t) > stored.MaxRank {
		return nil, invalid("the pickle has a tensor whose %s is not a tuple of at most %d numbers", what, stored.MaxRank)
	}
	out := make([]int64, len(t))
	for i, item := range t {
		if out[i], ok = item.(int64); !ok {
			return nil, invalid("the pickle has a tensor whose %s is not a tuple of numbers", what)
		}
	}
	return out, nil
}

// tensors are those of a state dict: of the dict itself, or of its member state_dict. What is not a tensor (an epoch, a
// version) is passed over.
func tensors(v any) ([]stored.Tensor, error) {
	d, ok := v.(*dict)
	if !ok {
		return nil, unsupported("its pickle is not a dict of tensors, as model.state_dict() is")
	}
	for _, p := range d.pairs {
		if inner, ok := p.value.(*dict); ok && p.key == "state_dict" {
			d = inner
			break
		}
	}
	var out []stored.Tensor
	seen := map[string]bool{}
	var others []string
	for _, p := range d.pairs {
		name, isText := p.key.(string)
		t, isTensor := p.value.(*tensorValue)
		switch {
		case !isTensor:
			others = append(others, name)
			continue
		case !isText:
			return nil, invalid("a tensor's name is not text")
		case seen[name]:
			return nil, invalid("the tensor %q comes twice", quote(name))
		}
		seen[name] = true
		out = append(out, t.stored(name))
	}
	if len(out) == 0 {
		return nil, unsupported("its pickle is a dict without tensors (%s)", quote("it has "+strings.Join(others, ", ")))
	}
	return out, nil
}

func (t *tensorValue) stored(name string) stored.Tensor {
	s := t.storage
	size := int64(s.dtype.Size())
	out := stored.Tensor{
		Name: name, DType: s.dtype, Type: s.dtype.String(), Shape: t.shape,
		Offset: s.record.offset + (s.base+t.first)*size,
	}
	out.Length = out.Elements() * size
	return out
}
